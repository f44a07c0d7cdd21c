/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What operators of two int8 tensors share: how they go through rows of
 * `width` elements. `first_row` and `second_row` are the elements from a row of
 * an operand to its next one, 0 where all rows are the same one. A row's second
 * operand can also be one element for all of it.
 */
#ifndef MICROTVM_KERNELS_BINARY_S8_H_
#define MICROTVM_KERNELS_BINARY_S8_H_

#include <stddef.h>

#include "microtvm/kernels/clamp.h"
#include "microtvm/kernels/simd_bytes.h"

struct microtvm_binary {
	int8_t *out;
	const int8_t *first, *second;
	const int32_t *restrict parameters;
	int32_t rows, width, first_row, second_row;
};

/* A multiple of 4 of elements, at addresses that are multiples of 4. */
typedef void (*microtvm_binary_words)(int8_t *out, const int8_t *first, const int8_t *second,
				      const int32_t *parameters, int32_t count);

typedef int8_t (*microtvm_binary_element)(int8_t first, int8_t second, const int32_t *parameters);

/* The elements of a row that are computed as words. */
static inline int32_t microtvm_binary_whole(const struct microtvm_binary *rows, int32_t step)
{
	uintptr_t addresses = (uintptr_t)rows->out | (uintptr_t)rows->first;

	addresses |= step ? (uintptr_t)rows->second : 0;
	return addresses % 4 ? 0 : rows->width / 4 * 4;
}

/*
 * All that follows the rows is constant where it is called; `step` is the
 * second operand's, 0 or 1.
 */
static inline void microtvm_binary_run(struct microtvm_binary rows, microtvm_binary_words words,
				       microtvm_binary_element element, int32_t step)
{
	for (int32_t row = 0; row < rows.rows; row++) {
		int32_t i = words ? microtvm_binary_whole(&rows, step) : 0;

		if (words) {
			words(rows.out, rows.first, rows.second, rows.parameters, i);
		}
		for (; i < rows.width; i++) {
			rows.out[i] =
				element(rows.first[i], rows.second[i * step], rows.parameters);
		}
		rows.out += rows.width;
		rows.first += rows.first_row;
		rows.second += rows.second_row;
	}
}

/*
 * microtvm_<name>(...): the output may be one of the operands that is as large.
 */
#define MICROTVM_DEFINE_BINARY(name, words, element, step)                                         \
	static __attribute__((noinline, unused)) void microtvm_##name(                             \
		int8_t *out, const int8_t *first, const int8_t *second,                            \
		const int32_t *restrict parameters, int32_t rows, int32_t width,                   \
		int32_t first_row, int32_t second_row, int32_t low, int32_t high)                  \
	{                                                                                          \
		const struct microtvm_binary all = {out,  first, second,    parameters,            \
						    rows, width, first_row, second_row};           \
                                                                                                   \
		microtvm_binary_run(all, words, element, step);                                    \
		microtvm_clamp_s8(out, rows *width,                                                \
				  (struct microtvm_clamp){(int8_t)low, (int8_t)high});             \
	}

#endif /* MICROTVM_KERNELS_BINARY_S8_H_ */
