/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The block functions (block.h) for each form of the weights and way to
 * rescale, and how they are run over all channels of some pixels.
 */
#ifndef MICROTVM_KERNELS_BLOCKS_H_
#define MICROTVM_KERNELS_BLOCKS_H_

#include "microtvm/kernels/block.h"
#include "microtvm/kernels/block_dsp.h"
#include "microtvm/kernels/clamp.h"

/* Block functions for 1, 2 and 4 pixels. */
struct microtvm_blocks {
	microtvm_block_function run[3];
	int32_t weight_bits;
};

#define MICROTVM_DEFINE_BLOCKS(name, weight_bits, run_1, run_2, run_4)                             \
	static const struct microtvm_blocks microtvm_blocks_##name                                 \
		__attribute__((unused)) = {{run_1, run_2, run_4}, weight_bits};
#define MICROTVM_DEFINE_PORTABLE_BLOCKS(name, weight_bits, rescale)                                \
	static __attribute__((noinline, unused)) void microtvm_block_##name(                       \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		microtvm_block_run(block, weight_bits, rescale);                                   \
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
MICROTVM_DEFINE_FAST_BLOCKS(w16_twice, 16, MICROTVM_TWICE)
MICROTVM_DEFINE_FAST_BLOCKS(w16_once, 16, MICROTVM_ONCE)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w8_twice_any, 8, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w8_once_any, 8, MICROTVM_ONCE_ANY)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w16_twice_any, 16, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_BLOCKS(w16_once_any, 16, MICROTVM_ONCE_ANY)

/* DEFINE(name) for each. A kernel has a function a name, so that only what is called is built. */
#define MICROTVM_FOR_EACH_BLOCKS(DEFINE)                                                           \
	DEFINE(w8_twice)                                                                           \
	DEFINE(w8_once)                                                                            \
	DEFINE(w16_twice)                                                                          \
	DEFINE(w16_once)                                                                           \
	DEFINE(w8_twice_any)                                                                       \
	DEFINE(w8_once_any)                                                                        \
	DEFINE(w16_twice_any)                                                                      \
	DEFINE(w16_once_any)

/* Bytes of scratch: a patch, and what a core with two pipelines loads in advance beyond it. */
#define MICROTVM_PRODUCT_SCRATCH(depth) (((depth) + 3) / 4 * 32 + 16)

/* What all blocks of a layer have in common. */
struct microtvm_product {
	const struct microtvm_blocks *blocks;
	const int32_t *packed;
	uint32_t *patch; /* the scratch */
	int32_t depth;	 /* K */
	int32_t channels;
	int32_t out_stride;
	struct microtvm_clamp clamp;
};

static inline int32_t microtvm_groups(int32_t depth)
{
	return (depth + MICROTVM_GROUP - 1) / MICROTVM_GROUP;
}

/* The last channel of an odd count: its partner's output goes nowhere. */
static inline void microtvm_product_odd(microtvm_block_function run, struct microtvm_block block,
					int8_t *out)
{
	int8_t pairs[2 * MICROTVM_BLOCK_PIXELS];
	int32_t out_stride = block.out_stride;

	block.out = pairs;
	block.out_stride = 2;
	block.pairs = 1;
	run(&block);
	for (int32_t pixel = 0; pixel < block.pixels; pixel++) {
		out[pixel * out_stride] = pairs[2 * pixel];
	}
}

/* All channels of 1, 2 or 4 pixels, whose patch is in place. */
static inline void microtvm_product_pixels(const struct microtvm_product *product, int8_t *out,
					   int32_t pixels)
{
	microtvm_block_function run = product->blocks->run[pixels / 2];
	struct microtvm_block block = {
		.patch = product->patch,
		.packed = product->packed,
		.out = out,
		.out_stride = product->out_stride,
		.groups = microtvm_groups(product->depth),
		.pairs = product->channels / 2,
		.pixels = pixels,
	};

	if (block.pairs > 0) {
		run(&block);
	}
	if (product->channels % 2) {
		int32_t words = 2 + block.groups * product->blocks->weight_bits / 4 +
				2 * MICROTVM_RESCALE_WORDS;

		block.packed += block.pairs * words;
		microtvm_product_odd(run, block, out + product->channels - 1);
	}
	for (int32_t pixel = 0; pixel < pixels; pixel++, out += product->out_stride) {
		microtvm_clamp_s8(out, product->channels, product->clamp);
	}
}

/* How many pixels to compute at once where so many are left. */
static inline int32_t microtvm_block_pixels(int32_t left)
{
	return left >= MICROTVM_BLOCK_PIXELS ? MICROTVM_BLOCK_PIXELS : left >= 2 ? 2 : 1;
}

#endif /* MICROTVM_KERNELS_BLOCKS_H_ */
