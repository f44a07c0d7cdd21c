/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One int16 vector times a matrix of weights: a dense layer at batch 1. Each
 * weight is used once, so they stream past the inputs, four rows at a time.
 *
 * Packed weights, words, for each 4 rows:
 *   4 biases, of one word, or of two where sums have 64 bits,
 *   for each group of 4 columns,
 *     with weights of 8 bits: bytes 0, 2, 1, 3 of row 0, of row 1, 2 and 3;
 *     with weights of 16 bits: pair (0, 1) of row 0, of row 1, 2 and 3, then their pairs (2, 3);
 *   the parameters of MICROTVM_WIDE of row 0, 1, 2, 3 (rescale_s16.h).
 * Rows and columns of weights 0 fill up to multiples of 4 and of 8.
 */
#ifndef MICROTVM_KERNELS_DENSE_S16_H_
#define MICROTVM_KERNELS_DENSE_S16_H_

#include "microtvm/kernels/clamp_s16.h"
#include "microtvm/kernels/dense_rows_s16.h"
#include "microtvm/kernels/rescale_s16.h"

/* Bytes of scratch: the inputs, at a multiple of 4, with zeros up to a multiple of 8. */
#define MICROTVM_DENSE_S16_SCRATCH(depth) (((depth) + 7) / 8 * 16)

struct microtvm_dense_s16 {
	const uint32_t *inputs;
	const int32_t *packed;
	int16_t *out;
	int32_t groups;
	int32_t rows;
};

static __attribute__((noinline, unused)) void
microtvm_dense_inputs_s16(uint32_t *inputs, const int16_t *data, int32_t depth)
{
	microtvm_half *halves = (microtvm_half *)inputs;

	for (int32_t k = 0; k < (depth + 7) / 8 * 8; k++) {
		halves[k] = k < depth ? data[k] : 0;
	}
}

/* Four rows, of which those that there are leave outputs. */
#define MICROTVM_DEFINE_DENSE_RUN_S16(form, bits, ACC, type)                                       \
	static __attribute__((noinline, unused)) void microtvm_dense_run_s16_##form(               \
		const struct microtvm_dense_s16 *dense)                                            \
	{                                                                                          \
		const int32_t *packed = dense->packed;                                             \
		type sums[MICROTVM_DENSE_S16_ROWS];                                                \
		int32_t words = (int32_t)sizeof(sums) / 4 + dense->groups * (bits / 2);            \
                                                                                                   \
		for (int32_t row = 0; row < dense->rows; row++) {                                  \
			int32_t own = row % MICROTVM_DENSE_S16_ROWS;                               \
                                                                                                   \
			if (own == 0) {                                                            \
				microtvm_dense_sums_w##bits##_##ACC(dense->inputs, packed,         \
								    dense->groups, sums);          \
				packed += words;                                                   \
			}                                                                          \
			dense->out[row] = microtvm_rescale_s16(sums[own], packed, MICROTVM_WIDE);  \
			packed += MICROTVM_ACC64_WORDS;                                            \
		}                                                                                  \
	}

MICROTVM_DEFINE_DENSE_RUN_S16(w8_acc32, 8, ACC32, int32_t)
MICROTVM_DEFINE_DENSE_RUN_S16(w16_acc32, 16, ACC32, int32_t)
MICROTVM_DEFINE_DENSE_RUN_S16(w8_acc64, 8, ACC64, int64_t)
MICROTVM_DEFINE_DENSE_RUN_S16(w16_acc64, 16, ACC64, int64_t)

#define MICROTVM_FOR_EACH_DENSE_S16(DEFINE)                                                        \
	DEFINE(w8_acc32)                                                                           \
	DEFINE(w16_acc32)                                                                          \
	DEFINE(w8_acc64)                                                                           \
	DEFINE(w16_acc64)

/*
 * microtvm_dense_s16_<form>(...): scratch of MICROTVM_DENSE_S16_SCRATCH(depth)
 * bytes at a multiple of 4; data and out are at multiples of 2.
 */
#define MICROTVM_DEFINE_DENSE_S16(form)                                                            \
	static inline void microtvm_dense_s16_##form(                                              \
		int16_t *out, const int16_t *data, const int32_t *packed, void *scratch,           \
		int32_t depth, int32_t rows, int32_t low, int32_t high)                            \
	{                                                                                          \
		const struct microtvm_dense_s16 dense = {                                          \
			.inputs = (const uint32_t *)scratch,                                       \
			.packed = packed,                                                          \
			.out = out,                                                                \
			.groups = (depth + 7) / 8 * 2,                                             \
			.rows = rows,                                                              \
		};                                                                                 \
                                                                                                   \
		microtvm_dense_inputs_s16((uint32_t *)scratch, data, depth);                       \
		microtvm_dense_run_s16_##form(&dense);                                             \
		microtvm_clamp_s16(out, rows, low, high);                                          \
	}

MICROTVM_FOR_EACH_DENSE_S16(MICROTVM_DEFINE_DENSE_S16)

#endif /* MICROTVM_KERNELS_DENSE_S16_H_ */
