/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How the functions of block.h are run over all channels of some pixels,
 * whatever the type of the outputs.
 */
#ifndef MICROTVM_KERNELS_PRODUCT_H_
#define MICROTVM_KERNELS_PRODUCT_H_

#include "microtvm/kernels/block.h"
#include "microtvm/kernels/block_dsp.h"

/* Groups that the loop over K of two pixels takes a turn, a power of two. */
#define MICROTVM_PAIRED_GROUPS 2

/* Block functions for 1, 2 and 4 pixels, and what they read and write. */
struct microtvm_blocks {
	microtvm_block_function run[3];
	int32_t weight_bits;
	int32_t other_words; /* of the packed words of two channels, besides their weights */
	int32_t out_bytes;   /* of an output */
	int32_t is_paired;   /* the patch has room for two pixels: block_pairs.h */
};

/* Bytes of scratch: a patch, and what a core with two pipelines loads in advance beyond it. */
#define MICROTVM_PRODUCT_SCRATCH(depth) (((depth) + 3) / 4 * 32 + 16)

/* A layer whose pixels are multiplied some at a time. */
struct microtvm_product {
	const struct microtvm_blocks *blocks;
	const int32_t *packed;
	uint32_t *patch; /* the scratch */
	int32_t depth;	 /* K */
	int32_t channels;
	int32_t out_stride; /* bytes from a pixel to the next one */
};

static inline int32_t microtvm_groups(int32_t depth)
{
	return (int32_t)((uint32_t)(depth + MICROTVM_GROUP - 1) / MICROTVM_GROUP);
}

/* The frame of block_dsp.h; few pixels have a loop of their own. */
static inline struct microtvm_block_frame microtvm_block_frame(const struct microtvm_block *block,
							       const struct microtvm_blocks *blocks)
{
#if MICROTVM_DSP
	int few = block->pixels < MICROTVM_BLOCK_PIXELS && !blocks->is_paired;
	uint32_t bytes = MICROTVM_GROUP_WORDS * (blocks->is_paired ? 2 : 4);
	uint32_t patch = (uint32_t)(uintptr_t)block->patch - (few ? bytes : 4);
	uint32_t groups = (uint32_t)block->groups;
	uint32_t turn = blocks->is_paired ? MICROTVM_PAIRED_GROUPS : MICROTVM_UNROLLED_GROUPS;
	uint32_t late = few ? 0 : (0 - groups) & (turn - 1);

	return (struct microtvm_block_frame){
		.patch_end = patch + groups * bytes,
		.patch = patch - late * bytes,
		.late = late,
		.skip = late * (uint32_t)blocks->weight_bits, /* 2 channels of 4 weights */
		.out_stride = (uint32_t)block->out_stride,
		.packed = (uint32_t)(uintptr_t)block->packed - 4,
	};
#else
	/* The portable form has no use for it. */
	(void)block;
	(void)blocks;
	return (struct microtvm_block_frame){0};
#endif
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
	block->frame = microtvm_block_frame(block, product->blocks);
}

static inline void microtvm_block_call(const struct microtvm_blocks *blocks,
				       struct microtvm_block *block, void *out)
{
	block->out = out;
	block->frame.out = (uint32_t)(uintptr_t)out;
	block->frame.out_end =
		block->frame.out + 2 * (uint32_t)block->pairs * (uint32_t)blocks->out_bytes;
	blocks->run[block->pixels / 2](block);
}

/* The last channel of an odd count: its partner's output goes nowhere. */
static __attribute__((noinline, unused)) void
microtvm_product_odd(const struct microtvm_product *product, struct microtvm_block *block,
		     int8_t *out)
{
	const struct microtvm_blocks *blocks = product->blocks;
	int32_t words = blocks->other_words + block->groups * blocks->weight_bits / 4;
	int32_t bytes = blocks->out_bytes;
	uint32_t outputs[MICROTVM_BLOCK_PIXELS]; /* two channels of each pixel */
	const int8_t *next = (const int8_t *)outputs;

	block->packed += block->pairs * words;
	block->pairs = 1;
	block->out_stride = 2 * bytes;
	block->frame = microtvm_block_frame(block, blocks);
	microtvm_block_call(blocks, block, outputs);
	out += (product->channels - 1) * bytes;
	for (int32_t pixel = 0; pixel < block->pixels; pixel++) {
		for (int32_t i = 0; i < bytes; i++) {
			out[i] = next[i];
		}
		out += product->out_stride;
		next += 2 * bytes;
	}
	microtvm_product_block(product, block, block->pixels);
}

/* All channels of a block's pixels, whose patch is in place. */
static inline void microtvm_product_run(const struct microtvm_product *product,
					struct microtvm_block *block, void *out)
{
	if (block->pairs > 0) {
		microtvm_block_call(product->blocks, block, out);
	}
	if (product->channels % 2) {
		microtvm_product_odd(product, block, (int8_t *)out);
	}
}

#endif /* MICROTVM_KERNELS_PRODUCT_H_ */
