/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From a sum to an int16 output, exactly as requantize.h rescales it.
 * microtvm/compiler/packing_int16.py chooses the form of a layer, and makes the
 * parameters that an output channel has for it.
 *
 * With total the shift of microtvm_requantize_int16(), from 16 to 32,
 *
 *   (sum * reduced + 2^(total - 1)) >> total
 *     = (sum * (reduced << (32 - total)) + 2^31) >> 32,
 *
 * which SMMULR does at once to a sum of 32 bits.
 */
#ifndef MICROTVM_KERNELS_RESCALE_S16_H_
#define MICROTVM_KERNELS_RESCALE_S16_H_

#include <stdint.h>

#include "microtvm/kernels/requantize.h"
#include "microtvm/kernels/simd.h"

/* How sums of 64 bits are rescaled, and the four words of parameters that an output channel has. */
enum microtvm_rescale_s16 {
	MICROTVM_REDUCED,     /* convolutions, total of at least 16: multiplier, addend, shift */
	MICROTVM_REDUCED_ANY, /* any total: reduced multiplier, total */
	MICROTVM_TWICE_S16,   /* the low 32 bits, as at int8: multiplier, shift */
	MICROTVM_WIDE,	      /* FULLY_CONNECTED: multiplier's high and low word, shift */
};

#define MICROTVM_ACC32_WORDS 1 /* of a channel whose sums have 32 bits: multiplier */
#define MICROTVM_ACC64_WORDS 4

static inline int16_t microtvm_rescale_acc32(int32_t sum, const int32_t *parameters)
{
	return microtvm_saturate_s16(microtvm_smmulr(sum, parameters[0]));
}

/* The addend, of two words, is half of what the shift leaves out 32 bits further up. */
static inline int32_t microtvm_rescale_reduced(int64_t sum, const int32_t *parameters)
{
	uint64_t addend = (uint64_t)(uint32_t)parameters[2] << 32 | (uint32_t)parameters[1];
	uint64_t product = (uint64_t)sum * (uint32_t)parameters[0] + addend;

	return (int32_t)(uint32_t)(product >> 32) >> parameters[3];
}

/* Sums saturate before they are rescaled. */
static inline int32_t microtvm_rescale_wide(int64_t sum, const int32_t *parameters)
{
	int64_t low = sum > -INT32_MAX ? sum : -INT32_MAX;
	int32_t x = (int32_t)(low < INT32_MAX ? low : INT32_MAX);

	return microtvm_requantize_wide(x, parameters[0], (uint32_t)parameters[1], parameters[2]);
}

/* The last argument is a constant where it is called. */
static inline int16_t microtvm_rescale_s16(int64_t sum, const int32_t *parameters,
					   enum microtvm_rescale_s16 rescale)
{
	int32_t x;

	switch (rescale) {
	case MICROTVM_REDUCED:
		x = microtvm_rescale_reduced(sum, parameters);
		break;
	case MICROTVM_REDUCED_ANY:
		x = microtvm_requantize_int16(sum, parameters[0], parameters[1]);
		break;
	case MICROTVM_TWICE_S16:
		x = microtvm_requantize((int32_t)(uint32_t)(uint64_t)sum, parameters[0],
					parameters[1]);
		break;
	default:
		x = microtvm_rescale_wide(sum, parameters);
	}
	return microtvm_saturate_s16(x);
}

#endif /* MICROTVM_KERNELS_RESCALE_S16_H_ */
