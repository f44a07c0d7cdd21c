/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From a sum to an int8 output in four instructions, exactly as TFLite rounds.
 * An output channel has three words of parameters, which
 * microtvm/compiler/packing.py makes: multiplier, addend, shift. The fast
 * forms take the scales that models have (below 1/2, or 1/4 where TFLite
 * rounds once; sums below 2^30); the others take any.
 */
#ifndef MICROTVM_KERNELS_RESCALE_H_
#define MICROTVM_KERNELS_RESCALE_H_

#include <stdint.h>

#include "microtvm/kernels/requantize.h"
#include "microtvm/kernels/simd.h"

enum microtvm_rescale {
	MICROTVM_TWICE,	    /* convolutions */
	MICROTVM_ONCE,	    /* FULLY_CONNECTED */
	MICROTVM_TWICE_ANY, /* the same for any scale; addend: the zero point, shift: to the left */
	MICROTVM_ONCE_ANY,
	MICROTVM_RELU, /* MICROTVM_TWICE where the zero point is -128 */
};

#define MICROTVM_RESCALE_WORDS 3

/*
 * Rounds twice; `doubled` is twice the sum. RoundingDivideByPOT(x, shift) is
 * (x + 2^(shift - 1) - (x < 0)) >> shift. The addend is 2^(shift - 1) with the
 * zero point shifted left. A negative sum whose x is 0 may be taken for a
 * negative x: the shift absorbs it.
 */
static inline int8_t microtvm_rescale_twice(int32_t doubled, const int32_t *parameters)
{
	int32_t x = microtvm_smmlar(doubled, parameters[0], parameters[1]);

	return microtvm_saturate_s8((x + (doubled >> 31)) >> parameters[2]);
}

/* No output is below the zero point, so nobody sees how a negative x would have been rounded. */
static inline int8_t microtvm_rescale_relu(int32_t doubled, const int32_t *parameters)
{
	int32_t x = microtvm_smmlar(doubled, parameters[0], parameters[1]);

	return microtvm_saturate_s8(x >> parameters[2]);
}

/* Rounds once. The addend is a multiple of 2^32 in the product, so its low word needs no look. */
static inline int8_t microtvm_rescale_once(int32_t sum, const int32_t *parameters)
{
	int32_t x = microtvm_smmla(sum, parameters[0], parameters[1]);

	return microtvm_saturate_s8(x >> parameters[2]);
}

static inline int8_t microtvm_rescale_any(int32_t sum, const int32_t *parameters, int once)
{
	int32_t x = once ? microtvm_requantize_once(sum, parameters[0], parameters[2])
			 : microtvm_requantize(sum, parameters[0], parameters[2]);

	return microtvm_saturate_s8(x + parameters[1]);
}

/* `doubled` tells whether the sum is twice what it stands for. */
static inline int8_t microtvm_rescale_s8(int32_t sum, const int32_t *parameters,
					 enum microtvm_rescale rescale, int doubled)
{
	int32_t twice = doubled ? sum : (int32_t)((uint32_t)sum << 1);

	switch (rescale) {
	case MICROTVM_TWICE:
		return microtvm_rescale_twice(twice, parameters);
	case MICROTVM_RELU:
		return microtvm_rescale_relu(twice, parameters);
	case MICROTVM_ONCE:
		return microtvm_rescale_once(sum, parameters);
	default:
		return microtvm_rescale_any(sum, parameters, rescale == MICROTVM_ONCE_ANY);
	}
}

#endif /* MICROTVM_KERNELS_RESCALE_H_ */
