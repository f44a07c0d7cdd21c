/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the pixels of a convolution read, where the taps of a window are not
 * whole groups, as in a model's first layer. The rows of the image that a row
 * of output reads are copied to the scratch with what is around them; then
 * every window is read in the same way, byte by byte, by a table of the
 * distances of its numbers.
 */
#ifndef MICROTVM_KERNELS_WINDOW_ROWS_H_
#define MICROTVM_KERNELS_WINDOW_ROWS_H_

#include "microtvm/kernels/image_window.h"
#include "microtvm/kernels/patch.h"
#include "microtvm/kernels/product.h"

/* Bytes of a copied row; the image's part of it begins at a multiple of 4. */
#define MICROTVM_WINDOW_ROW_BYTES(columns, pixel_stride) (((columns) * (pixel_stride) + 6) / 4 * 4)

/* Bytes of scratch: the patch, the table, and a row for each of the kernel's. */
#define MICROTVM_WINDOW_ROWS_SCRATCH(depth, kernel_height, columns, pixel_stride)                  \
	(MICROTVM_PRODUCT_SCRATCH(depth) + ((depth) + 3) / 4 * 16 +                                \
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
	int32_t *table; /* distances from a window's first number, in groups */
	int32_t groups;
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
	int8_t *table = (int8_t *)window->patch + MICROTVM_PRODUCT_SCRATCH(depth);
	int8_t *start = table + microtvm_groups(depth) * 16;
	struct microtvm_window_rows rows = {
		.window = window,
		.table = (int32_t *)(void *)table,
		.groups = microtvm_groups(depth),
		.first = start + (-(window->left * window->pixel_stride) & 3),
		.bytes = MICROTVM_WINDOW_ROW_BYTES(columns, window->pixel_stride),
		.inside = inside - (window->pixel_stride - window->channels),
	};

	microtvm_window_fill_table(&rows);
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

#endif /* MICROTVM_KERNELS_WINDOW_ROWS_H_ */
