/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The bounds of a fused activation, where they are narrower than those of
 * int8: four bytes at a time between the first and the last multiple of 4.
 */
#ifndef MICROTVM_KERNELS_CLAMP_H_
#define MICROTVM_KERNELS_CLAMP_H_

#include <stdint.h>

#include "microtvm/kernels/simd_bytes.h"

struct microtvm_clamp {
	int8_t low;
	int8_t high;
};

static inline int8_t microtvm_clamped(int8_t value, struct microtvm_clamp clamp)
{
	value = value < clamp.low ? clamp.low : value;
	return value > clamp.high ? clamp.high : value;
}

/* Words of four times the bounds. */
static __attribute__((noinline, unused)) void microtvm_clamp_bytes_s8(int8_t *data, int32_t count,
								      uint32_t low, uint32_t high)
{
	const struct microtvm_clamp clamp = {(int8_t)(uint8_t)low, (int8_t)(uint8_t)high};
	int8_t *end = data + count;

	for (; data < end && (uintptr_t)data % 4; data++) {
		*data = microtvm_clamped(*data, clamp);
	}
	for (; end - data >= 4; data += 4) {
		uint32_t bytes = microtvm_max_bytes(microtvm_load_word(data), low);

		microtvm_store_word(data, microtvm_min_bytes(bytes, high));
	}
	for (; data < end; data++) {
		*data = microtvm_clamped(*data, clamp);
	}
}

static inline void microtvm_clamp_s8(int8_t *data, int32_t count, struct microtvm_clamp clamp)
{
	if (clamp.low != INT8_MIN || clamp.high != INT8_MAX) {
		microtvm_clamp_bytes_s8(data, count, (uint8_t)clamp.low * MICROTVM_EACH_BYTE,
					(uint8_t)clamp.high * MICROTVM_EACH_BYTE);
	}
}

#endif /* MICROTVM_KERNELS_CLAMP_H_ */
