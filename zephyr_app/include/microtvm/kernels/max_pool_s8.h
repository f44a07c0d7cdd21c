/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Maxima of the windows of NHWC images, four channels to an instruction. */
#ifndef MICROTVM_KERNELS_MAX_POOL_S8_H_
#define MICROTVM_KERNELS_MAX_POOL_S8_H_

#include "microtvm/kernels/pool_s8.h"

#define MICROTVM_FOUR_LOWEST 0x80808080u

/* Of 4 * words channels; `words` and `is_aligned` are constants where it is called. */
static inline void microtvm_max_words(const struct microtvm_pixels *window, int32_t channel,
				      int8_t *out, int words, int is_aligned)
{
	const int8_t *data = window->data + channel;
	const int32_t step = window->step;
	uint32_t largest[2] = {MICROTVM_FOUR_LOWEST, MICROTVM_FOUR_LOWEST};
	int32_t rows = window->rows;

	do {
		const int8_t *next = data;
		int32_t columns = window->columns;

		do {
			for (int i = 0; i < words; i++) {
				uint32_t word = is_aligned ? microtvm_load_word(next + 4 * i)
							   : microtvm_load_bytes(next + 4 * i);

				largest[i] = microtvm_max_bytes(largest[i], word);
			}
			next += step;
		} while (--columns);
		data += window->row_bytes;
	} while (--rows);
#pragma GCC unroll 8
	for (int i = 0; i < 4 * words; i++) {
		out[channel + i] = (int8_t)(uint8_t)(largest[i / 4] >> 8 * (i % 4));
	}
}

static inline int8_t microtvm_max_one(const struct microtvm_pixels *window, const int8_t *data)
{
	int8_t largest = INT8_MIN;

	for (int32_t row = 0; row < window->rows; row++, data += window->row_bytes) {
		const int8_t *next = data;

		for (int32_t i = 0; i < window->columns; i++, next += window->step) {
			largest = *next > largest ? *next : largest;
		}
	}
	return largest;
}

/* A function of its own, so that its inner loops have all registers. */
static __attribute__((noinline, unused)) void
microtvm_max_window(const struct microtvm_pixels *window, int8_t *out)
{
	const int32_t channels = window->channels;
	int32_t channel = 0;

	if (window->is_aligned) {
		for (; channel + 8 <= channels; channel += 8) {
			microtvm_max_words(window, channel, out, 2, 1);
		}
		if (channel < channels) {
			microtvm_max_words(window, channel, out, 1, 1);
		}
		return;
	}
	for (; channel + 4 <= channels; channel += 4) {
		microtvm_max_words(window, channel, out, 1, 0);
	}
	for (; channel < channels; channel++) {
		out[channel] = microtvm_max_one(window, window->data + channel);
	}
}

MICROTVM_DEFINE_POOL(max_pool, microtvm_max_window)

#endif /* MICROTVM_KERNELS_MAX_POOL_S8_H_ */
