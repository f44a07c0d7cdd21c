/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Copies and fills bytes: as words where source and target lie alike to a multiple of 4. */
#ifndef MICROTVM_KERNELS_COPY_H_
#define MICROTVM_KERNELS_COPY_H_

#include "microtvm/kernels/simd_bytes.h"

/* The target may overlap the source if it begins before it, or is the source. */
static __attribute__((noinline, unused)) void microtvm_copy(int8_t *out, const int8_t *data,
							    int32_t count)
{
	int8_t *end = out + count;

	if (((uintptr_t)out - (uintptr_t)data) % 4 == 0) {
		for (; out < end && (uintptr_t)out % 4; out++) {
			*out = *data++;
		}
		for (; end - out >= 16; out += 16, data += 16) {
			uint32_t words[4] = {microtvm_load_word(data), microtvm_load_word(data + 4),
					     microtvm_load_word(data + 8),
					     microtvm_load_word(data + 12)};

			microtvm_store_word(out, words[0]);
			microtvm_store_word(out + 4, words[1]);
			microtvm_store_word(out + 8, words[2]);
			microtvm_store_word(out + 12, words[3]);
		}
		for (; end - out >= 4; out += 4, data += 4) {
			microtvm_store_word(out, microtvm_load_word(data));
		}
	}
	for (; end - out >= 4; out += 4, data += 4) {
		const int8_t bytes[4] = {data[0], data[1], data[2], data[3]};

		out[0] = bytes[0];
		out[1] = bytes[1];
		out[2] = bytes[2];
		out[3] = bytes[3];
	}
	while (out < end) {
		*out++ = *data++;
	}
}

static __attribute__((noinline, unused)) void microtvm_fill(int8_t *out, int8_t value,
							    int32_t count)
{
	const uint32_t word = (uint8_t)value * MICROTVM_EACH_BYTE;
	int8_t *end = out + count;

	for (; out < end && (uintptr_t)out % 4; out++) {
		*out = value;
	}
	for (; end - out >= 4; out += 4) {
		microtvm_store_word(out, word);
	}
	while (out < end) {
		*out++ = value;
	}
}

#endif /* MICROTVM_KERNELS_COPY_H_ */
