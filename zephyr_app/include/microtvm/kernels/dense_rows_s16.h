/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The inner products of dense_s16.h: an int16 vector times four rows of weights,
 * in portable C or for the DSP extension, with
 *
 *   r0       the packed words               r1       the inputs
 *   r2, r3   pairs of inputs
 *
 * and, where sums have 32 bits, r6 - r9 for them, r10 - r12 and lr for weights,
 * r5 for where the inputs end; where they have 64, r6 - r12 and lr for them, r4
 * and r5 for weights. r7, which may be the compiler's frame pointer, is saved.
 */
#ifndef MICROTVM_KERNELS_DENSE_ROWS_S16_H_
#define MICROTVM_KERNELS_DENSE_ROWS_S16_H_

#include "microtvm/kernels/simd.h"

#define MICROTVM_DENSE_S16_ROWS 4

#if MICROTVM_DSP

#define MICROTVM_DENSE_S16_TIMES_4(pair)                                                           \
	"smlad r6, " pair ", r10, r6\n\t"                                                          \
	"smlad r7, " pair ", r11, r7\n\t"                                                          \
	"smlad r8, " pair ", r12, r8\n\t"                                                          \
	"smlad r9, " pair ", lr, r9\n\t"
#define MICROTVM_DENSE_S16_ROW_W8(weights, sum)                                                    \
	"sxtb16 r4, " weights "\n\t"                                                               \
	"sxtb16 " weights ", " weights ", ror #8\n\t"                                              \
	"smlad " sum ", r2, r4, " sum "\n\t"                                                       \
	"smlad " sum ", r3, " weights ", " sum "\n\t"
#define MICROTVM_DENSE_S16_GROUP_W8_ACC32                                                          \
	"ldm r1!, {r2, r3}\n\t"                                                                    \
	"ldm r0!, {r10-r12, lr}\n\t" MICROTVM_DENSE_S16_ROW_W8("r10", "r6")                        \
		MICROTVM_DENSE_S16_ROW_W8("r11", "r7") MICROTVM_DENSE_S16_ROW_W8("r12", "r8")      \
			MICROTVM_DENSE_S16_ROW_W8("lr", "r9")
#define MICROTVM_DENSE_S16_GROUP_W16_ACC32                                                         \
	"ldm r1!, {r2, r3}\n\t"                                                                    \
	"ldm r0!, {r10-r12, lr}\n\t" MICROTVM_DENSE_S16_TIMES_4(                                   \
		"r2") "ldm r0!, {r10-r12, lr}\n\t" MICROTVM_DENSE_S16_TIMES_4("r3")
/* Two groups a turn. */
#define MICROTVM_DENSE_S16_ACC32(GROUP)                                                            \
	"mov r6, r3\n\t"                                                                           \
	"push {r6-r7}\n\t"                                                                         \
	"add r5, r1, r2, lsl #3\n\t"                                                               \
	"ldm r0!, {r6-r9}\n\t"                                                                     \
	".balign 4\n"                                                                              \
	"1:\n\t" GROUP GROUP "cmp r1, r5\n\t"                                                      \
	"bne 1b\n\t"                                                                               \
	"ldr r3, [sp]\n\t"                                                                         \
	"stm r3, {r6-r9}\n\t"                                                                      \
	"pop {r6-r7}\n\t"

#define MICROTVM_DENSE_S16_LONG(low, high, pair, weights)                                          \
	"smlald " low ", " high ", " pair ", " weights "\n\t"
#define MICROTVM_DENSE_S16_LONG_W8(low, high)                                                      \
	"ldr r4, [r0], #4\n\t"                                                                     \
	"sxtb16 r5, r4\n\t"                                                                        \
	"sxtb16 r4, r4, ror #8\n\t" MICROTVM_DENSE_S16_LONG(low, high, "r2", "r5")                 \
		MICROTVM_DENSE_S16_LONG(low, high, "r3", "r4")
#define MICROTVM_DENSE_S16_GROUP_W8_ACC64                                                          \
	"ldm r1!, {r2, r3}\n\t" MICROTVM_DENSE_S16_LONG_W8("r6", "r7")                             \
		MICROTVM_DENSE_S16_LONG_W8("r8", "r9") MICROTVM_DENSE_S16_LONG_W8("r10", "r11")    \
			MICROTVM_DENSE_S16_LONG_W8("r12", "lr")
#define MICROTVM_DENSE_S16_LONG_4(pair)                                                            \
	"ldm r0!, {r4, r5}\n\t" MICROTVM_DENSE_S16_LONG("r6", "r7", pair, "r4")                    \
		MICROTVM_DENSE_S16_LONG(                                                           \
			"r8", "r9", pair,                                                          \
			"r5") "ldm r0!, {r4, r5}\n\t" MICROTVM_DENSE_S16_LONG("r10", "r11", pair,  \
									      "r4")                \
			MICROTVM_DENSE_S16_LONG("r12", "lr", pair, "r5")
