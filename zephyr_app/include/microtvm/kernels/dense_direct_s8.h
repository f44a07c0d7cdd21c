/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * dense_s8.h without scratch: the inputs are widened in registers each time that
 * they are read, once for four rows, with two instructions for 16 products. So
 * the output must be apart from them.
 */
#ifndef MICROTVM_KERNELS_DENSE_DIRECT_S8_H_
#define MICROTVM_KERNELS_DENSE_DIRECT_S8_H_

#include "microtvm/kernels/dense_s8.h"

#if MICROTVM_DSP
#include "microtvm/kernels/dense_direct_loop.h"
#endif

#define MICROTVM_DEFINE_PORTABLE_DENSE_DIRECT(form, rescale)                                       \
	static __attribute__((noinline, unused)) void microtvm_dense_direct_##form(                \
		const struct microtvm_dense *dense)                                                \
	{                                                                                          \
		microtvm_dense_blocks(dense, rescale, microtvm_dense_direct_sum);                  \
	}

#if MICROTVM_DSP
/* The assembly reads words, and as many as there are groups. */
#define MICROTVM_DEFINE_FAST_DENSE_DIRECT(form, rescale, RESCALE)                                  \
	MICROTVM_DEFINE_DSP_DENSE_FROM(words_##form, dense->data, 4, MICROTVM_DENSE_DIRECT_LOOP,   \
				       RESCALE)                                                    \
	MICROTVM_DEFINE_PORTABLE_DENSE_DIRECT(bytes_##form, rescale)                               \
	static __attribute__((unused)) void microtvm_dense_direct_##form(                          \
		const struct microtvm_dense *dense)                                                \
	{                                                                                          \
		if (((uintptr_t)dense->data & 3) == 0 && dense->depth == 4 * dense->groups) {      \
			microtvm_dense_words_##form(dense);                                        \
		} else {                                                                           \
			microtvm_dense_direct_bytes_##form(dense);                                 \
		}                                                                                  \
	}
#else
#define MICROTVM_DEFINE_FAST_DENSE_DIRECT(form, rescale, RESCALE)                                  \
	MICROTVM_DEFINE_PORTABLE_DENSE_DIRECT(form, rescale)
#endif

MICROTVM_DEFINE_FAST_DENSE_DIRECT(w8_twice, MICROTVM_TWICE, MICROTVM_DENSE_TWICE)
MICROTVM_DEFINE_FAST_DENSE_DIRECT(w8_once, MICROTVM_ONCE, MICROTVM_DENSE_ONCE)
MICROTVM_DEFINE_FAST_DENSE_DIRECT(w8_relu, MICROTVM_RELU, MICROTVM_DENSE_RELU)
MICROTVM_DEFINE_PORTABLE_DENSE_DIRECT(w8_twice_any, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_DENSE_DIRECT(w8_once_any, MICROTVM_ONCE_ANY)

static __attribute__((noinline, unused)) int32_t
microtvm_dense_direct_surplus(const int8_t *data, int32_t depth, int32_t weights_zero_point)
{
	uint32_t zero_points = ((uint32_t)weights_zero_point & 0xffffu) * 0x10001u;
	int aligned = ((uintptr_t)data & 3) == 0;
	int32_t sum = 0;

	for (int32_t k = 0; k < depth; k += 4) {
		uint32_t word = aligned && k + 4 <= depth ? microtvm_load_word(data + k)
							  : microtvm_dense_word(data, k, depth);

		sum = microtvm_dense_surplus(microtvm_sxtb16_ror8(word), microtvm_sxtb16(word),
					     zero_points, sum);
	}
	return sum;
}

/*
 * microtvm_dense_direct_s8_<form>(...): as microtvm_dense_s8_<form>; data and out
 * can be anywhere. It is slow where data is not at a multiple of 4, or the depth
 * not a multiple of 8.
 */
#define MICROTVM_DEFINE_DENSE_DIRECT(form)                                                         \
	static inline void microtvm_dense_direct_s8_##form(                                        \
		int8_t *out, const int8_t *data, const int32_t *packed, int32_t depth,             \
		int32_t rows, int32_t weights_zero_point, int32_t low, int32_t high)               \
	{                                                                                          \
		struct microtvm_dense dense = {                                                    \
			.data = data,                                                              \
			.depth = depth,                                                            \
			.packed = packed,                                                          \
			.out = out,                                                                \
			.groups = (depth + 7) / 8 * 2,                                             \
		};                                                                                 \
		struct microtvm_clamp clamp = {(int8_t)low, (int8_t)high};                         \
                                                                                                   \
		dense.surplus = microtvm_dense_direct_surplus(data, depth, weights_zero_point);    \
		microtvm_dense_run(microtvm_dense_direct_##form, &dense, rows);                    \
		microtvm_clamp_s8(out, rows, clamp);                                               \
	}

MICROTVM_DEFINE_DENSE_DIRECT(w8_twice)
MICROTVM_DEFINE_DENSE_DIRECT(w8_once)
MICROTVM_DEFINE_DENSE_DIRECT(w8_relu)
MICROTVM_DEFINE_DENSE_DIRECT(w8_twice_any)
MICROTVM_DEFINE_DENSE_DIRECT(w8_once_any)

#endif /* MICROTVM_KERNELS_DENSE_DIRECT_S8_H_ */
