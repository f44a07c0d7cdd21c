/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pools of NHWC images share: the part of a window that lies inside
 * the image, and how a pool goes through its outputs, four channels at a time.
 * These are read as a word where the images and the count of channels are
 * multiples of 4.
 */
#ifndef MICROTVM_KERNELS_POOL_S8_H_
#define MICROTVM_KERNELS_POOL_S8_H_

#include "microtvm/kernels/channel_sums.h"
#include "microtvm/kernels/clamp.h"

/* The order is that of the arguments. */
struct microtvm_pool {
	int8_t *out;
	const int8_t *data;
	int32_t images, height, width, channels;
	int32_t out_height, out_width;
	int32_t window_height, window_width;
	int32_t stride_y, stride_x;
	int32_t top, left; /* padding */
};

/* Takes a window's pixels, which are one at least, to an output pixel. */
typedef void (*microtvm_pool_function)(const struct microtvm_pixels *window, int8_t *out);

static inline int32_t microtvm_pool_clip(int32_t *start, int32_t size, int32_t limit)
{
	int32_t end = *start + size;

	end = end < limit ? end : limit;
	*start = *start > 0 ? *start : 0;
	return end - *start;
}

static inline void microtvm_pool_pixel(const struct microtvm_pool *pool, int32_t y, int32_t x,
				       int8_t *out, microtvm_pool_function run)
{
	int32_t row = y * pool->stride_y - pool->top;
	int32_t column = x * pool->stride_x - pool->left;
	uint32_t alignment = (uint32_t)(uintptr_t)pool->data | (uint32_t)pool->channels;
	struct microtvm_pixels window;

	window.rows = microtvm_pool_clip(&row, pool->window_height, pool->height);
	window.columns = microtvm_pool_clip(&column, pool->window_width, pool->width);
	window.data = pool->data + (row * pool->width + column) * pool->channels;
	window.row_bytes = pool->width * pool->channels;
	window.step = pool->channels;
	window.channels = pool->channels;
	window.is_aligned = alignment % 4 == 0;
	if (window.columns == pool->width) {
		window.columns *= window.rows;
		window.rows = 1;
	}
	run(&window, out);
}

static inline void microtvm_pool_run(struct microtvm_pool pool, microtvm_pool_function run,
				     struct microtvm_clamp clamp)
{
	int32_t out_pixels = pool.images * pool.out_height * pool.out_width;
	int8_t *out = pool.out;

	for (int32_t image = 0; image < pool.images; image++) {
		for (int32_t y = 0; y < pool.out_height; y++) {
			for (int32_t x = 0; x < pool.out_width; x++, out += pool.channels) {
				microtvm_pool_pixel(&pool, y, x, out, run);
			}
		}
		pool.data += pool.height * pool.width * pool.channels;
	}
	microtvm_clamp_s8(pool.out, out_pixels * pool.channels, clamp);
}

/* microtvm_<name>_s8(...) */
#define MICROTVM_DEFINE_POOL(name, run)                                                            \
	static __attribute__((noinline, unused)) void microtvm_##name##_s8(                        \
		int8_t *out, const int8_t *data, int32_t images, int32_t height, int32_t width,    \
		int32_t channels, int32_t out_height, int32_t out_width, int32_t window_height,    \
		int32_t window_width, int32_t stride_y, int32_t stride_x, int32_t top,             \
		int32_t left, int32_t low, int32_t high)                                           \
	{                                                                                          \
		const struct microtvm_pool pool = {                                                \
			out,	  data,	      images,	 height,	width,                     \
			channels, out_height, out_width, window_height, window_width,              \
			stride_y, stride_x,   top,	 left};                                    \
                                                                                                   \
		microtvm_pool_run(pool, run, (struct microtvm_clamp){(int8_t)low, (int8_t)high});  \
	}

#endif /* MICROTVM_KERNELS_POOL_S8_H_ */
