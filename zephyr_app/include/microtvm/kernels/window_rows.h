/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pixels of a convolution read, where the taps of a window are not
 * whole groups, as in a model's first layer. The rows of the image that a row
 * of output reads are copied to the scratch with what is around them; then
 * every window is read in the same way, byte by byte: by rows of the kernel if
 * each is whole groups, else by a table of the distances of its numbers.
 */
#ifndef MICROTVM_KERNELS_WINDOW_ROWS_H_
#define MICROTVM_KERNELS_WINDOW_ROWS_H_

#include "microtvm/kernels/image_window.h"
#include "microtvm/kernels/patch.h"
#include "microtvm/kernels/product.h"

/* Bytes of a copied row; the image's part of it begins at a multiple of 4. */
#define MICROTVM_WINDOW_ROW_BYTES(columns, pixel_stride) (((columns) * (pixel_stride) + 6) / 4 * 4)

/* Whether what a row of the kernel reads are neighbours, four at a time. */
#define MICROTVM_WINDOW_IN_RUNS(kernel_width, channels, pixel_stride, dilation_x)                  \
	((kernel_width) * (channels) % 4 == 0 && (channels) == (pixel_stride) &&                   \
	 ((dilation_x) == 1 || (kernel_width) == 1))

/* Bytes of scratch: the patch, the table if there is one, and a row for each of the kernel's. */
#define MICROTVM_WINDOW_ROWS_SCRATCH(depth, kernel_height, columns, pixel_stride, in_runs)         \
	(MICROTVM_PRODUCT_SCRATCH(depth) + ((in_runs) ? 0 : ((depth) + 3) / 4 * 16) +              \
	 (kernel_height) * MICROTVM_WINDOW_ROW_BYTES(columns, pixel_stride))

/* Columns that a row of output reads, those outside of the image too. */
static inline int32_t microtvm_window_columns(const struct microtvm_window *window)
{
	return (window->out_width - 1) * window->stride_x +
	       (window->kernel_width - 1) * window->dilation_x + 1;
}

/* The rows in the scratch. */
struct microtvm_window_rows {
	const struct microtvm_window *window;
	int32_t *table; /* distances from a window's first number, in groups; or NULL */
	int32_t groups; /* of the window, without a table of a row of the kernel */
	int8_t *first;	/* what the first output of a row reads first */
	int32_t bytes;	/* from a row to the next one */
	int32_t inside; /* bytes of the image in a row, to the last channel that is read */
};

static inline void microtvm_window_fill_table(const struct microtvm_window_rows *rows)
{
	const struct microtvm_window *window = rows->window;
	int32_t *table = rows->table;
	int32_t *end = table + rows->groups * MICROTVM_GROUP;

	for (int32_t i = 0; i < window->kernel_height; i++) {
		for (int32_t j = 0; j < window->kernel_width; j++) {
			for (int32_t k = 0; k < window->channels; k++) {
				*table++ = i * rows->bytes +
					   j * window->dilation_x * window->pixel_stride + k;
			}
		}
	}
	while (table < end) {
		*table++ = 0;
	}
}

static inline void microtvm_window_fill_words(int8_t *at, int32_t value, int32_t words)
{
	microtvm_word *word = (microtvm_word *)(void *)at;

	for (; words > 0; words--) {
		*word++ = ((uint32_t)value & 0xffu) * 0x01010101u;
	}
}

/* Lays out the scratch; all rows are outside of the image so far. */
static __attribute__((noinline, unused)) struct microtvm_window_rows
microtvm_window_rows(const struct microtvm_window *window)
{
	int32_t depth = window->kernel_height * window->kernel_width * window->channels;
	int32_t columns = microtvm_window_columns(window);
	int32_t covered = columns - window->left;
	int32_t inside = (covered < window->width ? covered : window->width) * window->pixel_stride;
	int in_runs = MICROTVM_WINDOW_IN_RUNS(window->kernel_width, window->channels,
					      window->pixel_stride, window->dilation_x);
	int8_t *table = (int8_t *)window->patch + MICROTVM_PRODUCT_SCRATCH(depth);
	int8_t *start = table + (in_runs ? 0 : microtvm_groups(depth) * 16);
	struct microtvm_window_rows rows = {
		.window = window,
		.table = in_runs ? NULL : (int32_t *)(void *)table,
		.groups =
			microtvm_groups(in_runs ? window->kernel_width * window->channels : depth),
		.first = start + (-(window->left * window->pixel_stride) & 3),
		.bytes = MICROTVM_WINDOW_ROW_BYTES(columns, window->pixel_stride),
		.inside = inside - (window->pixel_stride - window->channels),
	};

	if (!in_runs) {
		microtvm_window_fill_table(&rows);
	}
	microtvm_window_fill_words(start, window->zero_point,
				   window->kernel_height * rows.bytes / 4);
	return rows;
}

