/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Rows of a convolution of int16 images, NHWC: any kernel, stride and dilation,
 * zeros as padding. A grouped convolution is a call for each group, with the
 * distances between pixels that the whole tensors have.
 */
#ifndef MICROTVM_KERNELS_CONV2D_S16_H_
#define MICROTVM_KERNELS_CONV2D_S16_H_

#include "microtvm/kernels/blocks_s16.h"
#include "microtvm/kernels/window_s16.h"

/* Bytes of scratch for kernels of so many numbers: height * width * channels. */
#define MICROTVM_CONV2D_S16_SCRATCH(depth) MICROTVM_PRODUCT_SCRATCH(depth)

static __attribute__((noinline, unused)) void
microtvm_conv2d_run_s16(const struct microtvm_product *product,
			const struct microtvm_window *window, int16_t *out, int32_t first_row,
			int32_t pixels)
{
	struct microtvm_corner corner = {
		.y = first_row * window->stride_y - window->top,
		.x = -window->left,
	};
	struct microtvm_block block;
	int8_t *next = (int8_t *)out;

	for (int32_t few = MICROTVM_BLOCK_PIXELS; few > 0; few /= 2) {
		microtvm_product_block(product, &block, few);
		for (; pixels >= few; pixels -= few, next += few * product->out_stride) {
			corner = microtvm_window_pixels_s16(window, corner, few);
			microtvm_product_run(product, &block, next);
		}
	}
}

static __attribute__((noinline, unused)) void
microtvm_conv2d_clamp_s16(int16_t *out, const struct microtvm_product *product, int32_t pixels,
			  int32_t low, int32_t high)
{
	for (; pixels > 0; pixels--, out += product->out_stride / 2) {
		microtvm_clamp_s16(out, product->channels, low, high);
	}
}

/*
 * microtvm_conv2d_s16_<form>(...) computes `rows` rows of the output from
 * `first_row` on; out points to the first of them.
 *
 * channels, out_channels: of the group; pixel_stride, out_stride: numbers from
 * a pixel to the next one in memory, so that of all groups; data and out point
 * to the group's first channel. `packed` is as block_s16.h tells, K in the
 * order of [kernel_height][kernel_width][channels]; `scratch` has
 * MICROTVM_CONV2D_S16_SCRATCH bytes at a multiple of 4. data and out are at
 * multiples of 2.
 */
#define MICROTVM_DEFINE_CONV2D_S16(form)                                                           \
	static inline void microtvm_conv2d_s16_##form(                                             \
		int16_t *out, const int16_t *data, const int32_t *packed, void *scratch,           \
		int32_t height, int32_t width, int32_t channels, int32_t pixel_stride,             \
		int32_t kernel_height, int32_t kernel_width, int32_t stride_y, int32_t stride_x,   \
		int32_t dilation_y, int32_t dilation_x, int32_t top, int32_t left,                 \
		int32_t out_width, int32_t out_channels, int32_t out_stride, int32_t low,          \
		int32_t high, int32_t first_row, int32_t rows)                                     \
	{                                                                                          \
		const struct microtvm_product product = {                                          \
			.blocks = &microtvm_blocks_##form,                                         \
			.packed = packed,                                                          \
			.patch = (uint32_t *)scratch,                                              \
			.depth = kernel_height * kernel_width * channels,                          \
			.channels = out_channels,                                                  \
			.out_stride = 2 * out_stride,                                              \
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
		};                                                                                 \
                                                                                                   \
		microtvm_conv2d_run_s16(&product, &window, out, first_row, rows *out_width);       \
		if (low != INT16_MIN || high != INT16_MAX) {                                       \
			microtvm_conv2d_clamp_s16(out, &product, rows *out_width, low, high);      \
		}                                                                                  \
	}

MICROTVM_FOR_EACH_S16(MICROTVM_DEFINE_CONV2D_S16)

#endif /* MICROTVM_KERNELS_CONV2D_S16_H_ */
