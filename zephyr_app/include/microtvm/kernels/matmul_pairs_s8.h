/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* matmul_s8.h by two pixels at a time, with half the scratch. */
#ifndef MICROTVM_KERNELS_MATMUL_PAIRS_S8_H_
#define MICROTVM_KERNELS_MATMUL_PAIRS_S8_H_

#include "microtvm/kernels/block_pairs.h"
#include "microtvm/kernels/patch.h"

static inline void microtvm_pair_group(uint32_t *patch, uint32_t first, uint32_t second)
{
	patch[0] = microtvm_sxtb16(first);
	patch[1] = microtvm_sxtb16(second);
	patch[2] = microtvm_sxtb16_ror8(first);
	patch[3] = microtvm_sxtb16_ror8(second);
}

/* Up to four bytes, wherever they are; zeros in place of those that are not there. */
static inline uint32_t microtvm_pair_word(const int8_t *data, int32_t count)
{
	uint32_t word = 0;

	for (int32_t i = 0; i < MICROTVM_GROUP && i < count; i++) {
		word |= (uint32_t)(uint8_t)data[i] << (8 * i);
	}
	return word;
}

/* The patch of two pixels that are `stride` bytes apart. */
static __attribute__((noinline, unused)) void
microtvm_pair_patch(uint32_t *patch, const int8_t *data, int32_t stride, int32_t depth)
{
	if (microtvm_words_aligned(data, stride) && depth % MICROTVM_GROUP == 0) {
		for (int32_t k = 0; k < depth; k += MICROTVM_GROUP) {
			microtvm_pair_group(patch, microtvm_load_word(data + k),
					    microtvm_load_word(data + stride + k));
			patch += MICROTVM_PAIR_GROUP_WORDS;
		}
		return;
	}
	for (int32_t k = 0; k < depth; k += MICROTVM_GROUP) {
		microtvm_pair_group(patch, microtvm_pair_word(data + k, depth - k),
				    microtvm_pair_word(data + stride + k, depth - k));
		patch += MICROTVM_PAIR_GROUP_WORDS;
	}
}

/* A last pixel that is left is its own neighbour. */
static __attribute__((noinline, unused)) void
microtvm_matmul_pairs(struct microtvm_product *product, const int8_t *data, int8_t *out,
		      int32_t pixels)
{
	struct microtvm_block block;
	int32_t depth = product->depth;

	microtvm_product_block(product, &block, MICROTVM_PAIR_PIXELS);
	for (; pixels >= MICROTVM_PAIR_PIXELS; pixels -= MICROTVM_PAIR_PIXELS) {
		microtvm_pair_patch(product->patch, data, depth, depth);
		microtvm_product_run(product, &block, out);
		data += MICROTVM_PAIR_PIXELS * depth;
		out += MICROTVM_PAIR_PIXELS * product->out_stride;
	}
	if (pixels > 0) {
		product->out_stride = 0;
		microtvm_product_block(product, &block, MICROTVM_PAIR_PIXELS);
		microtvm_pair_patch(product->patch, data, 0, depth);
		microtvm_product_run(product, &block, out);
	}
}

/*
 * microtvm_matmul_pairs_s8_<form>(...): as microtvm_matmul_s8_<form>, with
 * scratch of MICROTVM_PAIRS_SCRATCH(depth) bytes.
 */
#define MICROTVM_DEFINE_MATMUL_PAIRS(form)                                                         \
	static inline void microtvm_matmul_pairs_s8_##form(                                        \
		int8_t *out, const int8_t *data, const int32_t *packed, void *scratch,             \
		int32_t pixels, int32_t depth, int32_t channels, int32_t low, int32_t high)        \
	{                                                                                          \
		struct microtvm_product product = {                                                \
			.blocks = &microtvm_pairs_##form,                                          \
			.packed = packed,                                                          \
			.patch = (uint32_t *)scratch,                                              \
			.depth = depth,                                                            \
			.channels = channels,                                                      \
			.out_stride = channels,                                                    \
		};                                                                                 \
		const struct microtvm_clamp clamp = {(int8_t)low, (int8_t)high};                   \
                                                                                                   \
		microtvm_matmul_pairs(&product, data, out, pixels);                                \
		microtvm_clamp_s8(out, pixels *channels, clamp);                                   \
	}

MICROTVM_FOR_EACH_BLOCKS(MICROTVM_DEFINE_MATMUL_PAIRS)

#endif /* MICROTVM_KERNELS_MATMUL_PAIRS_S8_H_ */
