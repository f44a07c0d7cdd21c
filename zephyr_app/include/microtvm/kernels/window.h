/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pixels of a convolution read: from windows of an image to the patch
 * of block.h. Where each tap of a window is whole groups, it is read by words
 * if it is at a multiple of 4; otherwise by bytes, by way of a table of their
 * distances, and windows that are partly outside are copied first.
 */
#ifndef MICROTVM_KERNELS_WINDOW_H_
#define MICROTVM_KERNELS_WINDOW_H_

#include "microtvm/kernels/image_window.h"
#include "microtvm/kernels/patch.h"
#include "microtvm/kernels/product.h"

#define MICROTVM_WINDOW_IN_GROUPS(channels, pixel_stride) (((channels) | (pixel_stride)) % 4 == 0)

/* Bytes of scratch: the patch, and where taps are not whole groups, a window and the table. */
#define MICROTVM_WINDOW_SCRATCH(depth, channels, pixel_stride)                                     \
	(MICROTVM_PRODUCT_SCRATCH(depth) +                                                         \
	 (MICROTVM_WINDOW_IN_GROUPS(channels, pixel_stride) ? 0 : ((depth) + 3) / 4 * 20))

static inline int32_t microtvm_window_groups(const struct microtvm_window *window)
{
	return microtvm_groups(window->kernel_height * window->kernel_width * window->channels);
}

/* A copy of one window: bytes in the order of K. */
static inline int8_t *microtvm_window_copy(const struct microtvm_window *window)
{
	int32_t depth = window->kernel_height * window->kernel_width * window->channels;

	return (int8_t *)window->patch + MICROTVM_PRODUCT_SCRATCH(depth);
}

/* The distance of each number of a window from the first one. */
static inline int32_t *microtvm_window_table(const struct microtvm_window *window)
{
	int8_t *copy = microtvm_window_copy(window);

	return (int32_t *)(void *)(copy + microtvm_window_groups(window) * MICROTVM_GROUP);
}

static inline int microtvm_window_has_table(const struct microtvm_window *window)
{
	return !MICROTVM_WINDOW_IN_GROUPS(window->channels, window->pixel_stride);
}

static inline const int8_t *microtvm_window_at(const struct microtvm_window *window,
					       struct microtvm_corner corner)
{
	return (const int8_t *)window->data +
	       (corner.y * window->width + corner.x) * window->pixel_stride;
}

static __attribute__((noinline, unused)) void
microtvm_window_fill_table(const struct microtvm_window *window)
{
	int32_t *table = microtvm_window_table(window);
	int32_t *end = table + microtvm_window_groups(window) * MICROTVM_GROUP;

	for (int32_t i = 0; i < window->kernel_height; i++) {
		for (int32_t j = 0; j < window->kernel_width; j++) {
			int32_t tap =
				i * window->dilation_y * window->width + j * window->dilation_x;

			for (int32_t k = 0; k < window->channels; k++) {
				*table++ = tap * window->pixel_stride + k;
			}
		}
	}
	while (table < end) {
		*table++ = 0;
	}
}

static inline void microtvm_window_copy_taps(const struct microtvm_window *window, int8_t *copy,
					     const int8_t *data, int32_t taps)
{
	int dense = microtvm_window_is_dense(window);
	int32_t run = dense ? taps * window->channels : window->channels;

	for (taps = dense ? 1 : taps; taps > 0; taps--, copy += run) {
		for (int32_t k = 0; k < run; k++) {
			copy[k] = data[k];
		}
		data += window->dilation_x * window->pixel_stride;
	}
}

/* A pixel that cannot be read where it is. */
static __attribute__((noinline, unused)) void
microtvm_window_by_copy(const struct microtvm_window *window, uint32_t *patch,
			struct microtvm_corner corner)
{
	struct microtvm_taps taps = microtvm_window_taps(window, corner.x);
	int32_t groups = microtvm_window_groups(window);
	int8_t *copy = microtvm_window_copy(window) + taps.first * window->channels;
	microtvm_word *words = (microtvm_word *)(void *)microtvm_window_copy(window);

	for (int32_t i = 0; i < groups; i++) {
		words[i] = ((uint32_t)window->zero_point & 0xffu) * 0x01010101u;
	}
	corner.x += taps.first * window->dilation_x;
	for (int32_t i = 0; i < window->kernel_height; i++, corner.y += window->dilation_y) {
		if (microtvm_window_has_row(window, corner.y)) {
			microtvm_window_copy_taps(window, copy, microtvm_window_at(window, corner),
						  taps.end - taps.first);
		}
		copy += window->kernel_width * window->channels;
	}
	microtvm_patch_words(patch, (const int8_t *)words, groups);
}

/* One tap of one pixel, where taps are whole groups. */
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

/* One pixel, where taps are whole groups. */
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

/* One pixel, wherever it is. */
static inline void microtvm_window_pixel(const struct microtvm_window *window, uint32_t *patch,
					 struct microtvm_corner corner)
{
	if (!microtvm_window_has_table(window)) {
		microtvm_window_by_taps(window, patch, corner);
	} else if (microtvm_window_is_inside(window, corner)) {
		microtvm_patch_scattered(patch, microtvm_window_at(window, corner),
					 microtvm_window_table(window),
					 microtvm_window_groups(window));
	} else {
		microtvm_window_by_copy(window, patch, corner);
	}
}

/* Some pixels from this one on. Returns the one after them. */
static __attribute__((noinline, unused)) struct microtvm_corner
microtvm_window_pixels(const struct microtvm_window *window, struct microtvm_corner corner,
		       int32_t pixels)
{
	for (int32_t i = 0; i < pixels; i++) {
		microtvm_window_pixel(window, window->patch + i, corner);
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

/* Four pixels side by side, whose taps are whole groups at multiples of 4. */
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
	const int8_t *data = microtvm_window_at(window, corner);
	int32_t stride = window->stride_x * window->pixel_stride;
	struct microtvm_corner last = corner;

	last.x += (MICROTVM_BLOCK_PIXELS - 1) * window->stride_x;
	if (last.x >= window->out_width * window->stride_x - window->left) {
		return microtvm_window_pixels(window, corner, MICROTVM_BLOCK_PIXELS);
	}
	if (!microtvm_window_has_table(window) && microtvm_words_aligned(data, 0)) {
		microtvm_window_words_4(window, corner);
	} else if (microtvm_window_has_table(window) && microtvm_window_is_inside(window, corner) &&
		   microtvm_window_is_inside(window, last)) {
		microtvm_patch_scattered_4(window->patch, data, stride,
					   microtvm_window_table(window),
					   microtvm_window_groups(window));
	} else {
		return microtvm_window_pixels(window, corner, MICROTVM_BLOCK_PIXELS);
	}
	return microtvm_window_next(window, last);
}

#endif /* MICROTVM_KERNELS_WINDOW_H_ */
