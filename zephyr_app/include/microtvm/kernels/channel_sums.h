/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sums of a window of an image, channel by channel. Where pixels lie at
 * multiples of 4, and 16 bits hold a sum, channels are added up as pairs, two to
 * an instruction; elsewhere each has a word.
 */
#ifndef MICROTVM_KERNELS_CHANNEL_SUMS_H_
#define MICROTVM_KERNELS_CHANNEL_SUMS_H_

#include "microtvm/kernels/simd_bytes.h"

/* So many int8 at most add up in 16 bits. */
#define MICROTVM_PAIRED_SUMS 255

/* Pixels of an image; at least one. */
struct microtvm_pixels {
	const int8_t *data; /* the first one */
	int32_t rows, columns;
	int32_t row_bytes; /* from a row to the next one */
	int32_t step;	   /* bytes from a pixel to the next one, at least its channels */
	int32_t channels;
	int is_aligned; /* all lie at multiples of 4 */
};

/* Takes the sum of a channel to an output; `context` is the caller's own. */
typedef int8_t (*microtvm_sums_finish)(int32_t sum, const void *context);

/* Of 4 * words channels; `words` and `finish` are constants where it is called. */
static inline void microtvm_sums_paired(const struct microtvm_pixels *pixels, int32_t channel,
					int8_t *out, int words, microtvm_sums_finish finish,
					const void *context)
{
	const int8_t *data = pixels->data + channel;
	const int32_t step = pixels->step;
	uint32_t even[2] = {0, 0}, odd[2] = {0, 0};
	int32_t rows = pixels->rows;

	do {
		const int8_t *next = data;
		int32_t columns = pixels->columns;

		do {
			for (int i = 0; i < words; i++) {
				uint32_t word = microtvm_load_word(next + 4 * i);

				even[i] = microtvm_sxtab16(even[i], word);
				odd[i] = microtvm_sxtab16_ror8(odd[i], word);
			}
			next += step;
		} while (--columns);
		data += pixels->row_bytes;
	} while (--rows);
	for (int i = 0; i < words; i++, out += 4) {
		out[channel] = finish(microtvm_low(even[i]), context);
		out[channel + 1] = finish(microtvm_low(odd[i]), context);
		out[channel + 2] = finish(microtvm_high(even[i]), context);
		out[channel + 3] = finish(microtvm_high(odd[i]), context);
	}
}

/* Adds a row of pixels to the sums of `count` channels; `count` is a constant. */
static inline void microtvm_sums_row(const int8_t *next, const struct microtvm_pixels *pixels,
				     int32_t *sums, int count)
{
	const int32_t step = pixels->step;
	int32_t columns = pixels->columns;

	do {
#pragma GCC unroll 4
		for (int i = 0; i < count; i++) {
			sums[i] += next[i];
		}
		next += step;
	} while (--columns);
}

static inline void microtvm_sums_single(const struct microtvm_pixels *pixels, int32_t channel,
					int8_t *out, int count, microtvm_sums_finish finish,
					const void *context)
{
	const int8_t *data = pixels->data + channel;
	int32_t sums[4] = {0, 0, 0, 0};

	for (int32_t row = 0; row < pixels->rows; row++, data += pixels->row_bytes) {
		microtvm_sums_row(data, pixels, sums, count);
	}
#pragma GCC unroll 4
	for (int i = 0; i < count; i++) {
		out[channel + i] = finish(sums[i], context);
	}
}

/* All channels of a window. */
static inline void microtvm_sums_run(const struct microtvm_pixels *pixels, int8_t *out,
				     microtvm_sums_finish finish, const void *context)
{
	const int32_t channels = pixels->channels;
	int32_t channel = 0;

	if (pixels->is_aligned && pixels->rows * pixels->columns <= MICROTVM_PAIRED_SUMS) {
		for (; channel + 8 <= channels; channel += 8) {
			microtvm_sums_paired(pixels, channel, out, 2, finish, context);
		}
		if (channel < channels) {
			microtvm_sums_paired(pixels, channel, out, 1, finish, context);
		}
		return;
	}
	for (; channel + 4 <= channels; channel += 4) {
		microtvm_sums_single(pixels, channel, out, 4, finish, context);
	}
	for (; channel < channels; channel++) {
		microtvm_sums_single(pixels, channel, out, 1, finish, context);
	}
}

#endif /* MICROTVM_KERNELS_CHANNEL_SUMS_H_ */
