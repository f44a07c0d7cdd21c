/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pixels of a convolution read: from windows of an int16 image to the
 * patch of block_s16.h. Numbers that are neighbours in memory are copied in
 * runs, by words where both sides are at multiples of 4, by halfwords elsewhere.
 */
#ifndef MICROTVM_KERNELS_WINDOW_S16_H_
#define MICROTVM_KERNELS_WINDOW_S16_H_

#include "microtvm/kernels/block.h"
#include "microtvm/kernels/image_window.h"
#include "microtvm/kernels/simd.h"

/* A pixel's column of the patch; `k` counts its numbers. Its next pair is a block of pixels on. */
struct microtvm_column {
	uint32_t *patch;
	int32_t k;
};

static inline uint32_t *microtvm_column_word(const struct microtvm_column *column)
{
	return column->patch + column->k / 2 * MICROTVM_BLOCK_PIXELS;
}

static inline void microtvm_column_half(struct microtvm_column *column, int16_t value)
{
	((microtvm_half *)microtvm_column_word(column))[column->k % 2] = value;
	column->k++;
}

/* A run of numbers from memory. */
static __attribute__((noinline, unused)) void
microtvm_column_copy(struct microtvm_column *column, const int16_t *data, int32_t count)
{
	uint32_t *word;
	int32_t pairs;

	if (column->k % 2 && count > 0) {
		microtvm_column_half(column, *data++);
		count--;
	}
	word = microtvm_column_word(column);
	pairs = count / 2;
	column->k += 2 * pairs;
	if (((uintptr_t)data & 3) == 0) {
#pragma GCC unroll 4
		for (; pairs > 0; pairs--, data += 2, word += MICROTVM_BLOCK_PIXELS) {
			*word = microtvm_load_word(data);
		}
	} else {
#pragma GCC unroll 4
		for (; pairs > 0; pairs--, data += 2, word += MICROTVM_BLOCK_PIXELS) {
			*word = microtvm_pkhbt(data[0], data[1]);
		}
	}
	if (count % 2) {
		microtvm_column_half(column, *data);
	}
}

/* Zeros, which is what lies around an image. */
static __attribute__((noinline, unused)) void microtvm_column_fill(struct microtvm_column *column,
								   int32_t count)
{
	uint32_t *word;

	if (column->k % 2 && count > 0) {
		microtvm_column_half(column, 0);
		count--;
	}
	word = microtvm_column_word(column);
	column->k += count / 2 * 2;
	for (int32_t pairs = count / 2; pairs > 0; pairs--, word += MICROTVM_BLOCK_PIXELS) {
		*word = 0;
	}
	if (count % 2) {
		microtvm_column_half(column, 0);
	}
}

/* The taps of a row of the kernel that lie inside the image; the first of them is at `data`. */
static inline void microtvm_window_taps_s16(const struct microtvm_window *window,
					    struct microtvm_column *column, const int16_t *data,
					    int32_t taps)
{
	if (microtvm_window_is_dense(window)) {
		microtvm_column_copy(column, data, taps * window->channels);
		return;
	}
	for (; taps > 0; taps--, data += window->dilation_x * window->pixel_stride) {
		microtvm_column_copy(column, data, window->channels);
	}
}

/* One pixel. */
static __attribute__((noinline, unused)) void
microtvm_window_pixel_s16(const struct microtvm_window *window, uint32_t *patch,
			  struct microtvm_corner corner)
{
	struct microtvm_column column = {patch, 0};
	struct microtvm_taps taps = microtvm_window_taps(window, corner.x);
	int32_t before = taps.first * window->channels;
	int32_t after = (window->kernel_width - taps.end) * window->channels;

	corner.x += taps.first * window->dilation_x;
	for (int32_t i = 0; i < window->kernel_height; i++, corner.y += window->dilation_y) {
		int32_t pixel = corner.y * window->width + corner.x;

		if (!microtvm_window_has_row(window, corner.y) || taps.first == taps.end) {
			microtvm_column_fill(&column, window->kernel_width * window->channels);
			continue;
		}
		if (before > 0) {
			microtvm_column_fill(&column, before);
		}
		microtvm_window_taps_s16(window, &column,
					 (const int16_t *)window->data +
						 pixel * window->pixel_stride,
					 taps.end - taps.first);
		if (after > 0) {
			microtvm_column_fill(&column, after);
		}
	}
}

/* Some pixels from this one on. Returns the one after them. */
static inline struct microtvm_corner
microtvm_window_pixels_s16(const struct microtvm_window *window, struct microtvm_corner corner,
			   int32_t pixels)
{
	for (int32_t i = 0; i < pixels; i++) {
		microtvm_window_pixel_s16(window, window->patch + i, corner);
		corner = microtvm_window_next(window, corner);
	}
	return corner;
}

#endif /* MICROTVM_KERNELS_WINDOW_S16_H_ */
