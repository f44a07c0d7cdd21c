/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The inner product of block.h for int16 pixels: its data and its portable
 * form; block_s16_dsp.h has the form for a core with the DSP extension.
 *
 * Patch: each group of 4 consecutive numbers of each of 4 pixels has the pairs
 * (0, 1) of pixels 0 to 3, then their pairs (2, 3).
 *
 * Packed weights, words, for each two output channels:
 *   bias 0, bias 1, of one word, or of two where sums have 64 bits,
 *   for each group, with weights of 8 bits: bytes 0, 2, 1, 3 of channel 0, of channel 1;
 *                   with weights of 16 bits: pair (0, 1) of channel 0, of channel 1,
 *                                            pair (2, 3) of channel 0, of channel 1;
 *   the parameters of channel 0, then of channel 1 (rescale_s16.h).
 * An odd last channel has a partner whose weights are zeros.
 */
#ifndef MICROTVM_KERNELS_BLOCK_S16_H_
#define MICROTVM_KERNELS_BLOCK_S16_H_

#include "microtvm/kernels/block.h"
#include "microtvm/kernels/rescale_s16.h"

/* Of the packed words of two channels, those that are no weights. */
#define MICROTVM_ACC32_OTHER_WORDS (2 + 2 * MICROTVM_ACC32_WORDS)
#define MICROTVM_ACC64_OTHER_WORDS (4 + 2 * MICROTVM_ACC64_WORDS)

/* The portable form where sums have 32 bits; the last argument is a constant where it is called. */
static inline void microtvm_block_run_acc32(const struct microtvm_block *block, int weight_bits)
{
	const int32_t *packed = block->packed;
	int32_t weight_words = block->groups * weight_bits / 4;

	for (int32_t pair = 0; pair < block->pairs; pair++) {
		const int32_t *parameters = packed + 2 + weight_words;
		int8_t *row = (int8_t *)block->out;

		for (int32_t pixel = 0; pixel < block->pixels; pixel++, row += block->out_stride) {
			int32_t sums[2] = {packed[0], packed[1]};
			int16_t *out = (int16_t *)(void *)row + 2 * pair;

			microtvm_block_sums(block->patch + pixel, MICROTVM_BLOCK_PIXELS,
					    block->groups, packed + 2, weight_bits, sums);
			out[0] = microtvm_rescale_acc32(sums[0], parameters);
			out[1] = microtvm_rescale_acc32(sums[1], parameters + 1);
		}
		packed = parameters + 2 * MICROTVM_ACC32_WORDS;
	}
}

/* Of two pixels and two channels: the first pixel's channels 0 and 1, then the other's. */
typedef void (*microtvm_block_sums_function)(const uint32_t *patch, const int32_t *packed,
					     int32_t groups, int64_t sums[4]);

/* Where sums have 64 bits. A single pixel has a neighbour in the patch that may be anything. */
static inline __attribute__((always_inline)) void
microtvm_block_run_acc64(const struct microtvm_block *block, int weight_bits,
			 enum microtvm_rescale_s16 rescale, microtvm_block_sums_function run)
{
	const int32_t *packed = block->packed;
	int64_t sums[4];

	for (int32_t pair = 0; pair < block->pairs; pair++) {
		const int32_t *parameters = packed + 4 + block->groups * weight_bits / 4;

		for (int32_t pixel = 0; pixel < block->pixels; pixel++) {
			int8_t *row = (int8_t *)block->out + pixel * block->out_stride;
			int16_t *out = (int16_t *)(void *)row + 2 * pair;
			const int64_t *own = sums + pixel % 2 * 2;

			if (pixel % 2 == 0) {
				run(block->patch + pixel, packed, block->groups, sums);
			}
			for (int i = 0; i < 2; i++) {
				out[i] = microtvm_rescale_s16(
					own[i], parameters + i * MICROTVM_ACC64_WORDS, rescale);
			}
		}
		packed = parameters + 2 * MICROTVM_ACC64_WORDS;
	}
}

/* The sums in portable C. */
static inline void microtvm_block_sums_acc64(const uint32_t *patch, const int32_t *packed,
					     int32_t groups, int weight_bits, int64_t sums[4])
{
	for (int i = 0; i < 4; i++) {
		sums[i] = microtvm_load_int64(packed + i % 2 * 2);
	}
	packed += 4;
	for (; groups > 0; groups--, patch += MICROTVM_GROUP_WORDS, packed += weight_bits / 4) {
		for (int i = 0; i < 4; i++) {
			const uint32_t *pixel = patch + i / 2;
			uint32_t first = (uint32_t)packed[i % 2];
			uint32_t second = first;

			if (weight_bits == 8) {
				first = microtvm_sxtb16(first);
				second = microtvm_sxtb16_ror8(second);
			} else {
				second = (uint32_t)packed[i % 2 + 2];
			}
			sums[i] = microtvm_smlald(pixel[0], first, sums[i]);
			sums[i] = microtvm_smlald(pixel[MICROTVM_BLOCK_PIXELS], second, sums[i]);
		}
	}
}

#endif /* MICROTVM_KERNELS_BLOCK_S16_H_ */
