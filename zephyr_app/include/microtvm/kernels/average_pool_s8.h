/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Averages of windows, halves away from zero. Padding does not count. Four
 * channels are added up as two pairs, as long as 16 bits hold the sums.
 */
#ifndef MICROTVM_KERNELS_AVERAGE_POOL_S8_H_
#define MICROTVM_KERNELS_AVERAGE_POOL_S8_H_

#include "microtvm/kernels/pool_s8.h"

/* So many int8 at most add up in 16 bits. */
#define MICROTVM_AVERAGE_RUN 255

static inline int8_t microtvm_average_of(int32_t sum, int32_t count)
{
	int32_t half = count / 2;

	return (int8_t)((sum > 0 ? sum + half : sum - half) / count);
}

/* Pixels in a row, fewer than MICROTVM_AVERAGE_RUN, to the sums of four channels. */
static inline void microtvm_average_row(const int8_t *data, int32_t count, int32_t channels,
					uint32_t pairs[2])
{
	uint32_t even = pairs[0], odd = pairs[1];

#pragma GCC unroll 4
	for (int32_t i = 0; i < count; i++, data += channels) {
		uint32_t word = microtvm_load_word(data);

		even = microtvm_sxtab16(even, word);
		odd = microtvm_sxtab16_ror8(odd, word);
	}
	pairs[0] = even;
	pairs[1] = odd;
}

static inline void microtvm_average_flush(uint32_t pairs[2], int32_t sums[4])
{
	for (int i = 0; i < 2; i++) {
		sums[i] += (int16_t)(uint16_t)pairs[i];
		sums[i + 2] += (int16_t)(uint16_t)(pairs[i] >> 16);
		pairs[i] = 0;
	}
}

/* Sums of four channels of a window. */
static inline void microtvm_average_words(const struct microtvm_pool_window *window,
					  const int8_t *data, int32_t sums[4])
{
	uint32_t pairs[2] = {0, 0};
	int32_t room = MICROTVM_AVERAGE_RUN;

	for (int32_t row = 0; row < window->rows; row++, data += window->row_bytes) {
		const int8_t *next = data;
		int32_t left = window->columns;

		while (left > 0) {
			int32_t count = left < room ? left : room;

			microtvm_average_row(next, count, window->channels, pairs);
			next += count * window->channels;
			left -= count;
			room -= count;
			if (room == 0) {
				microtvm_average_flush(pairs, sums);
				room = MICROTVM_AVERAGE_RUN;
			}
		}
	}
	microtvm_average_flush(pairs, sums);
}

static inline int32_t microtvm_average_bytes(const struct microtvm_pool_window *window,
					     const int8_t *data)
{
	int32_t sum = 0;

	for (int32_t row = 0; row < window->rows; row++, data += window->row_bytes) {
		for (int32_t i = 0; i < window->columns; i++) {
			sum += data[i * window->channels];
		}
	}
	return sum;
}

static inline void microtvm_average_window(const struct microtvm_pool_window *window, int8_t *out,
					   int by_words)
{
	int32_t count = window->rows * window->columns;
	int32_t channel = 0;

	for (; by_words && channel < window->channels; channel += 4) {
		int32_t sums[4] = {0, 0, 0, 0};

		microtvm_average_words(window, window->data + channel, sums);
		for (int i = 0; i < 4; i++) {
			out[channel + i] = microtvm_average_of(sums[i], count);
		}
	}
	for (; channel < window->channels; channel++) {
		int32_t sum = microtvm_average_bytes(window, window->data + channel);

		out[channel] = microtvm_average_of(sum, count);
	}
}

MICROTVM_DEFINE_POOL(average_pool, microtvm_average_window)

#endif /* MICROTVM_KERNELS_AVERAGE_POOL_S8_H_ */
