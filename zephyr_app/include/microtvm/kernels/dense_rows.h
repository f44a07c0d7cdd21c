/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The inner products of dense_s8.h and dense_direct_s8.h, four rows at a time,
 * in portable C or for the DSP extension.
 */
#ifndef MICROTVM_KERNELS_DENSE_ROWS_H_
#define MICROTVM_KERNELS_DENSE_ROWS_H_

#include "microtvm/kernels/rescale.h"
#include "microtvm/kernels/simd.h"

#define MICROTVM_DENSE_ROWS 4

/* A vector times a multiple of four rows. The inputs are widened or, if not, as they are. */
struct microtvm_dense {
	const uint32_t *inputs;
	const int8_t *data;
	int32_t depth; /* of `data` */
	const int32_t *packed;
	int8_t *out;
	int32_t groups; /* of 4 columns, an even count, not 0 */
	int32_t blocks; /* of 4 rows, not 0 */
	int32_t surplus;
};

typedef void (*microtvm_dense_function)(const struct microtvm_dense *dense);

/* Inputs k to k + 3 as a word; zeros in place of those that are not there. */
static inline uint32_t microtvm_dense_word(const int8_t *data, int32_t k, int32_t depth)
{
	uint32_t word = 0;

	for (int32_t i = 0; i < 4 && k + i < depth; i++) {
		word |= (uint32_t)(uint8_t)data[k + i] << (8 * i);
	}
	return word;
}

/* `packed` is at the row's first weights. */
static inline int32_t microtvm_dense_sum(const struct microtvm_dense *dense, const int32_t *packed,
					 int32_t sum)
{
	const uint32_t *inputs = dense->inputs;

	for (int32_t group = 0; group < dense->groups; group++, inputs += 2) {
		uint32_t word = (uint32_t)packed[MICROTVM_DENSE_ROWS * group];

		sum = microtvm_smlad(microtvm_sxtab16(inputs[0], word),
				     microtvm_sxtab16_ror8(inputs[1], word), sum);
	}
	return sum;
}

/* The same from inputs as they are. */
static inline int32_t microtvm_dense_direct_sum(const struct microtvm_dense *dense,
						const int32_t *packed, int32_t sum)
{
	for (int32_t group = 0; group < dense->groups; group++) {
		uint32_t input = microtvm_dense_word(dense->data, 4 * group, dense->depth);
		uint32_t word = (uint32_t)packed[MICROTVM_DENSE_ROWS * group];

		sum = microtvm_smlad(microtvm_sxtab16(microtvm_sxtb16_ror8(input), word),
				     microtvm_sxtab16_ror8(microtvm_sxtb16(input), word), sum);
	}
	return sum;
}

typedef int32_t (*microtvm_dense_sum_function)(const struct microtvm_dense *dense,
					       const int32_t *packed, int32_t sum);

/* The portable form; the last two arguments are constants where it is called. */
static inline __attribute__((always_inline)) void
microtvm_dense_blocks(const struct microtvm_dense *dense, enum microtvm_rescale rescale,
		      microtvm_dense_sum_function add_up)
{
	const int32_t *packed = dense->packed;
	int8_t *out = dense->out;

	for (int32_t block = 0; block < dense->blocks; block++) {
		const int32_t *weights = packed + MICROTVM_DENSE_ROWS;
		const int32_t *parameters = weights + MICROTVM_DENSE_ROWS * dense->groups;

		for (int32_t row = 0; row < MICROTVM_DENSE_ROWS; row++) {
			uint32_t start = (uint32_t)packed[row] - (uint32_t)dense->surplus;
			int32_t sum = add_up(dense, weights + row, (int32_t)start);

			*out++ = microtvm_rescale_s8(sum, parameters, rescale, 0);
			parameters += MICROTVM_RESCALE_WORDS;
		}
		packed = parameters;
	}
}

#define MICROTVM_DEFINE_PORTABLE_DENSE(form, rescale)                                              \
	static __attribute__((noinline, unused)) void microtvm_dense_##form(                       \
		const struct microtvm_dense *dense)                                                \
	{                                                                                          \
		microtvm_dense_blocks(dense, rescale, microtvm_dense_sum);                         \
	}

MICROTVM_DEFINE_PORTABLE_DENSE(w8_twice_any, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_DENSE(w8_once_any, MICROTVM_ONCE_ANY)

#if MICROTVM_DSP
#include "microtvm/kernels/dense_dsp.h"

MICROTVM_DEFINE_DSP_DENSE(w8_twice, MICROTVM_DENSE_TWICE)
MICROTVM_DEFINE_DSP_DENSE(w8_once, MICROTVM_DENSE_ONCE)
MICROTVM_DEFINE_DSP_DENSE(w8_relu, MICROTVM_DENSE_RELU)
#else
MICROTVM_DEFINE_PORTABLE_DENSE(w8_relu, MICROTVM_RELU)
MICROTVM_DEFINE_PORTABLE_DENSE(w8_twice, MICROTVM_TWICE)
MICROTVM_DEFINE_PORTABLE_DENSE(w8_once, MICROTVM_ONCE)
#endif

#endif /* MICROTVM_KERNELS_DENSE_ROWS_H_ */
