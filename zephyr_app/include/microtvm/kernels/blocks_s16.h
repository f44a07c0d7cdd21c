/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The block functions (block_s16.h) for each form of the weights and of the sums. */
#ifndef MICROTVM_KERNELS_BLOCKS_S16_H_
#define MICROTVM_KERNELS_BLOCKS_S16_H_

#include "microtvm/kernels/block_s16_dsp.h"
#include "microtvm/kernels/clamp_s16.h"
#include "microtvm/kernels/product.h"

#define MICROTVM_DEFINE_BLOCKS_S16(name, weight_bits, other_words, run_1, run_2, run_4)            \
	static const struct microtvm_blocks microtvm_blocks_##name                                 \
		__attribute__((unused)) = {{run_1, run_2, run_4}, weight_bits, other_words, 2, 0};

#if MICROTVM_DSP
#define MICROTVM_DEFINE_BLOCKS_ACC32(name, weight_bits)                                            \
	MICROTVM_DEFINE_BLOCKS_S16(name, weight_bits, MICROTVM_ACC32_OTHER_WORDS,                  \
				   microtvm_block_1_##name, microtvm_block_2_##name,               \
				   microtvm_block_4_##name)
#else
#define MICROTVM_DEFINE_BLOCKS_ACC32(name, weight_bits)                                            \
	static __attribute__((noinline, unused)) void microtvm_block_##name(                       \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		microtvm_block_run_acc32(block, weight_bits);                                      \
	}                                                                                          \
	MICROTVM_DEFINE_BLOCKS_S16(name, weight_bits, MICROTVM_ACC32_OTHER_WORDS,                  \
				   microtvm_block_##name, microtvm_block_##name,                   \
				   microtvm_block_##name)
#endif

#define MICROTVM_DEFINE_BLOCKS_ACC64(name, weight_bits, rescale)                                   \
	static __attribute__((noinline, unused)) void microtvm_block_##name(                       \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		microtvm_block_run_acc64(block, weight_bits, rescale,                              \
					 microtvm_block_sums_w##weight_bits);                      \
	}                                                                                          \
	MICROTVM_DEFINE_BLOCKS_S16(name, weight_bits, MICROTVM_ACC64_OTHER_WORDS,                  \
				   microtvm_block_##name, microtvm_block_##name,                   \
				   microtvm_block_##name)

MICROTVM_DEFINE_BLOCKS_ACC32(w8_acc32, 8)
MICROTVM_DEFINE_BLOCKS_ACC32(w16_acc32, 16)
MICROTVM_DEFINE_BLOCKS_ACC64(w8_acc64, 8, MICROTVM_REDUCED)
MICROTVM_DEFINE_BLOCKS_ACC64(w16_acc64, 16, MICROTVM_REDUCED)
MICROTVM_DEFINE_BLOCKS_ACC64(w8_any, 8, MICROTVM_REDUCED_ANY)
MICROTVM_DEFINE_BLOCKS_ACC64(w16_any, 16, MICROTVM_REDUCED_ANY)
MICROTVM_DEFINE_BLOCKS_ACC64(w8_twice_s16, 8, MICROTVM_TWICE_S16)
MICROTVM_DEFINE_BLOCKS_ACC64(w16_twice_s16, 16, MICROTVM_TWICE_S16)
MICROTVM_DEFINE_BLOCKS_ACC64(w8_wide, 8, MICROTVM_WIDE)
MICROTVM_DEFINE_BLOCKS_ACC64(w16_wide, 16, MICROTVM_WIDE)

/* DEFINE(name) for each. A kernel has a function a name, so that only what is called is built. */
#define MICROTVM_FOR_EACH_S16(DEFINE)                                                              \
	DEFINE(w8_acc32)                                                                           \
	DEFINE(w16_acc32)                                                                          \
	DEFINE(w8_acc64)                                                                           \
	DEFINE(w16_acc64)                                                                          \
	DEFINE(w8_any)                                                                             \
	DEFINE(w16_any)                                                                            \
	DEFINE(w8_twice_s16)                                                                       \
	DEFINE(w16_twice_s16)                                                                      \
	DEFINE(w8_wide)                                                                            \
	DEFINE(w16_wide)

#endif /* MICROTVM_KERNELS_BLOCKS_S16_H_ */
