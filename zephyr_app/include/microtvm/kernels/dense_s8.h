/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One vector times a matrix of int8 weights: a dense layer at batch 1, or a
 * 1x1 convolution of one pixel. Each weight is used once, so the time goes
 * into widening it. Winograd's inner product does that while it multiplies,
 * with half the products: SXTAB16 adds weights to widened inputs,
 *
 *   (x1 + w0) * (x0 + w1) = x0 * w0 + x1 * w1 + x0 * x1 + w0 * w1
 *
 * and what is too much is, of inputs, one sum for all rows; of weights, in the
 * bias (microtvm/compiler/packing.py).
 *
 * Packed weights, words, for each 4 rows:
 *   4 biases,
 *   for each group of 4 columns: bytes 0 to 3 of row 0, of row 1, 2 and 3,
 *   multiplier, addend, shift of row 0, 1, 2, 3 (rescale.h).
 * Rows and columns of zeros fill up to multiples of 4 and of 8.
 *
 * Scratch, for each group: the pair of inputs (1, 3), the pair (0, 2).
 */
#ifndef MICROTVM_KERNELS_DENSE_S8_H_
#define MICROTVM_KERNELS_DENSE_S8_H_

#include "microtvm/kernels/clamp.h"
#include "microtvm/kernels/dense_rows.h"

/* Bytes of scratch: the inputs, and what a core with two pipelines loads in advance. */
#define MICROTVM_DENSE_SCRATCH(depth) (((depth) + 7) / 8 * 16 + 16)

/* What the loops take together: the products of neighbours, and the zero point of weights. */
static inline int32_t microtvm_dense_surplus(uint32_t odd, uint32_t even, uint32_t zero_points,
					     int32_t sum)
{
	sum = microtvm_smlad(odd, even, sum);
	sum = microtvm_smlad(odd, zero_points, sum);
	return microtvm_smlad(even, zero_points, sum);
}

/*
 * Widens the inputs. Returns what all rows get too much: the products of
 * neighbours, and the weights' zero point times the inputs.
 */
static __attribute__((noinline, unused)) int32_t microtvm_dense_inputs(uint32_t *inputs,
								       const int8_t *data,
								       int32_t depth,
								       int32_t weights_zero_point)
{
	uint32_t zero_points = ((uint32_t)weights_zero_point & 0xffffu) * 0x10001u;
	int aligned = ((uintptr_t)data & 3) == 0;
	int32_t sum = 0;

	for (int32_t k = 0; k < (depth + 7) / 8 * 8; k += 4) {
		uint32_t word = aligned && k + 4 <= depth ? microtvm_load_word(data + k)
							  : microtvm_dense_word(data, k, depth);
		uint32_t even = microtvm_sxtb16(word);
		uint32_t odd = microtvm_sxtb16_ror8(word);

		*inputs++ = odd;
		*inputs++ = even;
		sum = microtvm_dense_surplus(odd, even, zero_points, sum);
	}
	return sum;
}

/* Rows after the last four: the outputs beyond them go nowhere. */
static inline void microtvm_dense_rest(microtvm_dense_function run, struct microtvm_dense dense,
				       int32_t rows)
{
	int8_t *out = dense.out;
	int8_t four[MICROTVM_DENSE_ROWS];

	dense.out = four;
	dense.blocks = 1;
	run(&dense);
	for (int32_t i = 0; i < rows; i++) {
		out[i] = four[i];
	}
}

static __attribute__((noinline, unused)) void
microtvm_dense_run(microtvm_dense_function run, struct microtvm_dense *dense, int32_t rows)
{
	int32_t words = MICROTVM_DENSE_ROWS * (1 + dense->groups + MICROTVM_RESCALE_WORDS);

	dense->blocks = rows / MICROTVM_DENSE_ROWS;
	if (dense->blocks > 0) {
		run(dense);
	}
	if (rows % MICROTVM_DENSE_ROWS) {
		dense->packed += dense->blocks * words;
		dense->out += dense->blocks * MICROTVM_DENSE_ROWS;
		microtvm_dense_rest(run, *dense, rows % MICROTVM_DENSE_ROWS);
	}
}

/*
 * microtvm_dense_s8_<form>(...): scratch of MICROTVM_DENSE_SCRATCH(depth) bytes
 * at a multiple of 4; data and out can be anywhere.
 */
#define MICROTVM_DEFINE_DENSE(form)                                                                \
	static inline void microtvm_dense_s8_##form(                                               \
		int8_t *out, const int8_t *data, const int32_t *packed, void *scratch,             \
		int32_t depth, int32_t rows, int32_t weights_zero_point, int32_t low,              \
		int32_t high)                                                                      \
	{                                                                                          \
		struct microtvm_dense dense = {                                                    \
			.inputs = (uint32_t *)scratch,                                             \
			.packed = packed,                                                          \
			.out = out,                                                                \
			.groups = (depth + 7) / 8 * 2,                                             \
		};                                                                                 \
		struct microtvm_clamp clamp = {(int8_t)low, (int8_t)high};                         \
                                                                                                   \
		dense.surplus = microtvm_dense_inputs((uint32_t *)scratch, data, depth,            \
						      weights_zero_point);                         \
		microtvm_dense_run(microtvm_dense_##form, &dense, rows);                           \
		microtvm_clamp_s8(out, rows, clamp);                                               \
	}

MICROTVM_DEFINE_DENSE(w8_twice)
MICROTVM_DEFINE_DENSE(w8_once)
MICROTVM_DEFINE_DENSE(w8_relu)
MICROTVM_DEFINE_DENSE(w8_twice_any)
MICROTVM_DEFINE_DENSE(w8_once_any)

#endif /* MICROTVM_KERNELS_DENSE_S8_H_ */
