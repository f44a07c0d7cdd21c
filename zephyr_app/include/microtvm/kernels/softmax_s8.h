/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Softmax of rows by softmax.h; `exponentials` has one a distance to the largest. */
#ifndef MICROTVM_KERNELS_SOFTMAX_S8_H_
#define MICROTVM_KERNELS_SOFTMAX_S8_H_

#include "microtvm/kernels/simd_bytes.h"
#include "microtvm/kernels/softmax.h"

/* Of an element that lies `largest - x` below the largest; the meaning of the kernel calls this. */
static inline int32_t microtvm_softmax_exponential(int8_t x, int32_t largest,
						   const int32_t *exponentials)
{
	return exponentials[largest - x];
}

static inline int32_t microtvm_softmax_largest(const int8_t *data, int32_t count)
{
	int32_t largest = INT8_MIN, i = 0;

	if ((uintptr_t)data % 4 == 0 && count >= 8) {
		uint32_t words = microtvm_load_word(data);

		for (i = 4; i + 4 <= count; i += 4) {
			words = microtvm_max_bytes(words, microtvm_load_word(data + i));
		}
		words = microtvm_max_bytes(words, words >> 16 | words << 16);
		words = microtvm_max_bytes(words, words >> 8 | words << 24);
		largest = (int8_t)(uint8_t)words;
	}
	for (; i < count; i++) {
		largest = data[i] > largest ? data[i] : largest;
	}
	return largest;
}

/* The output may be the data. */
static __attribute__((noinline, unused)) void
microtvm_softmax_s8(int8_t *out, const int8_t *data, const int32_t *restrict exponentials,
		    int32_t rows, int32_t width)
{
	for (int32_t row = 0; row < rows; row++, data += width, out += width) {
		const int32_t largest = microtvm_softmax_largest(data, width);
		int32_t sum = 0, reciprocal, exponent;

		for (int32_t i = 0; i < width; i++) {
			sum = microtvm_softmax_accumulate(
				sum, microtvm_softmax_exponential(data[i], largest, exponentials));
		}
		reciprocal = microtvm_softmax_reciprocal(sum);
		exponent = microtvm_softmax_exponent(sum);
		for (int32_t i = 0; i < width; i++) {
			int32_t exponential =
				microtvm_softmax_exponential(data[i], largest, exponentials);

			out[i] = (int8_t)microtvm_softmax_output(exponential, reciprocal, exponent);
		}
	}
}

#endif /* MICROTVM_KERNELS_SOFTMAX_S8_H_ */
