/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* float32 to int8, as TFLite's QUANTIZE; numbers out of range saturate, NaN gives -128. */
#ifndef MICROTVM_KERNELS_QUANTIZE_H_
#define MICROTVM_KERNELS_QUANTIZE_H_

#include <stdint.h>

/* zero_point + round(x / scale), halves away from zero; zero_point is an int8. */
static inline int8_t microtvm_quantize(float x, float scale, int32_t zero_point)
{
	float quotient = x / scale;

	/* Beyond any zero point, so the conversion below cannot overflow. */
	if (quotient >= 512.0f) {
		return INT8_MAX;
	}
	if (!(quotient > -512.0f)) {
		return INT8_MIN;
	}

	int32_t whole = (int32_t)quotient;
	float fraction = quotient - (float)whole;
	int32_t result = zero_point + whole + (fraction >= 0.5f) - (fraction <= -0.5f);

	if (result > INT8_MAX) {
		return INT8_MAX;
	}
	return result < INT8_MIN ? INT8_MIN : (int8_t)result;
}

#endif /* MICROTVM_KERNELS_QUANTIZE_H_ */
