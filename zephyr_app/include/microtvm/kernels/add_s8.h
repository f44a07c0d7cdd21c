/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sums and differences of two int8 tensors of the same shape, as TFLite
 * rescales them. microtvm/compiler/packing_add.py makes the parameters, words:
 * of each operand five, unit, offset, multiplier, addend and shift; of the
 * output three, multiplier, addend and shift.
 *
 * The fast form multiplies doubled numbers and shifts to the right, as
 * rescale.h tells; the other one takes any scale, and its addends are added at
 * the end.
 */
#ifndef MICROTVM_KERNELS_ADD_S8_H_
#define MICROTVM_KERNELS_ADD_S8_H_

#include "microtvm/kernels/clamp.h"
#include "microtvm/kernels/rescale.h"

/* The parameters, as they are packed. In local variables: bytes that are stored may be anything. */
struct microtvm_add_operand {
	int32_t unit, offset, multiplier, addend, shift;
};

struct microtvm_add_output {
	int32_t multiplier, addend, shift;
};

struct microtvm_add_parameters {
	struct microtvm_add_operand first, second;
	struct microtvm_add_output out;
};

/* Elements that are rescaled at once; room for them is on the stack. */
#define MICROTVM_ADD_CHUNK 32

/* A multiple that was doubled, with an addend, shifted to the right. */
static inline int32_t microtvm_add_scaled(int32_t doubled, int32_t multiplier, int32_t addend,
					  int32_t shift)
{
	return microtvm_smmlar(doubled, multiplier, addend + (doubled >> 31)) >> shift;
}

static inline int32_t microtvm_add_from(int32_t x, struct microtvm_add_operand operand, int is_fast)
{
	x = x * operand.unit + operand.offset;
	if (is_fast) {
		return microtvm_add_scaled(x, operand.multiplier, operand.addend, operand.shift);
	}
	return microtvm_requantize(x, operand.multiplier, operand.shift) + operand.addend;
}

static inline int8_t microtvm_add_to(int32_t sum, struct microtvm_add_output out, int is_fast)
{
	int32_t x = is_fast ? microtvm_add_scaled(2 * sum, out.multiplier, out.addend, out.shift)
			    : microtvm_requantize(sum, out.multiplier, out.shift) + out.addend;

	return microtvm_saturate_s8(x);
}

static inline void microtvm_add_first(int32_t *scaled, const int8_t *data,
				      const struct microtvm_add_operand *parameters, int32_t count,
				      int is_fast)
{
	const struct microtvm_add_operand operand = *parameters;

#pragma GCC unroll 4
	for (int32_t i = 0; i < count; i++) {
		scaled[i] = microtvm_add_from(data[i], operand, is_fast);
	}
}

static inline void microtvm_add_second(int8_t *out, const int32_t *scaled, const int8_t *data,
				       const struct microtvm_add_parameters *parameters,
				       int32_t count, int subtract, int is_fast)
{
	const struct microtvm_add_operand operand = parameters->second;
	const struct microtvm_add_output output = parameters->out;
	const int32_t *end = scaled + count;

	while (scaled < end) {
		int32_t x = microtvm_add_from(*data++, operand, is_fast);
		int32_t first = *scaled++;

		*out++ = microtvm_add_to(subtract ? first - x : first + x, output, is_fast);
	}
}

/* The last two arguments are constants where it is called. */
static inline void microtvm_add_run(int8_t *out, const int8_t *first, const int8_t *second,
				    const int32_t *packed, int32_t count, int subtract, int is_fast)
{
	const struct microtvm_add_parameters *parameters =
		(const struct microtvm_add_parameters *)packed;
	int32_t scaled[MICROTVM_ADD_CHUNK];

	while (count > 0) {
		int32_t chunk = count < MICROTVM_ADD_CHUNK ? count : MICROTVM_ADD_CHUNK;

		microtvm_add_first(scaled, first, &parameters->first, chunk, is_fast);
		microtvm_add_second(out, scaled, second, parameters, chunk, subtract, is_fast);
		first += chunk;
		second += chunk;
		out += chunk;
		count -= chunk;
	}
}

/*
 * microtvm_<add or subtract>_s8_<fast or any>(...): the output may be one of
 * the operands.
 */
#define MICROTVM_DEFINE_ADD(name, subtract, form, is_fast)                                         \
	static __attribute__((noinline, unused)) void microtvm_##name##_s8_##form(                 \
		int8_t *out, const int8_t *first, const int8_t *second, const int32_t *parameters, \
		int32_t count, int32_t low, int32_t high)                                          \
	{                                                                                          \
		microtvm_add_run(out, first, second, parameters, count, subtract, is_fast);        \
		microtvm_clamp_s8(out, count, (struct microtvm_clamp){(int8_t)low, (int8_t)high}); \
	}

MICROTVM_DEFINE_ADD(add, 0, fast, 1)
MICROTVM_DEFINE_ADD(add, 0, any, 0)
MICROTVM_DEFINE_ADD(subtract, 1, fast, 1)
MICROTVM_DEFINE_ADD(subtract, 1, any, 0)

#endif /* MICROTVM_KERNELS_ADD_S8_H_ */
