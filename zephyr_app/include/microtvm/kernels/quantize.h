/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* float32 to int8 or int16, as TFLite's QUANTIZE; numbers out of range saturate, NaN downwards. */
#ifndef MICROTVM_KERNELS_QUANTIZE_H_
#define MICROTVM_KERNELS_QUANTIZE_H_

#include <stdint.h>

/* zero_point + round(x / scale), halves away from zero, limited to two numbers of 16 bits. */
static inline int32_t microtvm_quantize_within(float x, float scale, int32_t zero_point,
					       int32_t lowest, int32_t highest)
{
	float quotient = x / scale;

	/* Beyond any zero point, so the conversion below cannot overflow. */
	if (quotient >= 131072.0f) {
		return highest;
	}
	if (!(quotient > -131072.0f)) {
		return lowest;
	}

	int32_t whole = (int32_t)quotient;
	float fraction = quotient - (float)whole;
	int32_t result = zero_point + whole + (fraction >= 0.5f) - (fraction <= -0.5f);

	if (result > highest) {
		return highest;
	}
	return result < lowest ? lowest : result;
}

/* zero_point is an int8. */
static inline int8_t microtvm_quantize(float x, float scale, int32_t zero_point)
{
	return (int8_t)microtvm_quantize_within(x, scale, zero_point, INT8_MIN, INT8_MAX);
}

/* zero_point is an int16. */
static inline int16_t microtvm_quantize_int16(float x, float scale, int32_t zero_point)
{
	return (int16_t)microtvm_quantize_within(x, scale, zero_point, INT16_MIN, INT16_MAX);
}

#endif /* MICROTVM_KERNELS_QUANTIZE_H_ */
