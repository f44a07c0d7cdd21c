/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The run-time half of TFLite's int8 softmax. Exponentials have 31 fractional
 * bits and lie in [0, 1); their sum has 19 fractional bits and is at least 1.
 */
#ifndef MICROTVM_KERNELS_SOFTMAX_H_
#define MICROTVM_KERNELS_SOFTMAX_H_

#include <stdint.h>

#include "microtvm/kernels/requantize.h"

/* Adds an exponential to a sum; saturates, which takes 4096 equal elements. */
static inline int32_t microtvm_softmax_accumulate(int32_t sum, int32_t exponential)
{
	int32_t term = (int32_t)(((uint32_t)exponential + (UINT32_C(1) << 11)) >> 12);

	return sum > INT32_MAX - term ? INT32_MAX : sum + term;
}

/* Leading zeros of a positive number. */
static inline int32_t microtvm_softmax_headroom(int32_t x)
{
	int32_t zeros = 0;

	while (x < (INT32_C(1) << 30)) {
		x *= 2;
		++zeros;
	}
	return zeros + 1;
}

/*
 * 1 / m with 31 fractional bits, for the m in [1, 2) with sum = m * 2^k.
 * Newton's method on d = m / 2: x becomes x + x * (1 - d * x), from the line
 * 48/17 - 32/17 * d, with 29 fractional bits.
 */
static inline int32_t microtvm_softmax_reciprocal(int32_t sum)
{
	uint32_t mantissa = (uint32_t)sum << microtvm_softmax_headroom(sum);
	int32_t half = (int32_t)(mantissa >> 1);
	int32_t x = 1515870810 + microtvm_high_multiply(half, -1010580540);

	for (int step = 0; step < 3; ++step) {
		int32_t error = (INT32_C(1) << 29) - microtvm_high_multiply(half, x);

		x += microtvm_high_multiply(x, error) * 4;
	}
	return x >= (INT32_C(1) << 30) ? INT32_MAX : x * 2;
}

/* What the product of an exponential and the reciprocal is shifted right by to be a byte. */
static inline int32_t microtvm_softmax_exponent(int32_t sum)
{
	return 35 - microtvm_softmax_headroom(sum);
}

/* exponential / sum as a byte with scale 1/256 and zero point -128. */
static inline int32_t microtvm_softmax_output(int32_t exponential, int32_t reciprocal,
					      int32_t exponent)
{
	if (exponent > 31) {
		return INT8_MIN;
	}

	int32_t product = microtvm_high_multiply(reciprocal, exponential);
	int32_t result = microtvm_rounding_divide(product, exponent) + INT8_MIN;

	return result > INT8_MAX ? INT8_MAX : result;
}

#endif /* MICROTVM_KERNELS_SOFTMAX_H_ */
