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

#define MICROTVM_ADD_OPERAND_WORDS 5

/* Elements that are rescaled at once; room for them is on the stack. */
#define MICROTVM_ADD_CHUNK 32

/* A multiple that was doubled, with an addend, shifted to the right. */
static inline int32_t microtvm_add_scaled(int32_t doubled, int32_t multiplier, int32_t addend,
					  int32_t shift)
{
	return microtvm_smmlar(doubled, multiplier, addend + (doubled >> 31)) >> shift;
}

static inline int32_t microtvm_add_operand(int32_t x, const int32_t *parameters, int is_fast)
{
	x = x * parameters[0] + parameters[1];
	if (is_fast) {
		return microtvm_add_scaled(x, parameters[2], parameters[3], parameters[4]);
	}
	return microtvm_requantize(x, parameters[2], parameters[4]) + parameters[3];
}

static inline int8_t microtvm_add_output(int32_t sum, const int32_t *parameters, int is_fast)
{
	if (is_fast) {
		return microtvm_saturate_s8(
			microtvm_add_scaled(2 * sum, parameters[0], parameters[1], parameters[2]));
	}
	return microtvm_saturate_s8(microtvm_requantize(sum, parameters[0], parameters[2]) +
				    parameters[1]);
}

/* The last two arguments are constants where it is called. */
static inline void microtvm_add_run(int8_t *out, const int8_t *first, const int8_t *second,
				    const int32_t *parameters, int32_t count, int subtract,
				    int is_fast)
{
	const int32_t *second_parameters = parameters + MICROTVM_ADD_OPERAND_WORDS;
	const int32_t *out_parameters = second_parameters + MICROTVM_ADD_OPERAND_WORDS;
	int32_t scaled[MICROTVM_ADD_CHUNK];

	while (count > 0) {
		int32_t chunk = count < MICROTVM_ADD_CHUNK ? count : MICROTVM_ADD_CHUNK;

#pragma GCC unroll 4
		for (int32_t i = 0; i < chunk; i++) {
			scaled[i] = microtvm_add_operand(first[i], parameters, is_fast);
		}
#pragma GCC unroll 2
		for (int32_t i = 0; i < chunk; i++) {
			int32_t x = microtvm_add_operand(second[i], second_parameters, is_fast);

			x = subtract ? scaled[i] - x : scaled[i] + x;
			out[i] = microtvm_add_output(x, out_parameters, is_fast);
		}
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
