/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * TFLite's fixed-point arithmetic, bit for bit, in portable C. A rescale is a
 * multiplier in [0, 2^31) and a shift in [-31, 30]; positive shifts left.
 */
#ifndef MICROTVM_KERNELS_REQUANTIZE_H_
#define MICROTVM_KERNELS_REQUANTIZE_H_

#include <stdint.h>

/* round(a * b / 2^31), halves up; a and b are not both INT32_MIN. */
static inline int32_t microtvm_high_multiply(int32_t a, int32_t b)
{
	/*
	 * gemmlowp adds 2^30 or 1 - 2^30 and divides towards zero, which is the
	 * floor of the sum with 2^30.
	 */
	return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* round(x / 2^exponent), halves away from zero; exponent in [0, 31]. */
static inline int32_t microtvm_rounding_divide(int32_t x, int32_t exponent)
{
	int32_t mask = (int32_t)((UINT32_C(1) << exponent) - 1);
	int32_t threshold = (mask >> 1) + (x < 0);

	return (x >> exponent) + ((x & mask) > threshold);
}

/* x * multiplier / 2^31 * 2^shift, rounded after each step, as TFLite's convolutions do. */
static inline int32_t microtvm_requantize(int32_t x, int32_t multiplier, int32_t shift)
{
	int32_t left = shift > 0 ? shift : 0;
	int32_t right = shift > 0 ? 0 : -shift;

	x = (int32_t)((uint32_t)x << left);
	return microtvm_rounding_divide(microtvm_high_multiply(x, multiplier), right);
}

/* x * multiplier / 2^31 * 2^shift, rounded once, halves up: FULLY_CONNECTED. */
static inline int32_t microtvm_requantize_once(int32_t x, int32_t multiplier, int32_t shift)
{
	int32_t total = 31 - shift;

	return (int32_t)(((int64_t)x * multiplier + (INT64_C(1) << (total - 1))) >> total);
}

/*
 * x * reduced_multiplier / 2^total_shift, rounded once, halves up: layers of
 * int16 activations. The multiplier has 15 bits, total_shift is 15 - shift and
 * at least 1, x is in [-2^47, 2^47]; the result keeps the low 32 bits.
 */
static inline int32_t microtvm_requantize_int16(int64_t x, int32_t reduced_multiplier,
						int32_t total_shift)
{
	int64_t product = x * reduced_multiplier;

	return (int32_t)((product + (INT64_C(1) << (total_shift - 1))) >> total_shift);
}

/*
 * x * (high * 2^32 + low) / 2^63 * 2^shift, rounded once, halves up:
 * FULLY_CONNECTED of int16 activations; x is not INT32_MIN.
 */
static inline int32_t microtvm_requantize_wide(int32_t x, int32_t high, uint32_t low, int32_t shift)
{
	int32_t total = 31 - shift;
	int64_t product = (int64_t)x * high + (((int64_t)x * low) >> 32);

	return (int32_t)((product + (INT64_C(1) << (total - 1))) >> total);
}

#endif /* MICROTVM_KERNELS_REQUANTIZE_H_ */
