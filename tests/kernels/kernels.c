/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The kernels' inline functions as functions of a shared library, applied to arrays. */
#include <stddef.h>
#include <stdint.h>

#include "microtvm/kernels/average.h"
#include "microtvm/kernels/quantize.h"
#include "microtvm/kernels/requantize.h"
#include "microtvm/kernels/softmax.h"

void average(size_t count, const int32_t *sum, const int32_t *elements, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		const struct microtvm_average by = microtvm_average_by(elements[i]);

		result[i] = microtvm_average_of(sum[i], &by);
	}
}

void high_multiply(size_t count, const int32_t *a, const int32_t *b, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_high_multiply(a[i], b[i]);
	}
}

void rounding_divide(size_t count, const int32_t *x, const int32_t *exponent, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_rounding_divide(x[i], exponent[i]);
	}
}

void requantize(size_t count, const int32_t *x, const int32_t *multiplier, const int32_t *shift,
		int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_requantize(x[i], multiplier[i], shift[i]);
	}
}

void requantize_once(size_t count, const int32_t *x, const int32_t *multiplier,
		     const int32_t *shift, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_requantize_once(x[i], multiplier[i], shift[i]);
	}
}

void requantize_int16(size_t count, const int64_t *x, const int32_t *multiplier,
		      const int32_t *total_shift, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_requantize_int16(x[i], multiplier[i], total_shift[i]);
	}
}

void requantize_wide(size_t count, const int32_t *x, const int32_t *high, const int32_t *low,
		     const int32_t *shift, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_requantize_wide(x[i], high[i], (uint32_t)low[i], shift[i]);
	}
}

void quantize(size_t count, const float *x, const float *scale, const int32_t *zero_point,
	      int8_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_quantize(x[i], scale[i], zero_point[i]);
	}
}

void quantize_int16(size_t count, const float *x, const float *scale, const int32_t *zero_point,
		    int16_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_quantize_int16(x[i], scale[i], zero_point[i]);
	}
}

void softmax_accumulate(size_t count, const int32_t *sum, const int32_t *exponential,
			int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_softmax_accumulate(sum[i], exponential[i]);
	}
}

void softmax_reciprocal(size_t count, const int32_t *sum, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] = microtvm_softmax_reciprocal(sum[i]);
	}
}

void softmax_share(size_t count, const int32_t *exponential, const int32_t *sum, int32_t *result)
{
	for (size_t i = 0; i < count; ++i) {
		result[i] =
			microtvm_softmax_output(exponential[i], microtvm_softmax_reciprocal(sum[i]),
						microtvm_softmax_exponent(sum[i]));
	}
}
