/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Maxima of windows; four channels at a time where they can be read as words. */
#ifndef MICROTVM_KERNELS_MAX_POOL_S8_H_
#define MICROTVM_KERNELS_MAX_POOL_S8_H_

#include "microtvm/kernels/pool_s8.h"

#define MICROTVM_FOUR_LOWEST 0x80808080u

/* The larger of each two bytes. */
static inline uint32_t microtvm_max_bytes(uint32_t a, uint32_t b)
{
#if MICROTVM_DSP
	uint32_t result;

	__asm("ssub8 %0, %1, %2\n\t"
	      "sel %0, %1, %2"
	      : "=&r"(result)
	      : "r"(a), "r"(b));
	return result;
#else
	uint32_t result = 0;

	for (int shift = 0; shift < 32; shift += 8) {
		int8_t x = (int8_t)(uint8_t)(a >> shift);
		int8_t y = (int8_t)(uint8_t)(b >> shift);

		result |= (uint32_t)(uint8_t)(x > y ? x : y) << shift;
	}
	return result;
#endif
}

static inline uint32_t microtvm_max_words(const struct microtvm_pool_window *window,
					  const int8_t *data)
{
	uint32_t largest = MICROTVM_FOUR_LOWEST;

	for (int32_t row = 0; row < window->rows; row++, data += window->row_bytes) {
		const int8_t *next = data;

#pragma GCC unroll 4
		for (int32_t i = 0; i < window->columns; i++, next += window->channels) {
			largest = microtvm_max_bytes(largest, microtvm_load_word(next));
		}
	}
	return largest;
}

static inline int8_t microtvm_max_of(const struct microtvm_pool_window *window, const int8_t *data)
{
	int8_t largest = INT8_MIN;

	for (int32_t row = 0; row < window->rows; row++, data += window->row_bytes) {
		for (int32_t i = 0; i < window->columns; i++) {
			int8_t value = data[i * window->channels];

			largest = value > largest ? value : largest;
		}
	}
	return largest;
}

static inline void microtvm_max_window(const struct microtvm_pool_window *window, int8_t *out,
				       int by_words)
{
	int32_t channel = 0;

	for (; by_words && channel < window->channels; channel += 4) {
		uint32_t largest = microtvm_max_words(window, window->data + channel);

		for (int i = 0; i < 4; i++) {
			out[channel + i] = (int8_t)(uint8_t)(largest >> 8 * i);
		}
	}
	for (; channel < window->channels; channel++) {
		out[channel] = microtvm_max_of(window, window->data + channel);
	}
}

MICROTVM_DEFINE_POOL(max_pool, microtvm_max_window)

#endif /* MICROTVM_KERNELS_MAX_POOL_S8_H_ */
