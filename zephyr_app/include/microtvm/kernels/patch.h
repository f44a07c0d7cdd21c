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
static inline int microtvm_words_aligned(const int8_t *first, int32_t stride, int32_t count)
{
	return (((uint32_t)(uintptr_t)first | (uint32_t)stride | (uint32_t)count) &
		(MICROTVM_GROUP - 1)) == 0;
}

/* Where number k of a pixel is, as an offset in halfwords from its number 0. */
static inline int32_t microtvm_patch_offset(int32_t k)
{
	int32_t group = k / MICROTVM_GROUP * 2 * MICROTVM_GROUP_WORDS;

	return group + k % 2 * 2 * MICROTVM_BLOCK_PIXELS + k / 2 % 2;
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

/* Groups of one pixel, at a multiple of 4. */
static inline void microtvm_patch_words(uint32_t *patch, const int8_t *data, int32_t groups)
{
	for (int32_t i = 0; i < groups; i++, patch += MICROTVM_GROUP_WORDS) {
		uint32_t word = microtvm_load_word(data + i * MICROTVM_GROUP);

		patch[0] = microtvm_sxtb16(word);
		patch[MICROTVM_BLOCK_PIXELS] = microtvm_sxtb16_ror8(word);
	}
}

/* `count` bytes of one pixel become its numbers from k on. */
static inline void microtvm_patch_bytes(uint32_t *patch, int32_t k, const int8_t *data,
					int32_t count)
{
	microtvm_half *pixel = (microtvm_half *)patch;
	int32_t end = k + count;

	for (; k < end && k % MICROTVM_GROUP; k++) {
		pixel[microtvm_patch_offset(k)] = *data++;
	}
	pixel += microtvm_patch_offset(k);
	for (; k + MICROTVM_GROUP <= end; k += MICROTVM_GROUP, data += MICROTVM_GROUP) {
		int16_t a = data[0], b = data[1], c = data[2], d = data[3];

		pixel[0] = a;
		pixel[2 * MICROTVM_BLOCK_PIXELS] = b;
		pixel[1] = c;
		pixel[2 * MICROTVM_BLOCK_PIXELS + 1] = d;
		pixel += 2 * MICROTVM_GROUP_WORDS;
	}
	for (int32_t i = 0; k + i < end; i++) {
		pixel[microtvm_patch_offset(i)] = data[i];
	}
}

/* The same, by words where that can be. */
static inline void microtvm_patch_copy(uint32_t *patch, int32_t k, const int8_t *data,
				       int32_t count)
{
	if (microtvm_words_aligned(data, k, count)) {
		microtvm_patch_words(patch + k / MICROTVM_GROUP * MICROTVM_GROUP_WORDS, data,
				     count / MICROTVM_GROUP);
	} else {
		microtvm_patch_bytes(patch, k, data, count);
	}
}

/* One number `count` times from number k on. */
static inline void microtvm_patch_fill(uint32_t *patch, int32_t k, int32_t value, int32_t count)
{
	microtvm_half *pixel = (microtvm_half *)patch;

	for (int32_t end = k + count; k < end; k++) {
		pixel[microtvm_patch_offset(k)] = (int16_t)value;
	}
}

/* Groups of one number for four pixels. */
static inline void microtvm_patch_fill_4(uint32_t *patch, int32_t value, int32_t groups)
{
	uint32_t pair = ((uint32_t)value & 0xffffu) * 0x10001u;

	for (int32_t i = 0; i < groups * MICROTVM_GROUP_WORDS; i++) {
		patch[i] = pair;
	}
}

#endif /* MICROTVM_KERNELS_PATCH_H_ */
