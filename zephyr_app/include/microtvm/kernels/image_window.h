/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Where the windows of a convolution lie in its image, whatever the type of its numbers. */
#ifndef MICROTVM_KERNELS_IMAGE_WINDOW_H_
#define MICROTVM_KERNELS_IMAGE_WINDOW_H_

#include <stdint.h>

/* An image, and how a kernel slides over it. Around the image is its zero point. */
struct microtvm_window {
	const void *data;
	uint32_t *patch; /* the scratch */
	int32_t height;
	int32_t width;
	int32_t channels;     /* that are read of a pixel */
	int32_t pixel_stride; /* numbers from a pixel to the next one in its row */
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

/* Where the window of an output pixel begins in the image; it may be outside. */
struct microtvm_corner {
	int32_t y;
	int32_t x;
};

/* Whether the taps of a row of the kernel are neighbours in memory. */
static inline int microtvm_window_is_dense(const struct microtvm_window *window)
{
	return (window->dilation_x == 1 || window->kernel_width == 1) &&
	       window->pixel_stride == window->channels;
}

static inline int microtvm_window_is_inside(const struct microtvm_window *window,
					    struct microtvm_corner corner)
{
	int32_t bottom = corner.y + (window->kernel_height - 1) * window->dilation_y;
	int32_t right = corner.x + (window->kernel_width - 1) * window->dilation_x;

	return corner.y >= 0 && corner.x >= 0 && bottom < window->height && right < window->width;
}

/* The taps of a row of the kernel that are inside the image: first and one past the last. */
struct microtvm_taps {
	int32_t first;
	int32_t end;
};

static inline struct microtvm_taps microtvm_window_taps(const struct microtvm_window *window,
							int32_t x)
{
	struct microtvm_taps taps = {0, window->kernel_width};

	while (taps.first < taps.end && x + taps.first * window->dilation_x < 0) {
		taps.first++;
	}
	while (taps.first < taps.end && x + (taps.end - 1) * window->dilation_x >= window->width) {
		taps.end--;
	}
	return taps;
}

static inline int microtvm_window_has_row(const struct microtvm_window *window, int32_t y)
{
	return y >= 0 && y < window->height;
}

/* The output pixel after another one. */
static inline struct microtvm_corner microtvm_window_next(const struct microtvm_window *window,
							  struct microtvm_corner corner)
{
	corner.x += window->stride_x;
	if (corner.x >= window->out_width * window->stride_x - window->left) {
		corner.x = -window->left;
		corner.y += window->stride_y;
	}
	return corner;
}

#endif /* MICROTVM_KERNELS_IMAGE_WINDOW_H_ */
