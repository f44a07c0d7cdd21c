/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pools of NHWC images of int16 share: the part of a window that lies
 * inside the image, and how a pool goes through its outputs. Two channels at a
 * time are read as a word where all are at multiples of 4.
 */
#ifndef MICROTVM_KERNELS_POOL_S16_H_
#define MICROTVM_KERNELS_POOL_S16_H_

#include "microtvm/kernels/clamp_s16.h"
#include "microtvm/kernels/simd.h"

/* The order is that of the arguments. */
struct microtvm_pool_s16 {
	int16_t *out;
	const int16_t *data;
	int32_t images, height, width, channels;
	int32_t out_height, out_width;
	int32_t window_height, window_width;
	int32_t stride_y, stride_x;
	int32_t top, left; /* padding */
};

/* The pixels of a window that lie inside the image, one at least. */
struct microtvm_pixels_s16 {
	const int16_t *data;
	int32_t rows;
	int32_t columns;
	int32_t row_step; /* numbers from a row to the next one */
	int32_t channels; /* and from a pixel to the next one */
};

/* From pixels to one channel of an output, and to two of them. */
typedef int16_t (*microtvm_pool_one)(const struct microtvm_pixels_s16 *pixels, const int16_t *data);
typedef uint32_t (*microtvm_pool_two)(const struct microtvm_pixels_s16 *pixels,
				      const int16_t *data);

static inline int32_t microtvm_pool_inside(int32_t *start, int32_t size, int32_t limit)
{
	int32_t end = *start + size;

	end = end < limit ? end : limit;
	*start = *start > 0 ? *start : 0;
	return end - *start;
}

static inline struct microtvm_pixels_s16
microtvm_pool_pixels_s16(const struct microtvm_pool_s16 *pool, int32_t y, int32_t x)
{
	int32_t row = y * pool->stride_y - pool->top;
	int32_t column = x * pool->stride_x - pool->left;
	struct microtvm_pixels_s16 pixels = {
		.rows = microtvm_pool_inside(&row, pool->window_height, pool->height),
		.columns = microtvm_pool_inside(&column, pool->window_width, pool->width),
		.row_step = pool->width * pool->channels,
		.channels = pool->channels,
	};

	pixels.data = pool->data + (row * pool->width + column) * pool->channels;
	return pixels;
}

/* The last two arguments are constants where it is called. */
static inline void microtvm_pool_output_s16(const struct microtvm_pixels_s16 *pixels, int16_t *out,
					    int by_words, microtvm_pool_one one,
					    microtvm_pool_two two)
{
	int32_t channel = 0;

	for (; by_words && channel < pixels->channels; channel += 2) {
		uint32_t pair = two(pixels, pixels->data + channel);

		out[channel] = (int16_t)(uint16_t)pair;
		out[channel + 1] = (int16_t)(uint16_t)(pair >> 16);
	}
	for (; channel < pixels->channels; channel++) {
		out[channel] = one(pixels, pixels->data + channel);
	}
}

static inline void microtvm_pool_run_s16(struct microtvm_pool_s16 pool, microtvm_pool_one one,
					 microtvm_pool_two two)
{
	uint32_t alignment = (uint32_t)(uintptr_t)pool.data | (uint32_t)pool.channels << 1;

	for (; pool.images > 0; pool.images--) {
		for (int32_t y = 0; y < pool.out_height; y++) {
			for (int32_t x = 0; x < pool.out_width; x++, pool.out += pool.channels) {
				struct microtvm_pixels_s16 pixels =
					microtvm_pool_pixels_s16(&pool, y, x);

				microtvm_pool_output_s16(&pixels, pool.out, alignment % 4 == 0, one,
							 two);
			}
		}
		pool.data += pool.height * pool.width * pool.channels;
	}
}

/* microtvm_<name>_s16(...) */
#define MICROTVM_DEFINE_POOL_S16(name, one, two)                                                   \
	static __attribute__((noinline, unused)) void microtvm_##name##_s16(                       \
		int16_t *out, const int16_t *data, int32_t images, int32_t height, int32_t width,  \
		int32_t channels, int32_t out_height, int32_t out_width, int32_t window_height,    \
		int32_t window_width, int32_t stride_y, int32_t stride_x, int32_t top,             \
		int32_t left, int32_t low, int32_t high)                                           \
	{                                                                                          \
		const struct microtvm_pool_s16 pool = {                                            \
			out,	  data,	      images,	 height,	width,                     \
			channels, out_height, out_width, window_height, window_width,              \
			stride_y, stride_x,   top,	 left};                                    \
                                                                                                   \
		microtvm_pool_run_s16(pool, one, two);                                             \
		microtvm_clamp_s16(out, images *out_height *out_width *channels, low, high);       \
	}

#endif /* MICROTVM_KERNELS_POOL_S16_H_ */
