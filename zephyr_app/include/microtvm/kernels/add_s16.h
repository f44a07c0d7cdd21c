/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sums and differences of two int16 tensors of the same shape, exactly as TFLite
 * rescales them: both operands, shifted left by 15, to one scale, and their sum
 * to that of the output. microtvm/compiler/packing_add_int16.py makes the
 * parameters, words: of the first operand, of the second one and of the output.
 *
 *   fast: all three are shifted to the right; see microtvm_add_scaled()
 *   any:  TFLite's steps, for any scales and any shift to the left
 */
#ifndef MICROTVM_KERNELS_ADD_S16_H_
#define MICROTVM_KERNELS_ADD_S16_H_

#include "microtvm/kernels/clamp_s16.h"
#include "microtvm/kernels/requantize.h"
#include "microtvm/kernels/simd.h"

/* The parameters of the fast form; addend and mask are 0 where nothing is shifted. */
struct microtvm_add_scale {
	int32_t multiplier, addend, mask, shift;
};

struct microtvm_add_s16 {
	struct microtvm_add_scale first, second, output;
};

/* Those of the other one. */
struct microtvm_add_any_s16 {
	struct {
		int32_t multiplier, shift;
	} first, second, output;
	int32_t left;
};

/*
 * A number that was doubled, rescaled: RoundingDivideByPOT(x, shift) is
 * (x + 2^(shift - 1) - (x < 0)) >> shift. A negative number whose x is 0 may be
 * taken for a negative x: the shift absorbs it.
 */
static inline int32_t microtvm_add_scaled(int32_t doubled, const struct microtvm_add_scale *by)
{
	int32_t addend = by->addend + ((doubled >> 31) & by->mask);

	return microtvm_smmlar(doubled, by->multiplier, addend) >> by->shift;
}

/* One element; the meanings of the kernels call these, too. The last argument is a constant. */
static inline int16_t microtvm_add_element_s16(int16_t first, int16_t second,
					       const int32_t *parameters, int subtract)
{
	const struct microtvm_add_s16 *add = (const struct microtvm_add_s16 *)parameters;
	int32_t a = microtvm_add_scaled((int32_t)((uint32_t)first << 16), &add->first);
	int32_t b = microtvm_add_scaled((int32_t)((uint32_t)second << 16), &add->second);

	return microtvm_saturate_s16(
		microtvm_add_scaled(2 * (subtract ? a - b : a + b), &add->output));
}

static inline int16_t microtvm_add_element_any_s16(int16_t first, int16_t second,
						   const int32_t *parameters, int subtract)
{
	const struct microtvm_add_any_s16 *add = (const struct microtvm_add_any_s16 *)parameters;
	int32_t unit = (int32_t)(UINT32_C(1) << add->left);
	int32_t a = microtvm_requantize(first * unit, add->first.multiplier, add->first.shift);
	int32_t b = microtvm_requantize(second * unit, add->second.multiplier, add->second.shift);

	return microtvm_saturate_s16(microtvm_requantize(
		subtract ? a - b : a + b, add->output.multiplier, add->output.shift));
}

/*
 * microtvm_<add or subtract>_s16_<fast or any>(...): the output may be one of
 * the operands; all are at multiples of 2.
 */
#define MICROTVM_DEFINE_ADD_S16(name, form, element, subtract)                                     \
	static __attribute__((noinline, unused)) void microtvm_##name##_s16_##form(                \
		int16_t *out, const int16_t *first, const int16_t *second,                         \
		const int32_t *parameters, int32_t count, int32_t low, int32_t high)               \
	{                                                                                          \
		for (int32_t i = 0; i < count; i++) {                                              \
			out[i] = element(first[i], second[i], parameters, subtract);               \
		}                                                                                  \
		microtvm_clamp_s16(out, count, low, high);                                         \
	}

MICROTVM_DEFINE_ADD_S16(add, fast, microtvm_add_element_s16, 0)
MICROTVM_DEFINE_ADD_S16(add, any, microtvm_add_element_any_s16, 0)
MICROTVM_DEFINE_ADD_S16(subtract, fast, microtvm_add_element_s16, 1)
MICROTVM_DEFINE_ADD_S16(subtract, any, microtvm_add_element_any_s16, 1)

#endif /* MICROTVM_KERNELS_ADD_S16_H_ */
