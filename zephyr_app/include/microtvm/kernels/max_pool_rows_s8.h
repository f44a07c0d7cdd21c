/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Maxima of the windows of images of one channel; `scratch` has a byte a column, in words. */
#ifndef MICROTVM_KERNELS_MAX_POOL_ROWS_S8_H_
#define MICROTVM_KERNELS_MAX_POOL_ROWS_S8_H_

#include "microtvm/kernels/pool_rows_s8.h"

static __attribute__((noinline, unused)) void microtvm_max_columns(const int8_t *data, int32_t rows,
								   int32_t width, void *scratch)
{
	const int is_aligned = microtvm_pool_is_aligned(data, width);
	int8_t *columns = scratch;
	int32_t x = 0;

	for (; x + 4 <= width; x += 4) {
		const int8_t *next = data + x;
		uint32_t largest = microtvm_pool_four(next, is_aligned);

		for (int32_t row = 1; row < rows; row++) {
			next += width;
			largest = microtvm_max_bytes(largest, microtvm_pool_four(next, is_aligned));
		}
		microtvm_store_word(columns + x, largest);
	}
	for (; x < width; x++) {
		columns[x] = data[x];
		for (int32_t row = 1; row < rows; row++) {
			int8_t value = data[row * width + x];

			columns[x] = value > columns[x] ? value : columns[x];
		}
	}
}

static inline int8_t microtvm_max_output(const void *scratch, int32_t column, int32_t columns,
					 int32_t rows)
{
	const int8_t *next = (const int8_t *)scratch + column;
	int8_t largest = INT8_MIN;

	(void)rows;
	for (int32_t i = 0; i < columns; i++) {
		largest = next[i] > largest ? next[i] : largest;
	}
	return largest;
}

MICROTVM_DEFINE_POOL_ROWS(max_pool, microtvm_max_columns, microtvm_max_output)

#endif /* MICROTVM_KERNELS_MAX_POOL_ROWS_S8_H_ */
