/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Averages of the windows of int16 images, halves away from zero. Padding does not count. */
#ifndef MICROTVM_KERNELS_AVERAGE_POOL_S16_H_
#define MICROTVM_KERNELS_AVERAGE_POOL_S16_H_

#include "microtvm/kernels/pool_s16.h"

static inline int32_t microtvm_average_s16(const struct microtvm_pixels_s16 *pixels, int32_t sum)
{
	int32_t count = pixels->rows * pixels->columns;

	return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

static inline int16_t microtvm_average_one(const struct microtvm_pixels_s16 *pixels,
					   const int16_t *data)
{
	int32_t sum = 0;

	for (int32_t row = 0; row < pixels->rows; row++, data += pixels->row_step) {
		for (int32_t i = 0; i < pixels->columns; i++) {
			sum += data[i * pixels->channels];
		}
	}
	return (int16_t)microtvm_average_s16(pixels, sum);
}

static inline uint32_t microtvm_average_two(const struct microtvm_pixels_s16 *pixels,
					    const int16_t *data)
{
	int32_t low = 0, high = 0;

	for (int32_t row = 0; row < pixels->rows; row++, data += pixels->row_step) {
		const int16_t *next = data;

#pragma GCC unroll 4
		for (int32_t i = 0; i < pixels->columns; i++, next += pixels->channels) {
			uint32_t pair = microtvm_load_word(next);

			low += (int16_t)(uint16_t)pair;
			high += (int32_t)pair >> 16;
		}
	}
	return microtvm_pkhbt(microtvm_average_s16(pixels, low),
			      microtvm_average_s16(pixels, high));
}

MICROTVM_DEFINE_POOL_S16(average_pool, microtvm_average_one, microtvm_average_two)

#endif /* MICROTVM_KERNELS_AVERAGE_POOL_S16_H_ */
