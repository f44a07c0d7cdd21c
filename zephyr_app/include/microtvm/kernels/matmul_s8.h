/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Matrix product: a 1x1 convolution with stride 1 over a whole image, or a
 * dense layer over a batch.
 *
 *   out[pixels][channels] = data[pixels][depth] x weights[channels][depth]
 */
#ifndef MICROTVM_KERNELS_MATMUL_S8_H_
#define MICROTVM_KERNELS_MATMUL_S8_H_

#include "microtvm/kernels/blocks.h"
#include "microtvm/kernels/patch.h"

#define MICROTVM_MATMUL_SCRATCH(depth) MICROTVM_PRODUCT_SCRATCH(depth)

/* Some rows, wherever they are. */
static __attribute__((noinline, unused)) void
microtvm_matmul_rows(uint32_t *patch, const int8_t *data, int32_t depth, int32_t pixels)
{
	for (int32_t pixel = 0; pixel < pixels; pixel++, data += depth) {
		microtvm_patch_copy(patch + pixel, data, depth);
	}
}

static inline void microtvm_matmul_patch(uint32_t *patch, const int8_t *data, int32_t depth)
{
	if (microtvm_words_aligned(data, depth)) {
		microtvm_patch_words_4(patch, data, depth, microtvm_groups(depth));
	} else {
		microtvm_matmul_rows(patch, data, depth, MICROTVM_BLOCK_PIXELS);
	}
}

static __attribute__((noinline, unused)) void
microtvm_matmul_run(const struct microtvm_product *product, const int8_t *data, int8_t *out,
		    int32_t pixels)
{
	struct microtvm_block block;
	int32_t depth = product->depth;

	microtvm_product_block(product, &block, MICROTVM_BLOCK_PIXELS);
	for (; pixels >= MICROTVM_BLOCK_PIXELS; pixels -= MICROTVM_BLOCK_PIXELS) {
		microtvm_matmul_patch(product->patch, data, depth);
		microtvm_product_run(product, &block, out);
		data += MICROTVM_BLOCK_PIXELS * depth;
		out += MICROTVM_BLOCK_PIXELS * product->out_stride;
	}
	for (int32_t few = 2; few > 0; few /= 2) {
		if (pixels & few) {
			microtvm_product_block(product, &block, few);
			microtvm_matmul_rows(product->patch, data, depth, few);
			microtvm_product_run(product, &block, out);
			data += few * depth;
			out += few * product->out_stride;
		}
	}
}

/*
 * microtvm_matmul_s8_<form>(...): `packed` is as block.h tells, `scratch` of
 * MICROTVM_MATMUL_SCRATCH(depth) bytes at a multiple of 4; data and out can be
 * anywhere.
 */
#define MICROTVM_DEFINE_MATMUL(form)                                                               \
	static inline void microtvm_matmul_s8_##form(                                              \
		int8_t *out, const int8_t *data, const int32_t *packed, void *scratch,             \
		int32_t pixels, int32_t depth, int32_t channels, int32_t low, int32_t high)        \
	{                                                                                          \
		const struct microtvm_product product = {                                          \
			.blocks = &microtvm_blocks_##form,                                         \
			.packed = packed,                                                          \
			.patch = (uint32_t *)scratch,                                              \
			.depth = depth,                                                            \
			.channels = channels,                                                      \
			.out_stride = channels,                                                    \
		};                                                                                 \
		const struct microtvm_clamp clamp = {(int8_t)low, (int8_t)high};                   \
                                                                                                   \
		microtvm_matmul_run(&product, data, out, pixels);                                  \
		microtvm_product_clamp(&product, out, pixels, clamp);                              \
	}

MICROTVM_FOR_EACH_BLOCKS(MICROTVM_DEFINE_MATMUL)

#endif /* MICROTVM_KERNELS_MATMUL_S8_H_ */
