/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pools of images of one channel share, and so those of NCHW images,
 * where each channel is one: the rows of a window are brought together first,
 * four columns at a time, in scratch; then the columns of each window.
 */
#ifndef MICROTVM_KERNELS_POOL_ROWS_S8_H_
#define MICROTVM_KERNELS_POOL_ROWS_S8_H_

#include "microtvm/kernels/pool_s8.h"

/* Brings rows of an image, which are one at least, together in scratch. */
typedef void (*microtvm_pool_columns)(const int8_t *data, int32_t rows, int32_t width,
				      void *scratch);

/* Brings `columns` columns in scratch together for an output. */
typedef int8_t (*microtvm_pool_output)(const void *scratch, int32_t column, int32_t columns,
				       int32_t rows);

/* Four columns of a row, whose bytes lie at any address but for `is_aligned`. */
static inline uint32_t microtvm_pool_four(const int8_t *data, int is_aligned)
{
	return is_aligned ? microtvm_load_word(data) : microtvm_load_bytes(data);
}

/* Whether all rows begin at multiples of 4. */
static inline int microtvm_pool_is_aligned(const int8_t *data, int32_t width)
{
	return ((uint32_t)(uintptr_t)data | (uint32_t)width) % 4 == 0;
}

static inline void microtvm_pool_row(const struct microtvm_pool *pool, const int8_t *image,
				     int32_t y, int8_t *out, void *scratch,
				     microtvm_pool_columns columns, microtvm_pool_output output)
{
	int32_t row = y * pool->stride_y - pool->top;
	const int32_t rows = microtvm_pool_clip(&row, pool->window_height, pool->height);

	columns(image + row * pool->width, rows, pool->width, scratch);
	for (int32_t x = 0; x < pool->out_width; x++) {
		int32_t column = x * pool->stride_x - pool->left;
		int32_t count = microtvm_pool_clip(&column, pool->window_width, pool->width);

		out[x] = output(scratch, column, count, rows);
	}
}

static inline void microtvm_pool_rows(const struct microtvm_pool *pool, void *scratch,
				      microtvm_pool_columns columns, microtvm_pool_output output,
				      struct microtvm_clamp clamp)
{
	const int8_t *image = pool->data;
	int8_t *out = pool->out;

	for (int32_t i = 0; i < pool->images; i++, image += pool->height * pool->width) {
		for (int32_t y = 0; y < pool->out_height; y++, out += pool->out_width) {
			microtvm_pool_row(pool, image, y, out, scratch, columns, output);
		}
	}
	microtvm_clamp_s8(pool->out, pool->images * pool->out_height * pool->out_width, clamp);
}

/* microtvm_<name>_rows_s8(...): like microtvm_<name>_s8(...) with one channel. */
#define MICROTVM_DEFINE_POOL_ROWS(name, columns, output)                                           \
	static __attribute__((noinline, unused)) void microtvm_##name##_rows_s8(                   \
		int8_t *out, const int8_t *data, void *scratch, int32_t images, int32_t height,    \
		int32_t width, int32_t out_height, int32_t out_width, int32_t window_height,       \
		int32_t window_width, int32_t stride_y, int32_t stride_x, int32_t top,             \
		int32_t left, int32_t low, int32_t high)                                           \
	{                                                                                          \
		const struct microtvm_pool pool = {out,		 data,	    images,                \
						   height,	 width,	    1,                     \
						   out_height,	 out_width, window_height,         \
						   window_width, stride_y,  stride_x,              \
						   top,		 left};                            \
                                                                                                   \
		microtvm_pool_rows(&pool, scratch, columns, output,                                \
				   (struct microtvm_clamp){(int8_t)low, (int8_t)high});            \
	}

#endif /* MICROTVM_KERNELS_POOL_ROWS_S8_H_ */
