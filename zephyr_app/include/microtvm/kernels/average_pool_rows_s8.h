/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Averages of the windows of images of one channel, halves away from zero;
 * padding does not count. Windows have up to 255 rows; `scratch` has 16 bits a
 * column, in words, for their sums.
 */
#ifndef MICROTVM_KERNELS_AVERAGE_POOL_ROWS_S8_H_
#define MICROTVM_KERNELS_AVERAGE_POOL_ROWS_S8_H_

#include "microtvm/kernels/average.h"
#include "microtvm/kernels/pool_rows_s8.h"
#include "microtvm/kernels/simd_halves.h"

static __attribute__((noinline, unused)) void
microtvm_average_columns(const int8_t *data, int32_t rows, int32_t width, void *scratch)
{
	const int is_aligned = microtvm_pool_is_aligned(data, width);
	microtvm_half *columns = scratch;
	int32_t x = 0;

	for (; x + 4 <= width; x += 4) {
		const int8_t *next = data + x;
		uint32_t even = 0, odd = 0;

		for (int32_t row = 0; row < rows; row++, next += width) {
			uint32_t word = microtvm_pool_four(next, is_aligned);

			even = microtvm_sxtab16(even, word);
			odd = microtvm_sxtab16_ror8(odd, word);
		}
		microtvm_store_word(columns + x, microtvm_pkhbt((int32_t)even, (int32_t)odd));
		microtvm_store_word(columns + x + 2, microtvm_pkhtb(even, odd));
	}
	for (; x < width; x++) {
		int32_t sum = 0;

		for (int32_t row = 0; row < rows; row++) {
			sum += data[row * width + x];
		}
		columns[x] = (int16_t)sum;
	}
}

static inline int8_t microtvm_average_output(const void *scratch, int32_t column, int32_t columns,
					     int32_t rows)
{
	const struct microtvm_average average = microtvm_average_by(rows * columns);
	const microtvm_half *next = (const microtvm_half *)scratch + column;
	int32_t sum = 0;

	for (int32_t i = 0; i < columns; i++) {
		sum += next[i];
	}
	return microtvm_average_of(sum, &average);
}

MICROTVM_DEFINE_POOL_ROWS(average_pool, microtvm_average_columns, microtvm_average_output)

#endif /* MICROTVM_KERNELS_AVERAGE_POOL_ROWS_S8_H_ */