#define MICROTVM_DENSE_S16_GROUP_W16_ACC64                                                         \
	"ldm r1!, {r2, r3}\n\t" MICROTVM_DENSE_S16_LONG_4("r2") MICROTVM_DENSE_S16_LONG_4("r3")
#define MICROTVM_DENSE_S16_ACC64(GROUP)                                                            \
	"add r5, r1, r2, lsl #3\n\t"                                                               \
	"mov r6, r3\n\t"                                                                           \
	"push {r5-r7}\n\t"                                                                         \
	"ldm r0!, {r6-r12, lr}\n\t"                                                                \
	".balign 4\n"                                                                              \
	"1:\n\t" GROUP GROUP "ldr r4, [sp]\n\t"                                                    \
	"cmp r1, r4\n\t"                                                                           \
	"bne 1b\n\t"                                                                               \
	"ldr r3, [sp, #4]\n\t"                                                                     \
	"stm r3, {r6-r12, lr}\n\t"                                                                 \
	"pop {r5-r7}\n\t"

/* `packed` is at the rows' biases; groups of 4 columns, an even count, not 0. */
#define MICROTVM_DEFINE_DENSE_SUMS(bits, ACC, type)                                                \
	static __attribute__((noinline, unused)) void microtvm_dense_sums_w##bits##_##ACC(         \
		const uint32_t *inputs, const int32_t *packed, int32_t groups, type sums[4])       \
	{                                                                                          \
		register const int32_t *r0 __asm("r0") = packed;                                   \
		register const uint32_t *r1 __asm("r1") = inputs;                                  \
		register int32_t r2 __asm("r2") = groups;                                          \
		register type *r3 __asm("r3") = sums;                                              \
                                                                                                   \
		__asm volatile(MICROTVM_DENSE_S16_##ACC(MICROTVM_DENSE_S16_GROUP_W##bits##_##ACC)  \
			       : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)                            \
			       :                                                                   \
			       : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc",    \
				 "memory");                                                        \
	}

MICROTVM_DEFINE_DENSE_SUMS(8, ACC32, int32_t)
MICROTVM_DEFINE_DENSE_SUMS(16, ACC32, int32_t)
MICROTVM_DEFINE_DENSE_SUMS(8, ACC64, int64_t)
MICROTVM_DEFINE_DENSE_SUMS(16, ACC64, int64_t)

#else

/* One row; `weights` is at its first word. */
static inline int64_t microtvm_dense_sum_s16(const uint32_t *inputs, const int32_t *weights,
					     int32_t groups, int weight_bits, int64_t sum)
{
	for (; groups > 0; groups--, inputs += 2, weights += weight_bits / 2) {
		uint32_t first = (uint32_t)weights[0];
		uint32_t second = first;

		if (weight_bits == 8) {
			first = microtvm_sxtb16(first);
			second = microtvm_sxtb16_ror8(second);
		} else {
			second = (uint32_t)weights[MICROTVM_DENSE_S16_ROWS];
		}
		sum = microtvm_smlald(inputs[0], first, sum);
		sum = microtvm_smlald(inputs[1], second, sum);
	}
	return sum;
}

#define MICROTVM_DEFINE_DENSE_SUMS(bits)                                                           \
	static __attribute__((unused)) void microtvm_dense_sums_w##bits##_ACC32(                   \
		const uint32_t *inputs, const int32_t *packed, int32_t groups, int32_t sums[4])    \
	{                                                                                          \
		for (int row = 0; row < MICROTVM_DENSE_S16_ROWS; row++) {                          \
			const int32_t *weights = packed + MICROTVM_DENSE_S16_ROWS + row;           \
                                                                                                   \
			sums[row] = (int32_t)microtvm_dense_sum_s16(inputs, weights, groups, bits, \
								    packed[row]);                  \
		}                                                                                  \
	}                                                                                          \
	static __attribute__((unused)) void microtvm_dense_sums_w##bits##_ACC64(                   \
		const uint32_t *inputs, const int32_t *packed, int32_t groups, int64_t sums[4])    \
	{                                                                                          \
		for (int row = 0; row < MICROTVM_DENSE_S16_ROWS; row++) {                          \
			const int32_t *weights = packed + 2 * MICROTVM_DENSE_S16_ROWS + row;       \
			int64_t bias = microtvm_load_int64(packed + 2 * row);                      \
                                                                                                   \
			sums[row] = microtvm_dense_sum_s16(inputs, weights, groups, bits, bias);   \
		}                                                                                  \
	}

MICROTVM_DEFINE_DENSE_SUMS(8)
MICROTVM_DEFINE_DENSE_SUMS(16)

#endif /* MICROTVM_DSP */

#endif /* MICROTVM_KERNELS_DENSE_ROWS_S16_H_ */
