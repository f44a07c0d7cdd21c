/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fills the patch of block.h from int8 tensors. Words are read where an
 * address is a multiple of 4, bytes elsewhere: nothing is read unaligned, and
 * nothing beyond the bytes that are asked for.
 */
#ifndef MICROTVM_KERNELS_PATCH_H_
#define MICROTVM_KERNELS_PATCH_H_

#include "microtvm/kernels/block.h"

/* Whether rows that begin so and are so far apart can be read by words. */
static inline int microtvm_words_aligned(const int8_t *first, int32_t stride)
{
	return (((uint32_t)(uintptr_t)first | (uint32_t)stride) & 3) == 0;
}

/* Groups of four pixels that are `stride` bytes apart, all at multiples of 4. */
static inline void microtvm_patch_words_4(uint32_t *patch, const int8_t *data, int32_t stride,
					  int32_t groups)
{
	const int8_t *data2 = data + 2 * stride;

	for (int32_t i = 0; i < groups; i++) {
		uint32_t a = microtvm_load_word(data);
		uint32_t b = microtvm_load_word(data + stride);
		uint32_t c = microtvm_load_word(data2);
		uint32_t d = microtvm_load_word(data2 + stride);

		patch[0] = microtvm_sxtb16(a);
		patch[1] = microtvm_sxtb16(b);
		patch[2] = microtvm_sxtb16(c);
		patch[3] = microtvm_sxtb16(d);
		patch[4] = microtvm_sxtb16_ror8(a);
		patch[5] = microtvm_sxtb16_ror8(b);
		patch[6] = microtvm_sxtb16_ror8(c);
		patch[7] = microtvm_sxtb16_ror8(d);
		patch += MICROTVM_GROUP_WORDS;
		data += MICROTVM_GROUP;
		data2 += MICROTVM_GROUP;
	}
}

static inline void microtvm_patch_word(uint32_t *patch, uint32_t word)
{
	patch[0] = microtvm_sxtb16(word);
	patch[MICROTVM_BLOCK_PIXELS] = microtvm_sxtb16_ror8(word);
}

/* Groups of one pixel, at a multiple of 4. */
static inline void microtvm_patch_words(uint32_t *patch, const int8_t *data, int32_t groups)
{
	for (; groups >= 2; groups -= 2, data += 2 * MICROTVM_GROUP) {
		uint32_t first = microtvm_load_word(data);
		uint32_t second = microtvm_load_word(data + MICROTVM_GROUP);

		microtvm_patch_word(patch, first);
		microtvm_patch_word(patch + MICROTVM_GROUP_WORDS, second);
		patch += 2 * MICROTVM_GROUP_WORDS;
	}
	if (groups > 0) {
		microtvm_patch_word(patch, microtvm_load_word(data));
	}
}

/* Any count of bytes of one pixel, anywhere. */
static inline void microtvm_patch_bytes(uint32_t *patch, const int8_t *data, int32_t count)
{
	for (; count >= MICROTVM_GROUP; count -= MICROTVM_GROUP, data += MICROTVM_GROUP) {
		int32_t a = data[0], b = data[1], c = data[2], d = data[3];

		patch[0] = microtvm_pkhbt(a, c);
		patch[MICROTVM_BLOCK_PIXELS] = microtvm_pkhbt(b, d);
		patch += MICROTVM_GROUP_WORDS;
	}
	if (count > 0) {
		patch[0] = microtvm_pkhbt(data[0], count > 2 ? data[2] : 0);
		patch[MICROTVM_BLOCK_PIXELS] = microtvm_pkhbt(count > 1 ? data[1] : 0, 0);
	}
}

static inline void microtvm_patch_copy(uint32_t *patch, const int8_t *data, int32_t count)
{
	if (microtvm_words_aligned(data, count)) {
		microtvm_patch_words(patch, data, count / MICROTVM_GROUP);
	} else {
		microtvm_patch_bytes(patch, data, count);
	}
}

static inline void microtvm_patch_four_bytes(uint32_t *patch, const int8_t *data, int32_t first,
					     int32_t second, int32_t third, int32_t fourth)
{
	int32_t a = data[first], b = data[second], c = data[third], d = data[fourth];

	patch[0] = microtvm_pkhbt(a, c);
	patch[MICROTVM_BLOCK_PIXELS] = microtvm_pkhbt(b, d);
}

/* One pixel whose numbers are at these distances from `data`, four a group. */
static inline void microtvm_patch_scattered(uint32_t *patch, const int8_t *data,
					    const int32_t *offsets, int32_t groups)
{
	for (int32_t i = 0; i < groups; i++, offsets += MICROTVM_GROUP) {
		microtvm_patch_four_bytes(patch, data, offsets[0], offsets[1], offsets[2],
					  offsets[3]);
		patch += MICROTVM_GROUP_WORDS;
	}
}

/* Four pixels that are `stride` bytes apart. */
static inline void microtvm_patch_scattered_4(uint32_t *patch, const int8_t *data, int32_t stride,
					      const int32_t *offsets, int32_t groups)
{
	const int8_t *data1 = data + stride, *data2 = data1 + stride, *data3 = data2 + stride;

	for (int32_t i = 0; i < groups; i++, offsets += MICROTVM_GROUP) {
		int32_t a = offsets[0], b = offsets[1], c = offsets[2], d = offsets[3];

		microtvm_patch_four_bytes(patch, data, a, b, c, d);
		microtvm_patch_four_bytes(patch + 1, data1, a, b, c, d);
		microtvm_patch_four_bytes(patch + 2, data2, a, b, c, d);
		microtvm_patch_four_bytes(patch + 3, data3, a, b, c, d);
		patch += MICROTVM_GROUP_WORDS;
	}
}

/* One number for four pixels. */
static inline void microtvm_patch_fill_4(uint32_t *patch, int32_t value, int32_t groups)
{
	uint32_t pair = microtvm_pkhbt(value, value);

	for (; groups > 0; groups--, patch += MICROTVM_GROUP_WORDS) {
		for (int i = 0; i < MICROTVM_GROUP_WORDS; i++) {
			patch[i] = pair;
		}
	}
}

/* One number for one pixel. */
static inline void microtvm_patch_fill(uint32_t *patch, int32_t value, int32_t groups)
{
	uint32_t pair = microtvm_pkhbt(value, value);

	for (int32_t i = 0; i < 2 * groups; i++) {
		patch[MICROTVM_BLOCK_PIXELS * i] = pair;
	}
}

#endif /* MICROTVM_KERNELS_PATCH_H_ */
