/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Matrix product of int16: a 1x1 convolution with stride 1 over a whole image,
 * or a dense layer over a batch. It is a convolution of one row of pixels.
 *
 *   out[pixels][channels] = data[pixels][depth] x weights[channels][depth]
 */
#ifndef MICROTVM_KERNELS_MATMUL_S16_H_
#define MICROTVM_KERNELS_MATMUL_S16_H_

#include "microtvm/kernels/conv2d_s16.h"

#define MICROTVM_MATMUL_S16_SCRATCH(depth) MICROTVM_CONV2D_S16_SCRATCH(depth)

/* microtvm_matmul_s16_<form>(...): arguments are those of microtvm_conv2d_s16_<form>(). */
#define MICROTVM_DEFINE_MATMUL_S16(form)                                                           \
	static inline void microtvm_matmul_s16_##form(                                             \
		int16_t *out, const int16_t *data, const int32_t *packed, void *scratch,           \
		int32_t pixels, int32_t depth, int32_t channels, int32_t low, int32_t high)        \
	{                                                                                          \
		microtvm_conv2d_s16_##form(out, data, packed, scratch, 1, pixels, depth, depth, 1, \
					   1, 1, 1, 1, 1, 0, 0, pixels, channels, channels, low,   \
					   high, 0, 1);                                            \
	}

MICROTVM_FOR_EACH_S16(MICROTVM_DEFINE_MATMUL_S16)

#endif /* MICROTVM_KERNELS_MATMUL_S16_H_ */
