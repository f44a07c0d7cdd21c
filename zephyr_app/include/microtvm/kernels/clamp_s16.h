/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The bounds of a fused activation, where they are narrower than those of int16. */
#ifndef MICROTVM_KERNELS_CLAMP_S16_H_
#define MICROTVM_KERNELS_CLAMP_S16_H_

#include <stdint.h>

static inline void microtvm_clamp_s16(int16_t *data, int32_t count, int32_t low, int32_t high)
{
	if (low == INT16_MIN && high == INT16_MAX) {
		return;
	}
	for (int32_t i = 0; i < count; i++) {
		int32_t value = data[i] < low ? low : data[i];

		data[i] = (int16_t)(value > high ? high : value);
	}
}

#endif /* MICROTVM_KERNELS_CLAMP_S16_H_ */
