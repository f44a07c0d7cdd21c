/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Rows of a convolution, NHWC: any kernel, stride, dilation and padding by the
 * zero point. A grouped convolution is a call for each group, with the
 * distances between pixels that the whole tensors have.
 */
#ifndef MICROTVM_KERNELS_CONV2D_S8_H_
#define MICROTVM_KERNELS_CONV2D_S8_H_

#include "microtvm/kernels/blocks.h"
#include "microtvm/kernels/window.h"
#include "microtvm/kernels/window_rows.h"

/* Bytes of scratch; `columns` are those that a row of output reads. */
#define MICROTVM_CONV2D_SCRATCH(kernel_height, kernel_width, channels, pixel_stride, columns,      \
				dilation_x)                                                        \
	(MICROTVM_WINDOW_IN_GROUPS(channels, pixel_stride)                                         \
		 ? MICROTVM_PRODUCT_SCRATCH((kernel_height) * (kernel_width) * (channels))         \
		 : MICROTVM_WINDOW_ROWS_SCRATCH((kernel_height) * (kernel_width) * (channels),     \
						kernel_height, columns, pixel_stride,              \
						MICROTVM_WINDOW_IN_RUNS(kernel_width, channels,    \
									pixel_stride,              \
									dilation_x)))

/* Where taps are whole groups. */
static __attribute__((noinline, unused)) void
microtvm_conv2d_by_words(const struct microtvm_product *product,
			 const struct microtvm_window *window, int8_t *out, int32_t first_row,
			 int32_t rows)
{
	struct microtvm_corner corner = {
		.y = first_row * window->stride_y - window->top,
		.x = -window->left,
	};
	struct microtvm_block block;
	int32_t pixels = rows * window->out_width;

	microtvm_product_block(product, &block, MICROTVM_BLOCK_PIXELS);
	for (; pixels >= MICROTVM_BLOCK_PIXELS; pixels -= MICROTVM_BLOCK_PIXELS) {
		corner = microtvm_window_patch_4(window, corner);
		microtvm_product_run(product, &block, out);
		out += MICROTVM_BLOCK_PIXELS * product->out_stride;
	}
	for (int32_t few = 2; few > 0; few /= 2) {
		if (pixels & few) {
			microtvm_product_block(product, &block, few);
			corner = microtvm_window_pixels(window, corner, few);
			microtvm_product_run(product, &block, out);
			out += few * product->out_stride;
		}
	}
}

/* The last pixels, fewer than four, of which the patch has `pixels`. */
static inline __attribute__((always_inline)) void
microtvm_conv2d_rest(const struct microtvm_product *product, struct microtvm_block *block,
		     int8_t *out, int32_t pixels)
{
	uint32_t *patch = product->patch;

	if (pixels >= 2) {
		microtvm_product_block(product, block, 2);
		microtvm_product_run(product, block, out);
		out += 2 * product->out_stride;
	}
	if (pixels % 2) {
		for (int32_t i = 0; i < 2 * microtvm_groups(product->depth); i++) {
			patch[MICROTVM_BLOCK_PIXELS * i] =
				patch[MICROTVM_BLOCK_PIXELS * i + pixels - 1];
		}
		microtvm_product_block(product, block, 1);
		microtvm_product_run(product, block, out);
	}
}

