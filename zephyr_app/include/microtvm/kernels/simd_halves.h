/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* More of simd.h: instructions that take a pair apart. */
#ifndef MICROTVM_KERNELS_SIMD_HALVES_H_
#define MICROTVM_KERNELS_SIMD_HALVES_H_

#include "microtvm/kernels/simd.h"

#if MICROTVM_DSP

/* sum + low * high */
static inline int32_t microtvm_smlabt(uint32_t a, uint32_t b, int32_t sum)
{
	int32_t result;

	__asm("smlabt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
	return result;
}

/* sum + high * low */
static inline int32_t microtvm_smlatb(uint32_t a, uint32_t b, int32_t sum)
{
	int32_t result;

	__asm("smlatb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
	return result;
}

/* The sums of the halves of two pairs. */
static inline uint32_t microtvm_sadd16(uint32_t a, uint32_t b)
{
	uint32_t result;

	__asm("sadd16 %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
	return result;
}

/* A pair of the high halves of two words. */
static inline uint32_t microtvm_pkhtb(uint32_t low, uint32_t high)
{
	uint32_t result;

	__asm("pkhtb %0, %1, %2, asr #16" : "=r"(result) : "r"(high), "r"(low));
	return result;
}

#else

static inline int32_t microtvm_smlabt(uint32_t a, uint32_t b, int32_t sum)
{
	return (int32_t)((uint32_t)sum + (uint32_t)(microtvm_low(a) * microtvm_high(b)));
}

static inline int32_t microtvm_smlatb(uint32_t a, uint32_t b, int32_t sum)
{
	return microtvm_smlabt(b, a, sum);
}

static inline uint32_t microtvm_sadd16(uint32_t a, uint32_t b)
{
	return microtvm_pkhbt(microtvm_low(a) + microtvm_low(b),
			      microtvm_high(a) + microtvm_high(b));
}

static inline uint32_t microtvm_pkhtb(uint32_t low, uint32_t high)
{
	return low >> 16 | (high & 0xffff0000u);
}

#endif /* MICROTVM_DSP */

#endif /* MICROTVM_KERNELS_SIMD_HALVES_H_ */
