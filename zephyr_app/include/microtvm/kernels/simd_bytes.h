/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* More of simd.h: instructions for operators that treat each byte by itself. */
#ifndef MICROTVM_KERNELS_SIMD_BYTES_H_
#define MICROTVM_KERNELS_SIMD_BYTES_H_

#include "microtvm/kernels/simd.h"

/* Bytes 1 and 3 stay where they are; each is the upper half of a number of 16 bits. */
#define MICROTVM_UPPER_BYTES 0xff00ff00u

/* Times a byte: that byte four times. */
#define MICROTVM_EACH_BYTE 0x01010101u

#if MICROTVM_DSP

/* sum + floor(a * low / 2^16) */
static inline int32_t microtvm_smlawb(int32_t a, uint32_t pair, int32_t sum)
{
	int32_t result;

	__asm("smlawb %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(pair), "r"(sum));
	return result;
}

/* sum + floor(a * high / 2^16) */
static inline int32_t microtvm_smlawt(int32_t a, uint32_t pair, int32_t sum)
{
	int32_t result;

	__asm("smlawt %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(pair), "r"(sum));
	return result;
}

/* low * low */
static inline int32_t microtvm_smulbb(uint32_t a, uint32_t b)
{
	int32_t result;

	__asm("smulbb %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
	return result;
}

/* high * high */
static inline int32_t microtvm_smultt(uint32_t a, uint32_t b)
{
	int32_t result;

	__asm("smultt %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
	return result;
}

/* The int8 nearest to x >> 20. */
static inline int8_t microtvm_saturate_s8_after_20(int32_t x)
{
	int32_t result;

	__asm("ssat %0, #8, %1, asr #20" : "=r"(result) : "r"(x));
	return (int8_t)result;
}

/* The larger of each two signed bytes. */
static inline uint32_t microtvm_max_bytes(uint32_t a, uint32_t b)
{
	uint32_t difference;

	__asm("ssub8 %1, %0, %2\n\t"
	      "sel %0, %0, %2"
	      : "+r"(a), "=&r"(difference)
	      : "r"(b));
	return a;
}

/* The smaller of each two signed bytes. */
static inline uint32_t microtvm_min_bytes(uint32_t a, uint32_t b)
{
	uint32_t difference;

	__asm("ssub8 %1, %0, %2\n\t"
	      "sel %0, %2, %0"
	      : "+r"(a), "=&r"(difference)
	      : "r"(b));
	return a;
}

#else

static inline int32_t microtvm_smlawb(int32_t a, uint32_t pair, int32_t sum)
{
	int64_t product = (int64_t)a * microtvm_low(pair);

	return (int32_t)((uint32_t)sum + (uint32_t)(product >> 16));
}

static inline int32_t microtvm_smlawt(int32_t a, uint32_t pair, int32_t sum)
{
	return microtvm_smlawb(a, pair >> 16, sum);
}

static inline int32_t microtvm_smulbb(uint32_t a, uint32_t b)
{
	return microtvm_low(a) * microtvm_low(b);
}

static inline int32_t microtvm_smultt(uint32_t a, uint32_t b)
{
	return microtvm_high(a) * microtvm_high(b);
}

static inline int8_t microtvm_saturate_s8_after_20(int32_t x)
{
	return microtvm_saturate_s8(x >> 20);
}

static inline uint32_t microtvm_max_bytes(uint32_t a, uint32_t b)
{
	uint32_t result = 0;

	for (int shift = 0; shift < 32; shift += 8) {
		int8_t x = (int8_t)(uint8_t)(a >> shift);
		int8_t y = (int8_t)(uint8_t)(b >> shift);

		result |= (uint32_t)(uint8_t)(x > y ? x : y) << shift;
	}
	return result;
}

static inline uint32_t microtvm_min_bytes(uint32_t a, uint32_t b)
{
	/* ~x is -1 - x, which turns the order around. */
	return ~microtvm_max_bytes(~a, ~b);
}

#endif /* MICROTVM_DSP */

/* Four bytes as a word, from any address. */
static inline uint32_t microtvm_load_bytes(const int8_t *bytes)
{
	uint32_t low = (uint32_t)(uint8_t)bytes[0] | (uint32_t)(uint8_t)bytes[1] << 8;

	return low | (uint32_t)(uint8_t)bytes[2] << 16 | (uint32_t)(uint8_t)bytes[3] << 24;
}

/* Writes a word to an address that is a multiple of 4. */
static inline void microtvm_store_word(void *address, uint32_t word)
{
	*(microtvm_word *)address = word;
}

#endif /* MICROTVM_KERNELS_SIMD_BYTES_H_ */
