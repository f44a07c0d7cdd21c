/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Means over `count` elements that lie `inner` apart, rescaled as TFLite's MEAN. */
#ifndef MICROTVM_KERNELS_MEAN_S8_H_
#define MICROTVM_KERNELS_MEAN_S8_H_

#include "microtvm/kernels/channel_sums.h"
#include "microtvm/kernels/requantize.h"

struct microtvm_mean {
	int32_t offset; /* of the sum: the input's zero point times the count, negative */
	int32_t multiplier, shift, zero_point;
};

static inline int8_t microtvm_mean_of(int32_t sum, const void *context)
{
	const struct microtvm_mean *mean = context;

	return microtvm_saturate_s8(
		microtvm_requantize(sum + mean->offset, mean->multiplier, mean->shift) +
		mean->zero_point);
}

/* The sum of bytes in a row: words add four, while the halves of a pair have room. */
static inline int32_t microtvm_mean_row(const int8_t *data, int32_t count)
{
	int32_t sum = 0;

	while (count >= 4 && (uintptr_t)data % 4 == 0) {
		int32_t words = count / 4;
		uint32_t pair = 0;

		words = words < MICROTVM_PAIRED_SUMS / 2 ? words : MICROTVM_PAIRED_SUMS / 2;
		count -= 4 * words;
		for (; words > 0; words--, data += 4) {
			uint32_t word = microtvm_load_word(data);

			pair = microtvm_sxtab16_ror8(microtvm_sxtab16(pair, word), word);
		}
		sum += microtvm_low(pair) + microtvm_high(pair);
	}
	for (; count > 0; count--) {
		sum += *data++;
	}
	return sum;
}

/* A function of its own, so that its inner loops have all registers. */
static __attribute__((noinline, unused)) void
microtvm_mean_channels(const struct microtvm_pixels *pixels, int8_t *out,
		       const struct microtvm_mean *mean)
{
	microtvm_sums_run(pixels, out, microtvm_mean_of, mean);
}

/* [outer, count, inner] to [outer, inner]. */
static __attribute__((noinline, unused)) void
microtvm_mean_s8(int8_t *out, const int8_t *data, int32_t outer, int32_t count, int32_t inner,
		 int32_t offset, int32_t multiplier, int32_t shift, int32_t zero_point)
{
	const struct microtvm_mean mean = {offset, multiplier, shift, zero_point};
	struct microtvm_pixels pixels = {data, 1, count, 0, inner, inner, 0};

	pixels.is_aligned = ((uint32_t)(uintptr_t)data | (uint32_t)inner) % 4 == 0;
	for (int32_t i = 0; i < outer; i++, out += inner, pixels.data += count * inner) {
		if (inner == 1) {
			*out = microtvm_mean_of(microtvm_mean_row(pixels.data, count), &mean);
		} else {
			microtvm_mean_channels(&pixels, out, &mean);
		}
	}
}

#endif /* MICROTVM_KERNELS_MEAN_S8_H_ */
