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

/* Rows of data into the patch. */
static inline void microtvm_matmul_patch(uint32_t *patch, const int8_t *data, int32_t depth,
					 int32_t pixels)
{
	int aligned = microtvm_words_aligned(data, depth, depth);

	if (aligned && pixels == MICROTVM_BLOCK_PIXELS) {
		microtvm_patch_words_4(patch, data, depth, depth / MICROTVM_GROUP);
		return;
	}
	for (int32_t pixel = 0; pixel < pixels; pixel++, data += depth) {
		if (aligned) {
			microtvm_patch_words(patch + pixel, data, depth / MICROTVM_GROUP);
		} else {
			microtvm_patch_bytes(patch + pixel, 0, data, depth);
		}
	}
}

static __attribute__((noinline, unused)) void
microtvm_matmul_run(const struct microtvm_product *product, const int8_t *data, int8_t *out,
		    int32_t pixels)
{
	while (pixels > 0) {
		int32_t count = microtvm_block_pixels(pixels);

		microtvm_matmul_patch(product->patch, data, product->depth, count);
		microtvm_product_pixels(product, out, count);
		data += count * product->depth;
		out += count * product->out_stride;
		pixels -= count;
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
			.clamp = {(int8_t)low, (int8_t)high},                                      \
		};                                                                                 \
                                                                                                   \
		microtvm_matmul_run(&product, data, out, pixels);                                  \
	}

MICROTVM_FOR_EACH_BLOCKS(MICROTVM_DEFINE_MATMUL)

#endif /* MICROTVM_KERNELS_MATMUL_S8_H_ */