static inline void microtvm_window_copy_row(int8_t *to, const int8_t *from, int32_t count)
{
	microtvm_word *words = (microtvm_word *)(void *)to;

	if (microtvm_words_aligned(from, 0)) {
		for (; count >= 16; count -= 16, from += 16, words += 4) {
			uint32_t a = microtvm_load_word(from), b = microtvm_load_word(from + 4);
			uint32_t c = microtvm_load_word(from + 8);
			uint32_t d = microtvm_load_word(from + 12);

			words[0] = a;
			words[1] = b;
			words[2] = c;
			words[3] = d;
		}
		to = (int8_t *)words;
	}
	for (; count > 0; count--) {
		*to++ = *from++;
	}
}

/* Copies what the row of output reads whose first window begins in row `y` of the image. */
static __attribute__((noinline, unused)) void
microtvm_window_copy_rows(const struct microtvm_window_rows *rows, int32_t y)
{
	const struct microtvm_window *window = rows->window;
	int32_t row_bytes = window->width * window->pixel_stride;
	int8_t *to = rows->first + window->left * window->pixel_stride;

	for (int32_t i = 0; i < window->kernel_height; i++, y += window->dilation_y) {
		if (microtvm_window_has_row(window, y)) {
			microtvm_window_copy_row(to, (const int8_t *)window->data + y * row_bytes,
						 rows->inside);
		} else {
			microtvm_window_fill_words(to, window->zero_point, (rows->inside + 3) / 4);
		}
		to += rows->bytes;
	}
}

/* Four pixels side by side, from the first number of the first one's window. */
static __attribute__((noinline, unused)) void
microtvm_window_runs_4(const struct microtvm_window_rows *rows, const int8_t *data)
{
	int32_t stride = rows->window->stride_x * rows->window->pixel_stride;
	int32_t row_words = rows->groups * MICROTVM_GROUP_WORDS;

	/* A group of every row of the kernel, as most have few. */
	for (int32_t group = 0; group < rows->groups; group++, data += MICROTVM_GROUP) {
		uint32_t *patch = rows->window->patch + group * MICROTVM_GROUP_WORDS;
		const int8_t *row = data;
		int32_t left = rows->window->kernel_height;

		do {
			const int8_t *next = row;

#pragma GCC unroll 4
			for (int pixel = 0; pixel < MICROTVM_BLOCK_PIXELS; pixel++) {
				microtvm_patch_four_bytes(patch + pixel, next, 0, 1, 2, 3);
				next += stride;
			}
			patch += row_words;
			row += rows->bytes;
		} while (--left);
	}
}

/* One pixel. */
static inline void microtvm_window_runs(const struct microtvm_window_rows *rows, uint32_t *patch,
					const int8_t *data)
{
	int32_t row_words = rows->groups * MICROTVM_GROUP_WORDS;

	for (int32_t group = 0; group < rows->groups; group++) {
		uint32_t *next = patch + group * MICROTVM_GROUP_WORDS;
		const int8_t *row = data + group * MICROTVM_GROUP;
		int32_t left = rows->window->kernel_height;

		do {
			microtvm_patch_four_bytes(next, row, 0, 1, 2, 3);
			next += row_words;
			row += rows->bytes;
		} while (--left);
	}
}

/* The patch's pixels from `filled` on, four of them if `taken` says so, else one. */
static inline void microtvm_window_from_rows(const struct microtvm_window_rows *rows,
					     const int8_t *data, int32_t filled, int32_t taken)
{
	uint32_t *patch = rows->window->patch;
	int32_t stride = rows->window->stride_x * rows->window->pixel_stride;

	if (rows->table == NULL && taken > 1) {
		microtvm_window_runs_4(rows, data);
	} else if (rows->table == NULL) {
		microtvm_window_runs(rows, patch + filled, data);
	} else if (taken > 1) {
		microtvm_patch_scattered_4(patch, data, stride, rows->table, rows->groups);
	} else {
		microtvm_patch_scattered(patch + filled, data, rows->table, rows->groups);
	}
}

#endif /* MICROTVM_KERNELS_WINDOW_ROWS_H_ */
