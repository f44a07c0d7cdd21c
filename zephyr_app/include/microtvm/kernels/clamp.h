/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The bounds of a fused activation, where they are narrower than those of int8. */
#ifndef MICROTVM_KERNELS_CLAMP_H_
#define MICROTVM_KERNELS_CLAMP_H_

#include <stdint.h>

struct microtvm_clamp {
	int8_t low;
	int8_t high;
};

static inline void microtvm_clamp_s8(int8_t *data, int32_t count, struct microtvm_clamp clamp)
{
	if (clamp.low == INT8_MIN && clamp.high == INT8_MAX) {
		return;
	}
	for (int32_t i = 0; i < count; i++) {
		int8_t value = data[i] < clamp.low ? clamp.low : data[i];

		data[i] = value > clamp.high ? clamp.high : value;
	}
}

#endif /* MICROTVM_KERNELS_CLAMP_H_ */
