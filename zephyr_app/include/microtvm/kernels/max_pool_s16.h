/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Maxima of the windows of int16 images. */
#ifndef MICROTVM_KERNELS_MAX_POOL_S16_H_
#define MICROTVM_KERNELS_MAX_POOL_S16_H_

#include "microtvm/kernels/pool_s16.h"

#define MICROTVM_TWO_LOWEST 0x80008000u

/* The larger of each two halves. */
static inline uint32_t microtvm_max_halves(uint32_t a, uint32_t b)
{
	uint32_t result;

#if MICROTVM_DSP
	__asm("ssub16 %0, %1, %2\n\t"
	      "sel %0, %1, %2"
	      : "=&r"(result)
	      : "r"(a), "r"(b));
#else
	result = microtvm_pkhbt(
		microtvm_low(a) > microtvm_low(b) ? microtvm_low(a) : microtvm_low(b),
		microtvm_high(a) > microtvm_high(b) ? microtvm_high(a) : microtvm_high(b));
#endif
	return result;
}

static inline int16_t microtvm_max_one(const struct microtvm_pixels_s16 *pixels,
				       const int16_t *data)
{
	int16_t largest = INT16_MIN;

	for (int32_t row = 0; row < pixels->rows; row++, data += pixels->row_step) {
		for (int32_t i = 0; i < pixels->columns; i++) {
			int16_t value = data[i * pixels->channels];

			largest = value > largest ? value : largest;
		}
	}
	return largest;
}

static inline uint32_t microtvm_max_two(const struct microtvm_pixels_s16 *pixels,
					const int16_t *data)
{
	uint32_t largest = MICROTVM_TWO_LOWEST;

	for (int32_t row = 0; row < pixels->rows; row++, data += pixels->row_step) {
		const int16_t *next = data;

#pragma GCC unroll 4
		for (int32_t i = 0; i < pixels->columns; i++, next += pixels->channels) {
			largest = microtvm_max_halves(largest, microtvm_load_word(next));
		}
	}
	return largest;
}

MICROTVM_DEFINE_POOL_S16(max_pool, microtvm_max_one, microtvm_max_two)

#endif /* MICROTVM_KERNELS_MAX_POOL_S16_H_ */
