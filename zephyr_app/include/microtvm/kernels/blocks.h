/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The block functions (block.h) for each form of the weights and way to rescale. */
#ifndef MICROTVM_KERNELS_BLOCKS_H_
#define MICROTVM_KERNELS_BLOCKS_H_

#include "microtvm/kernels/clamp.h"
#include "microtvm/kernels/product.h"

/* Two biases, and the parameters of two channels. */
#define MICROTVM_BLOCK_OTHER_WORDS (2 + 2 * MICROTVM_RESCALE_WORDS)

#define MICROTVM_DEFINE_BLOCKS(name, weight_bits, run_1, run_2, run_4)                             \
	static const struct microtvm_blocks microtvm_blocks_##name __attribute__((unused)) = {     \
		{run_1, run_2, run_4}, weight_bits, MICROTVM_BLOCK_OTHER_WORDS, 1, 0};
#define MICROTVM_DEFINE_PORTABLE_BLOCKS(name, weight_bits, rescale)                                \
	static __attribute__((noinline, unused)) void microtvm_block_##name(                       \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		microtvm_block_run(block, weight_bits, rescale, MICROTVM_BLOCK_PIXELS);            \
	}                                                                                          \
	MICROTVM_DEFINE_BLOCKS(name, weight_bits, microtvm_block_##name, microtvm_block_##name,    \
			       microtvm_block_##name)

#if MICROTVM_DSP
#define MICROTVM_DEFINE_FAST_BLOCKS(name, weight_bits, rescale)                                    \
	MICROTVM_DEFINE_BLOCKS(name, weight_bits, microtvm_block_1_##name,                         \
			       microtvm_block_2_##name, microtvm_block_4_##name)
#else
#define MICROTVM_DEFINE_FAST_BLOCKS MICROTVM_DEFINE_PORTABLE_BLOCKS
#endif

MICROTVM_DEFINE_FAST_BLOCKS(w8_twice, 8, MICROTVM_TWICE)
MICROTVM_DEFINE_FAST_BLOCKS(w8_once, 8, MICROTVM_ONCE)
MICROTVM_DEFINE_FAST_BLOCKS(w8_relu, 8, MICROTVM_RELU)
MICROTVM_DEFINE_FAST_BLOCKS(w16_twice, 16, MICROTVM_TWICE)
MICROTVM_DEFINE_FAST_BLOCKS(w16_once, 16, MICROTVM_ONCE)
MICROTVM_DEFINE_FAST_BLOCKS(w16_relu, 16, MICROTVM_RELU)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w8_twice_any, 8, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w8_once_any, 8, MICROTVM_ONCE_ANY)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w16_twice_any, 16, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w16_once_any, 16, MICROTVM_ONCE_ANY)

/* DEFINE(name) for each. A kernel has a function a name, so that only what is called is built. */
#define MICROTVM_FOR_EACH_BLOCKS(DEFINE)                                                           \
	DEFINE(w8_twice)                                                                           \
	DEFINE(w8_once)                                                                            \
	DEFINE(w8_relu)                                                                            \
	DEFINE(w16_twice)                                                                          \
	DEFINE(w16_once)                                                                           \
	DEFINE(w16_relu)                                                                           \
	DEFINE(w8_twice_any)                                                                       \
	DEFINE(w8_once_any)                                                                        \
	DEFINE(w16_twice_any)                                                                      \
	DEFINE(w16_once_any)

static inline void microtvm_product_clamp(const struct microtvm_product *product, int8_t *out,
					  int32_t pixels, struct microtvm_clamp clamp)
{
	if (clamp.low == INT8_MIN && clamp.high == INT8_MAX) {
		return;
	}
	for (; pixels > 0; pixels--, out += product->out_stride) {
		microtvm_clamp_s8(out, product->channels, clamp);
	}
}

#endif /* MICROTVM_KERNELS_BLOCKS_H_ */
