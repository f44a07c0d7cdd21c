/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Operators that only move bytes: a copy, rows side by side, and a border. */
#ifndef MICROTVM_KERNELS_MOVE_S8_H_
#define MICROTVM_KERNELS_MOVE_S8_H_

#include "microtvm/kernels/copy.h"

static inline void microtvm_copy_s8(int8_t *out, const int8_t *data, int32_t count)
{
	microtvm_copy(out, data, count);
}

/* Rows of `width` bytes, each `pitch` bytes behind the one before it in the output. */
static __attribute__((noinline, unused)) void
microtvm_copy_rows(int8_t *out, const int8_t *data, int32_t rows, int32_t width, int32_t pitch)
{
	for (int32_t row = 0; row < rows; row++, out += pitch, data += width) {
		microtvm_copy(out, data, width);
	}
}

/* microtvm_concatenate_s8_<count>(...): a row of each operand, one behind the other. */
static inline void microtvm_concatenate_s8_2(int8_t *out, const int8_t *a, const int8_t *b,
					     int32_t rows, int32_t a_width, int32_t b_width)
{
	const int32_t pitch = a_width + b_width;

	microtvm_copy_rows(out, a, rows, a_width, pitch);
	microtvm_copy_rows(out + a_width, b, rows, b_width, pitch);
}

static inline void microtvm_concatenate_s8_3(int8_t *out, const int8_t *a, const int8_t *b,
					     const int8_t *c, int32_t rows, int32_t a_width,
					     int32_t b_width, int32_t c_width)
{
	const int32_t pitch = a_width + b_width + c_width;

	microtvm_copy_rows(out, a, rows, a_width, pitch);
	microtvm_copy_rows(out + a_width, b, rows, b_width, pitch);
	microtvm_copy_rows(out + a_width + b_width, c, rows, c_width, pitch);
}

static inline void microtvm_concatenate_s8_4(int8_t *out, const int8_t *a, const int8_t *b,
					     const int8_t *c, const int8_t *d, int32_t rows,
					     int32_t a_width, int32_t b_width, int32_t c_width,
					     int32_t d_width)
{
	const int32_t pitch = a_width + b_width + c_width + d_width;

	microtvm_copy_rows(out, a, rows, a_width, pitch);
	microtvm_copy_rows(out + a_width, b, rows, b_width, pitch);
	microtvm_copy_rows(out + a_width + b_width, c, rows, c_width, pitch);
	microtvm_copy_rows(out + pitch - d_width, d, rows, d_width, pitch);
}

/* Blocks of rows of bytes: `top` and `bottom` are rows, `left` and `right` bytes of each row. */
static __attribute__((noinline, unused)) void
microtvm_pad_s8(int8_t *out, const int8_t *data, int32_t blocks, int32_t rows, int32_t width,
		int32_t top, int32_t bottom, int32_t left, int32_t right, int32_t value)
{
	const int32_t pitch = left + width + right;
	const int8_t border = (int8_t)value;

	for (int32_t block = 0; block < blocks; block++) {
		/* What is between two rows is filled at once. */
		microtvm_fill(out, border, top * pitch + left);
		out += top * pitch + left;
		for (int32_t row = 1; row <= rows; row++, out += pitch, data += width) {
			int32_t behind = row < rows ? right + left : right + bottom * pitch;

			microtvm_copy(out, data, width);
			microtvm_fill(out + width, border, behind);
		}
		out += bottom * pitch - left;
	}
}

#endif /* MICROTVM_KERNELS_MOVE_S8_H_ */
