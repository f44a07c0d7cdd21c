/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The DSP instructions that the kernels use. A core that has them executes
 * them; elsewhere the same function is portable C with the same results, so
 * that an algorithm made of these functions can run anywhere.
 *
 * Two numbers of 16 bits in a word are a pair; "low" is bits 0 to 15.
 * Sums wrap around, as in the core.
 */
#ifndef MICROTVM_KERNELS_SIMD_H_
#define MICROTVM_KERNELS_SIMD_H_

#include <stdint.h>

#if defined(__ARM_FEATURE_DSP) && !defined(MICROTVM_NO_DSP)
#define MICROTVM_DSP 1
#else
#define MICROTVM_DSP 0
#endif

/* 1 on a core that issues two instructions at a time, such as Cortex-M7; orders inner loops. */
#ifndef MICROTVM_DUAL_ISSUE
#define MICROTVM_DUAL_ISSUE 0
#endif

/* Memory seen as words or halfwords, whatever it was declared as. Must be aligned. */
typedef uint32_t __attribute__((may_alias)) microtvm_word;
typedef int16_t __attribute__((may_alias)) microtvm_half;

static inline int32_t microtvm_low(uint32_t pair)
{
	return (int16_t)(uint16_t)pair;
}

static inline int32_t microtvm_high(uint32_t pair)
{
	return (int16_t)(uint16_t)(pair >> 16);
}

#if MICROTVM_DSP

/* The pair of bytes 0 and 2, sign-extended. */
static inline uint32_t microtvm_sxtb16(uint32_t bytes)
{
	uint32_t result;

	__asm("sxtb16 %0, %1" : "=r"(result) : "r"(bytes));
	return result;
}

/* The pair of bytes 1 and 3, sign-extended. */
static inline uint32_t microtvm_sxtb16_ror8(uint32_t bytes)
{
	uint32_t result;

	__asm("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(bytes));
	return result;
}

/* A pair of the low halves of two words. */
static inline uint32_t microtvm_pkhbt(int32_t low, int32_t high)
{
	uint32_t result;

	__asm("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(low), "r"(high));
	return result;
}

/* A pair plus bytes 0 and 2. */
static inline uint32_t microtvm_sxtab16(uint32_t pair, uint32_t bytes)
{
	uint32_t result;

	__asm("sxtab16 %0, %1, %2" : "=r"(result) : "r"(pair), "r"(bytes));
	return result;
}

/* A pair plus bytes 1 and 3. */
static inline uint32_t microtvm_sxtab16_ror8(uint32_t pair, uint32_t bytes)
{
	uint32_t result;

	__asm("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(pair), "r"(bytes));
	return result;
}

/* sum + low * low + high * high */
static inline int32_t microtvm_smlad(uint32_t a, uint32_t b, int32_t sum)
{
	int32_t result;

	__asm("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
	return result;
}

/* sum + floor(a * b / 2^32) */
static inline int32_t microtvm_smmla(int32_t a, int32_t b, int32_t sum)
{
	int32_t result;

	__asm("smmla %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
	return result;
}

/* sum + floor(a * b / 2^32 + 1/2) */
static inline int32_t microtvm_smmlar(int32_t a, int32_t b, int32_t sum)
{
	int32_t result;

	__asm("smmlar %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
	return result;
}

/* floor(a * b / 2^32 + 1/2) */
static inline int32_t microtvm_smmulr(int32_t a, int32_t b)
{
	int32_t result;

	__asm("smmulr %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
	return result;
}

/* sum + low * low + high * high, in 64 bits */
static inline int64_t microtvm_smlald(uint32_t a, uint32_t b, int64_t sum)
{
	__asm("smlald %Q0, %R0, %1, %2" : "+r"(sum) : "r"(a), "r"(b));
	return sum;
}

#else

static inline uint32_t microtvm_pkhbt(int32_t low, int32_t high)
{
	return ((uint32_t)low & 0xffffu) | (uint32_t)high << 16;
}

static inline uint32_t microtvm_sxtab16(uint32_t pair, uint32_t bytes)
{
	return microtvm_pkhbt(microtvm_low(pair) + (int8_t)(uint8_t)bytes,
			      microtvm_high(pair) + (int8_t)(uint8_t)(bytes >> 16));
}

static inline uint32_t microtvm_sxtab16_ror8(uint32_t pair, uint32_t bytes)
{
	return microtvm_sxtab16(pair, bytes >> 8);
}

static inline uint32_t microtvm_sxtb16(uint32_t bytes)
{
	return microtvm_sxtab16(0, bytes);
}

static inline uint32_t microtvm_sxtb16_ror8(uint32_t bytes)
{
	return microtvm_sxtab16(0, bytes >> 8);
}

static inline int32_t microtvm_smlad(uint32_t a, uint32_t b, int32_t sum)
{
	uint32_t low = (uint32_t)(microtvm_low(a) * microtvm_low(b));
	uint32_t high = (uint32_t)(microtvm_high(a) * microtvm_high(b));

	return (int32_t)((uint32_t)sum + low + high);
}

static inline int32_t microtvm_smmla(int32_t a, int32_t b, int32_t sum)
{
	uint64_t product = (uint64_t)((int64_t)a * b);

	return (int32_t)((uint32_t)sum + (uint32_t)(product >> 32));
}

static inline int32_t microtvm_smmlar(int32_t a, int32_t b, int32_t sum)
{
	uint64_t product = (uint64_t)((int64_t)a * b) + (UINT64_C(1) << 31);

	return (int32_t)((uint32_t)sum + (uint32_t)(product >> 32));
}

static inline int32_t microtvm_smmulr(int32_t a, int32_t b)
{
	return microtvm_smmlar(a, b, 0);
}

static inline int64_t microtvm_smlald(uint32_t a, uint32_t b, int64_t sum)
{
	int64_t low = microtvm_low(a) * microtvm_low(b);
	int64_t high = microtvm_high(a) * microtvm_high(b);

	return (int64_t)((uint64_t)sum + (uint64_t)(low + high));
}

#endif /* MICROTVM_DSP */

/* The nearest int8; one SSAT where there is one. */
static inline int8_t microtvm_saturate_s8(int32_t x)
{
#if MICROTVM_DSP
	int32_t result;

	__asm("ssat %0, #8, %1" : "=r"(result) : "r"(x));
	return (int8_t)result;
#else
	if (x > INT8_MAX) {
		return INT8_MAX;
	}
	return x < INT8_MIN ? INT8_MIN : (int8_t)x;
#endif
}

/* The nearest int16; one SSAT where there is one. */
static inline int16_t microtvm_saturate_s16(int32_t x)
{
#if MICROTVM_DSP
	int32_t result;

	__asm("ssat %0, #16, %1" : "=r"(result) : "r"(x));
	return (int16_t)result;
#else
	if (x > INT16_MAX) {
		return INT16_MAX;
	}
	return x < INT16_MIN ? INT16_MIN : (int16_t)x;
#endif
}

/* The word at an address that is a multiple of 4. */
static inline uint32_t microtvm_load_word(const void *address)
{
	return *(const microtvm_word *)address;
}

/* The number of 64 bits in two words, the low one first. */
static inline int64_t microtvm_load_int64(const int32_t *words)
{
	return (int64_t)((uint64_t)(uint32_t)words[1] << 32 | (uint32_t)words[0]);
}

#endif /* MICROTVM_KERNELS_SIMD_H_ */
