/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The inner product of a matrix product and of a convolution: a few pixels
 * times all output channels. This file has its data and its portable form;
 * block_dsp.h has the form for a core with the DSP extension.
 *
 * Patch: what the pixels read, widened to 16 bits, in groups of 4 consecutive
 * numbers of each of 4 pixels: first the pairs (0, 2) of pixels 0 to 3, then
 * their pairs (1, 3). Pixels that are not wanted, and numbers beyond the depth
 * in the last group, may be anything.
 *
 * Packed weights, words, for each two output channels:
 *   bias 0, bias 1,
 *   for each group, with weights of 8 bits: bytes 0 to 3 of channel 0, of channel 1;
 *                   with weights of 16 bits: pair (0, 2) of channel 0, of channel 1,
 *                                            pair (1, 3) of channel 0, of channel 1;
 *   multiplier, addend, shift of channel 0, then of channel 1 (rescale.h).
 * Where there are 16 bits and MICROTVM_TWICE or MICROTVM_RELU, weights and bias are doubled, which
 * saves an instruction an output. An odd last channel has a partner of zeros.
 */
#ifndef MICROTVM_KERNELS_BLOCK_H_
#define MICROTVM_KERNELS_BLOCK_H_

#include <stddef.h>
#include <stdint.h>

#include "microtvm/kernels/rescale.h"
#include "microtvm/kernels/simd.h"

#define MICROTVM_BLOCK_PIXELS 4
#define MICROTVM_GROUP	      4
#define MICROTVM_GROUP_WORDS  (MICROTVM_BLOCK_PIXELS * MICROTVM_GROUP / 2)

/* What the assembly of block_dsp.h keeps on the stack. */
struct microtvm_block_frame {
	uint32_t patch_end;
	uint32_t patch; /* and less what a loop that is entered late leaves out */
	uint32_t late;	/* how many groups that is */
	uint32_t skip;	/* what the weights go back for that */
	uint32_t out;	/* not less 4, as the others of the output */
	uint32_t out_stride;
	uint32_t out_end; /* of the first pixel */
	uint32_t packed;
};

/* Some pixels times an even number of output channels. */
struct microtvm_block {
	struct microtvm_block_frame frame; /* only for the assembly */
	const uint32_t *patch;
	const int32_t *packed;
	void *out;	    /* channel 0 of the first pixel */
	int32_t out_stride; /* bytes from a pixel to the next one */
	int32_t groups;	    /* not 0 */
	int32_t pairs;	    /* of output channels, not 0 */
	int32_t pixels;	    /* 1, 2 or 4 */
};

typedef void (*microtvm_block_function)(const struct microtvm_block *block);

/*
 * Sums of one pixel and two channels; `packed` is at the first weights, `weight_bits` 8 or 16.
 * `patch` is at the pixel's first pair, one of `patch_pixels`.
 */
static inline void microtvm_block_sums(const uint32_t *patch, int patch_pixels, int32_t groups,
				       const int32_t *packed, int weight_bits, int32_t sums[2])
{
	for (int32_t group = 0; group < groups; group++, patch += 2 * patch_pixels) {
		uint32_t even = patch[0];
		uint32_t odd = patch[patch_pixels];

		for (int channel = 0; channel < 2; channel++) {
			uint32_t word = (uint32_t)packed[channel];
			int wide = weight_bits == 16;
			uint32_t w02 = wide ? word : microtvm_sxtb16(word);
			uint32_t w13 =
				wide ? (uint32_t)packed[channel + 2] : microtvm_sxtb16_ror8(word);

			sums[channel] = microtvm_smlad(even, w02, sums[channel]);
			sums[channel] = microtvm_smlad(odd, w13, sums[channel]);
		}
		packed += weight_bits / 4;
	}
}

/* The portable form. All but the first argument are constants where it is called. */
static inline __attribute__((always_inline)) void
microtvm_block_run(const struct microtvm_block *block, int weight_bits,
		   enum microtvm_rescale rescale, int patch_pixels)
{
	const int32_t *packed = block->packed;
	int32_t weight_words = block->groups * weight_bits / 4;

	for (int32_t pair = 0; pair < block->pairs; pair++) {
		const int32_t *parameters = packed + 2 + weight_words;

		for (int32_t pixel = 0; pixel < block->pixels; pixel++) {
			int32_t sums[2] = {packed[0], packed[1]};
			int8_t *out = (int8_t *)block->out + pixel * block->out_stride + 2 * pair;

			microtvm_block_sums(block->patch + pixel, patch_pixels, block->groups,
					    packed + 2, weight_bits, sums);
			for (int i = 0; i < 2; i++, parameters += MICROTVM_RESCALE_WORDS) {
				out[i] = microtvm_rescale_s8(sums[i], parameters, rescale,
							     weight_bits == 16);
			}
			parameters -= 2 * MICROTVM_RESCALE_WORDS;
		}
		packed = parameters + 2 * MICROTVM_RESCALE_WORDS;
	}
}

#endif /* MICROTVM_KERNELS_BLOCK_H_ */
