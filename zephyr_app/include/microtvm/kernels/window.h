/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pixels of a convolution read, where each tap of a window is whole
 * groups: from windows of an image to the patch of block.h, by words if the
 * image is at a multiple of 4. window_rows.h has the other windows.
 */
#ifndef MICROTVM_KERNELS_WINDOW_H_
#define MICROTVM_KERNELS_WINDOW_H_

#include "microtvm/kernels/image_window.h"
#include "microtvm/kernels/patch.h"
#include "microtvm/kernels/product.h"

#define MICROTVM_WINDOW_IN_GROUPS(channels, pixel_stride) (((channels) | (pixel_stride)) % 4 == 0)

static inline const int8_t *microtvm_window_at(const struct microtvm_window *window,
					       struct microtvm_corner corner)
{
	return (const int8_t *)window->data +
	       (corner.y * window->width + corner.x) * window->pixel_stride;
}

/* One tap of one pixel. */
static __attribute__((noinline, unused)) void
microtvm_window_tap(const struct microtvm_window *window, uint32_t *patch,
		    struct microtvm_corner tap)
{
	if (microtvm_window_has_row(window, tap.y) && tap.x >= 0 && tap.x < window->width) {
		microtvm_patch_copy(patch, microtvm_window_at(window, tap), window->channels);
	} else {
		microtvm_patch_fill(patch, window->zero_point, microtvm_groups(window->channels));
	}
}

/* One pixel, wherever it is. */
static __attribute__((noinline, unused)) void
microtvm_window_by_taps(const struct microtvm_window *window, uint32_t *patch,
			struct microtvm_corner corner)
{
	for (int32_t i = 0; i < window->kernel_height; i++, corner.y += window->dilation_y) {
		struct microtvm_corner tap = corner;

		for (int32_t j = 0; j < window->kernel_width; j++, tap.x += window->dilation_x) {
			microtvm_window_tap(window, patch, tap);
			patch += microtvm_groups(window->channels) * MICROTVM_GROUP_WORDS;
		}
	}
}

/* Some pixels from this one on. Returns the one after them. */
static __attribute__((noinline, unused)) struct microtvm_corner
microtvm_window_pixels(const struct microtvm_window *window, struct microtvm_corner corner,
		       int32_t pixels)
{
	for (int32_t i = 0; i < pixels; i++) {
		microtvm_window_by_taps(window, window->patch + i, corner);
		corner = microtvm_window_next(window, corner);
	}
	return corner;
}

/* Taps from `first` to `end` of a row, for four pixels side by side; some are outside. */
static inline uint32_t *microtvm_window_mixed_4(const struct microtvm_window *window,
						uint32_t *patch, struct microtvm_corner corner,
						int32_t first, int32_t end)
{
	for (; first < end; first++) {
		struct microtvm_corner tap = corner;

		tap.x += first * window->dilation_x;
		for (int32_t i = 0; i < MICROTVM_BLOCK_PIXELS; i++, tap.x += window->stride_x) {
			microtvm_window_tap(window, patch + i, tap);
		}
		patch += microtvm_groups(window->channels) * MICROTVM_GROUP_WORDS;
	}
	return patch;
}

/* The same where all are inside, by words. */
static inline uint32_t *microtvm_window_inside_4(const struct microtvm_window *window,
						 uint32_t *patch, struct microtvm_corner corner,
						 int32_t first, int32_t end)
{
	int dense = microtvm_window_is_dense(window);
	int32_t groups = microtvm_groups(window->channels) * (dense ? end - first : 1);
	int32_t stride = window->stride_x * window->pixel_stride;
	const int8_t *data;

	corner.x += first * window->dilation_x;
	data = microtvm_window_at(window, corner);
	for (; first < end; first += dense ? end - first : 1) {
		microtvm_patch_words_4(patch, data, stride, groups);
		patch += groups * MICROTVM_GROUP_WORDS;
		data += window->dilation_x * window->pixel_stride;
	}
	return patch;
}

/* Four pixels side by side, whose taps are at multiples of 4. */
static __attribute__((noinline, unused)) void
microtvm_window_words_4(const struct microtvm_window *window, struct microtvm_corner corner)
{
	int32_t last_x = corner.x + (MICROTVM_BLOCK_PIXELS - 1) * window->stride_x;
	int32_t first = microtvm_window_taps(window, corner.x).first;
	int32_t end = microtvm_window_taps(window, last_x).end;
	int32_t taps = window->kernel_width;
	int32_t row_groups = taps * microtvm_groups(window->channels);
	uint32_t *patch = window->patch;

	end = end < first ? first : end;
	for (int32_t i = 0; i < window->kernel_height; i++, corner.y += window->dilation_y) {
		if (!microtvm_window_has_row(window, corner.y)) {
			microtvm_patch_fill_4(patch, window->zero_point, row_groups);
			patch += row_groups * MICROTVM_GROUP_WORDS;
			continue;
		}
		patch = microtvm_window_mixed_4(window, patch, corner, 0, first);
		patch = microtvm_window_inside_4(window, patch, corner, first, end);
		patch = microtvm_window_mixed_4(window, patch, corner, end, taps);
	}
}

/* Four pixels from this one on, whichever way they can be read. Returns the one after them. */
static inline struct microtvm_corner microtvm_window_patch_4(const struct microtvm_window *window,
							     struct microtvm_corner corner)
{
	struct microtvm_corner last = corner;

	last.x += (MICROTVM_BLOCK_PIXELS - 1) * window->stride_x;
	if (last.x >= window->out_width * window->stride_x - window->left ||
	    !microtvm_words_aligned((const int8_t *)window->data, 0)) {
		return microtvm_window_pixels(window, corner, MICROTVM_BLOCK_PIXELS);
	}
	microtvm_window_words_4(window, corner);
	return microtvm_window_next(window, last);
}

#endif /* MICROTVM_KERNELS_WINDOW_H_ */
