/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pools of NHWC images share: the part of a window that lies inside
 * the image, and how a pool goes through its outputs. Four channels at a time
 * are read as a word where the image and its count of channels are multiples
 * of 4, as bytes elsewhere.
 */
#ifndef MICROTVM_KERNELS_POOL_S8_H_
#define MICROTVM_KERNELS_POOL_S8_H_

#include "microtvm/kernels/clamp.h"
#include "microtvm/kernels/simd.h"

/* The order is that of the arguments. */
struct microtvm_pool {
	int8_t *out;
	const int8_t *data;
	int32_t height, width, channels;
	int32_t out_height, out_width;
	int32_t window_height, window_width;
	int32_t stride_y, stride_x;
	int32_t top, left; /* padding */
};

/* A window; not empty. */
struct microtvm_pool_window {
	const int8_t *data; /* its first pixel inside the image */
	int32_t rows;
	int32_t columns;
	int32_t row_bytes; /* from a row to the next one */
	int32_t channels;
};

typedef void (*microtvm_pool_function)(const struct microtvm_pool_window *window, int8_t *out,
				       int by_words);

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
	struct microtvm_pool_window window;

	window.rows = microtvm_pool_clip(&row, pool->window_height, pool->height);
	window.columns = microtvm_pool_clip(&column, pool->window_width, pool->width);
	window.data = pool->data + (row * pool->width + column) * pool->channels;
	window.row_bytes = pool->width * pool->channels;
	window.channels = pool->channels;
	run(&window, out, alignment % 4 == 0);
}

static inline void microtvm_pool_run(const struct microtvm_pool *pool, microtvm_pool_function run,
				     struct microtvm_clamp clamp)
{
	int8_t *out = pool->out;

	for (int32_t y = 0; y < pool->out_height; y++) {
		for (int32_t x = 0; x < pool->out_width; x++, out += pool->channels) {
			microtvm_pool_pixel(pool, y, x, out, run);
		}
	}
	microtvm_clamp_s8(pool->out, pool->out_height * pool->out_width * pool->channels, clamp);
}

/* microtvm_<name>_s8(...) */
#define MICROTVM_DEFINE_POOL(name, run)                                                            \
	static __attribute__((noinline, unused)) void microtvm_##name##_s8(                        \
		int8_t *out, const int8_t *data, int32_t height, int32_t width, int32_t channels,  \
		int32_t out_height, int32_t out_width, int32_t window_height,                      \
		int32_t window_width, int32_t stride_y, int32_t stride_x, int32_t top,             \
		int32_t left, int32_t low, int32_t high)                                           \
	{                                                                                          \
		const struct microtvm_pool pool = {                                                \
			out,	    data,      height,	      width,	    channels,              \
			out_height, out_width, window_height, window_width, stride_y,              \
			stride_x,   top,       left};                                              \
                                                                                                   \
		microtvm_pool_run(&pool, run, (struct microtvm_clamp){(int8_t)low, (int8_t)high}); \
	}

#endif /* MICROTVM_KERNELS_POOL_S8_H_ */
