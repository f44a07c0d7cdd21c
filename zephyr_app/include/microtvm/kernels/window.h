/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the pixels of a convolution read: from windows of an image to the patch of block.h. */
#ifndef MICROTVM_KERNELS_WINDOW_H_
#define MICROTVM_KERNELS_WINDOW_H_

#include "microtvm/kernels/patch.h"

/* An image, and how a kernel slides over it. Around the image is its zero point. */
struct microtvm_window {
	int32_t height;
	int32_t width;
	int32_t channels;     /* that are read of a pixel */
	int32_t pixel_stride; /* bytes from a pixel to the next one in its row */
	int32_t kernel_height;
	int32_t kernel_width;
	int32_t stride_y;
	int32_t stride_x;
	int32_t dilation_y;
	int32_t dilation_x;
	int32_t top;
	int32_t left;
	int32_t out_width;
	int32_t zero_point;
};

/* Where the kernel of an output pixel begins in the image; it may be outside. */
struct microtvm_corner {
	int32_t y;
	int32_t x;
};

static inline struct microtvm_corner microtvm_corner(const struct microtvm_window *window,
						     int32_t pixel)
{
	int32_t row = pixel / window->out_width;
	int32_t column = pixel - row * window->out_width;

	return (struct microtvm_corner){
		.y = row * window->stride_y - window->top,
		.x = column * window->stride_x - window->left,
	};
}

/* Whether the taps of a row of the kernel are neighbours in memory. */
static inline int microtvm_window_dense(const struct microtvm_window *window)
{
	return (window->dilation_x == 1 || window->kernel_width == 1) &&
	       window->pixel_stride == window->channels;
}

/* Whether all taps of a row are inside the image. */
static inline int microtvm_window_inside(const struct microtvm_window *window, int32_t x)
{
	return x >= 0 && x + (window->kernel_width - 1) * window->dilation_x < window->width;
}

/* One row of the kernel for one pixel, numbers k and on; `row` is 0 where it is outside. */
static inline void microtvm_window_row(const struct microtvm_window *window, const int8_t *row,
				       uint32_t *patch, int32_t k, int32_t x)
{
	int32_t taps = window->kernel_width;
	int32_t count = window->channels;

	if (row == NULL) {
		microtvm_patch_fill(patch, k, window->zero_point, taps * count);
		return;
	}
	if (microtvm_window_dense(window) && microtvm_window_inside(window, x)) {
		microtvm_patch_copy(patch, k, row + x * count, taps * count);
		return;
	}
	for (int32_t tap = 0; tap < taps; tap++, x += window->dilation_x, k += count) {
		if (x >= 0 && x < window->width) {
			microtvm_patch_copy(patch, k, row + x * window->pixel_stride, count);
		} else {
			microtvm_patch_fill(patch, k, window->zero_point, count);
		}
	}
}

static inline const int8_t *microtvm_window_line(const struct microtvm_window *window,
						 const int8_t *data, int32_t y)
{
	return y >= 0 && y < window->height ? data + y * window->width * window->pixel_stride
					    : NULL;
}

static __attribute__((noinline, unused)) void
microtvm_window_pixel(const struct microtvm_window *window, const int8_t *data, uint32_t *patch,
		      struct microtvm_corner corner)
{
	int32_t k = 0;

	for (int32_t i = 0; i < window->kernel_height; i++) {
		microtvm_window_row(window, microtvm_window_line(window, data, corner.y), patch, k,
				    corner.x);
		corner.y += window->dilation_y;
		k += window->kernel_width * window->channels;
	}
}

/* Four pixels side by side whose taps are inside left and right, all at multiples of 4. */
static __attribute__((noinline, unused)) void
microtvm_window_words(const struct microtvm_window *window, const int8_t *data, uint32_t *patch,
		      struct microtvm_corner corner)
{
	int dense = microtvm_window_dense(window);
	int32_t runs = dense ? 1 : window->kernel_width;
	int32_t groups = window->channels * (dense ? window->kernel_width : 1) / MICROTVM_GROUP;
	int32_t stride = window->stride_x * window->pixel_stride;

	data += corner.x * window->pixel_stride;
	for (int32_t i = 0; i < window->kernel_height; i++, corner.y += window->dilation_y) {
		const int8_t *row = microtvm_window_line(window, data, corner.y);

		for (int32_t run = 0; run < runs; run++, patch += groups * MICROTVM_GROUP_WORDS) {
			if (row == NULL) {
				microtvm_patch_fill_4(patch, window->zero_point, groups);
				continue;
			}
			microtvm_patch_words_4(patch, row, stride, groups);
			row += window->dilation_x * window->pixel_stride;
		}
	}
}

/* Whether microtvm_window_words() can take four pixels from this one on. */
static inline int microtvm_window_has_words(const struct microtvm_window *window,
					    const int8_t *data, int32_t pixel,
					    struct microtvm_corner corner)
{
	int32_t last = MICROTVM_BLOCK_PIXELS - 1;

	return microtvm_words_aligned(data, window->pixel_stride, window->channels) &&
	       pixel % window->out_width + last < window->out_width &&
	       microtvm_window_inside(window, corner.x) &&
	       microtvm_window_inside(window, corner.x + last * window->stride_x);
}

/* The patch of 1, 2 or 4 output pixels, counted row by row. */
static inline void microtvm_window_patch(const struct microtvm_window *window, const int8_t *data,
					 uint32_t *patch, int32_t pixel, int32_t pixels)
{
	struct microtvm_corner corner = microtvm_corner(window, pixel);

	if (pixels == MICROTVM_BLOCK_PIXELS &&
	    microtvm_window_has_words(window, data, pixel, corner)) {
		microtvm_window_words(window, data, patch, corner);
		return;
	}
	for (int32_t i = 0; i < pixels; i++) {
		microtvm_window_pixel(window, data, patch + i, microtvm_corner(window, pixel + i));
	}
}

#endif /* MICROTVM_KERNELS_WINDOW_H_ */
