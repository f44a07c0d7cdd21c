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
#define MICROTVM_UNROLLED_GROUPS    1
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

/* Bytes of scratch: a patch, and what a core with two pipelines loads in advance beyond it. */
#define MICROTVM_PRODUCT_SCRATCH(depth) (((depth) + 3) / 4 * 32 + 16)

/* A layer whose pixels are multiplied some at a time. */
struct microtvm_product {
	const struct microtvm_blocks *blocks;
	const int32_t *packed;
	uint32_t *patch; /* the scratch */
	int32_t depth;	 /* K */
	int32_t channels;
	int32_t out_stride;
};

static inline int32_t microtvm_groups(int32_t depth)
{
	return (int32_t)((uint32_t)(depth + MICROTVM_GROUP - 1) / MICROTVM_GROUP);
}

/* The frame of block_dsp.h; few pixels have a loop of their own. */
static inline struct microtvm_block_frame microtvm_block_frame(const struct microtvm_block *block,
							       int32_t weight_bits)
{
	int few = block->pixels < MICROTVM_BLOCK_PIXELS;
	uint32_t bytes = MICROTVM_GROUP_WORDS * 4;
	uint32_t patch = (uint32_t)(uintptr_t)block->patch - (few ? bytes : 4);
	uint32_t groups = (uint32_t)block->groups;
	uint32_t late = few ? 0 : (0 - groups) % MICROTVM_UNROLLED_GROUPS;

	return (struct microtvm_block_frame){
		.patch_end = patch + groups * bytes,
		.patch = patch - late * bytes,
		.late = late,
		.skip = late * (uint32_t)weight_bits, /* 2 channels of 4 weights */
		.out_stride = (uint32_t)block->out_stride,
		.packed = (uint32_t)(uintptr_t)block->packed - 4,
	};
}

/* Makes a block one of 1, 2 or 4 pixels; where its output goes is told later. */
static inline void microtvm_product_block(const struct microtvm_product *product,
					  struct microtvm_block *block, int32_t pixels)
{
	block->patch = product->patch;
	block->packed = product->packed;
	block->out_stride = product->out_stride;
	block->groups = microtvm_groups(product->depth);
	block->pairs = product->channels / 2;
	block->pixels = pixels;
	block->frame = microtvm_block_frame(block, product->blocks->weight_bits);
}

static inline void microtvm_block_call(microtvm_block_function run, struct microtvm_block *block,
				       int8_t *out)
{
	block->out = out;
	block->frame.out = (uint32_t)(uintptr_t)out;
	block->frame.out_end = block->frame.out + 2 * (uint32_t)block->pairs;
	run(block);
}

/* The last channel of an odd count: its partner's output goes nowhere. */
static __attribute__((noinline, unused)) void
microtvm_product_odd(const struct microtvm_product *product, struct microtvm_block *block,
		     int8_t *out)
{
	int32_t words =
		2 + block->groups * product->blocks->weight_bits / 4 + 2 * MICROTVM_RESCALE_WORDS;
	int8_t outputs[2 * MICROTVM_BLOCK_PIXELS];

	block->packed += block->pairs * words;
	block->pairs = 1;
	block->out_stride = 2;
	block->frame = microtvm_block_frame(block, product->blocks->weight_bits);
	microtvm_block_call(product->blocks->run[block->pixels / 2], block, outputs);
	for (int32_t pixel = 0; pixel < block->pixels; pixel++) {
		out[pixel * product->out_stride + product->channels - 1] = outputs[2 * pixel];
	}
	microtvm_product_block(product, block, block->pixels);
}

/* All channels of a block's pixels, whose patch is in place. */
static inline void microtvm_product_run(const struct microtvm_product *product,
					struct microtvm_block *block, int8_t *out)
{
	if (block->pairs > 0) {
		microtvm_block_call(product->blocks->run[block->pixels / 2], block, out);
	}
	if (product->channels % 2) {
		microtvm_product_odd(product, block, out);
	}
}

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