/* Where they are not. A block of pixels may begin in one row and end in a later one. */
static __attribute__((noinline, unused)) void
microtvm_conv2d_by_rows(const struct microtvm_product *product,
			const struct microtvm_window *window, int8_t *out, int32_t first_row,
			int32_t rows)
{
	struct microtvm_window_rows copied = microtvm_window_rows(window);
	int32_t stride = window->stride_x * window->pixel_stride;
	int32_t y = first_row * window->stride_y - window->top;
	int32_t filled = 0;
	struct microtvm_block block;

	microtvm_product_block(product, &block, MICROTVM_BLOCK_PIXELS);
	for (; rows > 0; rows--, y += window->stride_y) {
		const int8_t *data = copied.first;

		microtvm_window_copy_rows(&copied, y);
		for (int32_t x = window->out_width; x > 0;) {
			int32_t taken = filled == 0 && x >= MICROTVM_BLOCK_PIXELS
						? MICROTVM_BLOCK_PIXELS
						: 1;

			microtvm_window_from_rows(&copied, data, filled, taken);
			x -= taken;
			data += taken * stride;
			filled += taken;
			if (filled == MICROTVM_BLOCK_PIXELS) {
				microtvm_product_run(product, &block, out);
				out += MICROTVM_BLOCK_PIXELS * product->out_stride;
				filled = 0;
			}
		}
	}
	microtvm_conv2d_rest(product, &block, out, filled);
}

/*
 * microtvm_conv2d_s8_<form>(...) computes `rows` rows of the output from
 * `first_row` on; out points to the first of them.
 *
 * channels, out_channels: of the group; pixel_stride, out_stride: from a pixel
 * to the next one in memory, so that of all groups; data and out point to the
 * group's first channel. `packed` is as block.h tells, K in the order of
 * [kernel_height][kernel_width][channels]; `scratch` has
 * MICROTVM_CONV2D_SCRATCH bytes at a multiple of 4. data and out can be
 * anywhere.
 */
#define MICROTVM_DEFINE_CONV2D(form)                                                               \
	static inline void microtvm_conv2d_s8_##form(                                              \
		int8_t *out, const int8_t *data, const int32_t *packed, void *scratch,             \
		int32_t height, int32_t width, int32_t channels, int32_t pixel_stride,             \
		int32_t kernel_height, int32_t kernel_width, int32_t stride_y, int32_t stride_x,   \
		int32_t dilation_y, int32_t dilation_x, int32_t top, int32_t left,                 \
		int32_t out_width, int32_t out_channels, int32_t out_stride, int32_t zero_point,   \
		int32_t low, int32_t high, int32_t first_row, int32_t rows)                        \
	{                                                                                          \
		const struct microtvm_product product = {                                          \
			.blocks = &microtvm_blocks_##form,                                         \
			.packed = packed,                                                          \
			.patch = (uint32_t *)scratch,                                              \
			.depth = kernel_height * kernel_width * channels,                          \
			.channels = out_channels,                                                  \
			.out_stride = out_stride,                                                  \
		};                                                                                 \
		const struct microtvm_window window = {                                            \
			.data = data,                                                              \
			.patch = (uint32_t *)scratch,                                              \
			.height = height,                                                          \
			.width = width,                                                            \
			.channels = channels,                                                      \
			.pixel_stride = pixel_stride,                                              \
			.kernel_height = kernel_height,                                            \
			.kernel_width = kernel_width,                                              \
			.stride_y = stride_y,                                                      \
			.stride_x = stride_x,                                                      \
			.dilation_y = dilation_y,                                                  \
			.dilation_x = dilation_x,                                                  \
			.top = top,                                                                \
			.left = left,                                                              \
			.out_width = out_width,                                                    \
			.zero_point = zero_point,                                                  \
		};                                                                                 \
		const struct microtvm_clamp clamp = {(int8_t)low, (int8_t)high};                   \
                                                                                                   \
		if (MICROTVM_WINDOW_IN_GROUPS(channels, pixel_stride)) {                           \
			microtvm_conv2d_by_words(&product, &window, out, first_row, rows);         \
		} else {                                                                           \
			microtvm_conv2d_by_rows(&product, &window, out, first_row, rows);          \
		}                                                                                  \
		microtvm_product_clamp(&product, out, rows *out_width, clamp);                     \
	}

MICROTVM_FOR_EACH_BLOCKS(MICROTVM_DEFINE_CONV2D)

#endif /* MICROTVM_KERNELS_CONV2D_S8_H_ */
