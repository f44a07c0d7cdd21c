/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * block_s16.h for a core with the DSP extension. Where sums have 32 bits this is
 * block_dsp.h with another end; where they have 64, two pixels times two
 * channels at a time:
 *
 *   r0       the packed words               r1       the patch
 *   r2, r3   pixels                         r4, r5   weights
 *   r6 - r12, lr  sums
 *
 * with r7, which may be the compiler's frame pointer, and the rest on the stack.
 */
#ifndef MICROTVM_KERNELS_BLOCK_S16_DSP_H_
#define MICROTVM_KERNELS_BLOCK_S16_DSP_H_

#include "microtvm/kernels/block_dsp.h"
#include "microtvm/kernels/block_s16.h"

#if MICROTVM_DSP

/* A channel's sums by the multiplier of rescale_s16.h. */
#define MICROTVM_ASM_SCALE_0(sum)      "smmulr " sum ", " sum ", r2\n\t"
#define MICROTVM_ASM_SCALE_1(sum)      "smmulr " sum ", " sum ", r3\n\t"
#define MICROTVM_ASM_SATURATE_S16(sum) "ssat " sum ", #16, " sum "\n\t"
#define MICROTVM_ASM_MULTIPLIERS                                                                   \
	"ldr r2, [r0, #4]\n\t"                                                                     \
	"ldr r3, [r0, #8]!\n\t"

/* r1 becomes where the first pixel's next outputs go, r2 where they end. */
#define MICROTVM_ASM_STORES_S16                                                                    \
	"ldr r1, [sp, #16]\n\t"                                                                    \
	"ldr r3, [sp, #20]\n\t"                                                                    \
	"ldr r2, [sp, #24]\n\t"
#define MICROTVM_ASM_STORE_S16(next, at, first, second)                                            \
	next "strh " second ", [" at ", #2]\n\t"                                                   \
	     "strh " first ", [" at "]\n\t"
#define MICROTVM_ASM_STORED_S16                                                                    \
	"adds r1, #4\n\t"                                                                          \
	"str r1, [sp, #16]\n\t"

#define MICROTVM_ASM_FINISH_S16_4                                                                  \
	MICROTVM_ASM_MULTIPLIERS                                                                   \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SCALE_0, "r6", "r7", "r8", "r9")                          \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SCALE_1, "r10", "r11", "r12", "lr")                       \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SATURATE_S16, "r6", "r7", "r8", "r9")                     \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SATURATE_S16, "r10", "r11", "r12", "lr")                  \
	MICROTVM_ASM_STORES_S16                                                                    \
	MICROTVM_ASM_STORE_S16("", "r1", "r6", "r10")                                              \
	MICROTVM_ASM_STORE_S16("add r4, r1, r3\n\t", "r4", "r7", "r11")                            \
	MICROTVM_ASM_STORE_S16("add r5, r4, r3\n\t", "r5", "r8", "r12")                            \
	MICROTVM_ASM_STORE_S16("add r3, r5, r3\n\t", "r3", "r9", "lr")                             \
	MICROTVM_ASM_STORED_S16
#define MICROTVM_ASM_FINISH_S16_2                                                                  \
	MICROTVM_ASM_MULTIPLIERS                                                                   \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SCALE_0, "r6", "r7")                                      \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SCALE_1, "r10", "r11")                                    \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SATURATE_S16, "r6", "r7")                                 \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SATURATE_S16, "r10", "r11")                               \
	MICROTVM_ASM_STORES_S16                                                                    \
	MICROTVM_ASM_STORE_S16("", "r1", "r6", "r10")                                              \
	MICROTVM_ASM_STORE_S16("add r4, r1, r3\n\t", "r4", "r7", "r11")                            \
	MICROTVM_ASM_STORED_S16
#define MICROTVM_ASM_FINISH_S16_1                                                                  \
	MICROTVM_ASM_MULTIPLIERS                                                                   \
	MICROTVM_ASM_SCALE_0("r6")                                                                 \
	MICROTVM_ASM_SCALE_1("r10")                                                                \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SATURATE_S16, "r6", "r10")                                \
	MICROTVM_ASM_STORES_S16                                                                    \
	MICROTVM_ASM_STORE_S16("", "r1", "r6", "r10")                                              \
	MICROTVM_ASM_STORED_S16

#define MICROTVM_DEFINE_DSP_ACC32(name, width)                                                     \
	MICROTVM_DEFINE_BLOCK(name, 4, width, MICROTVM_ASM_FINISH_S16_4)                           \
	MICROTVM_DEFINE_BLOCK(name, 2, width, MICROTVM_ASM_FINISH_S16_2)                           \
	MICROTVM_DEFINE_BLOCK(name, 1, width, MICROTVM_ASM_FINISH_S16_1)

MICROTVM_DEFINE_DSP_ACC32(w8_acc32, W8)
MICROTVM_DEFINE_DSP_ACC32(w16_acc32, W16)

/* A pair of numbers: offsets of both pixels' and of both channels' words. */
#define MICROTVM_ACC64_LOADS(p0, p1, w0, w1)                                                       \
	"ldr r2, [r1, #" #p0 "]\n\t"                                                               \
	"ldr r3, [r1, #" #p1 "]\n\t"                                                               \
	"ldr r4, [r0, #" #w0 "]\n\t"                                                               \
	"ldr r5, [r0, #" #w1 "]\n\t"
#define MICROTVM_ACC64_WIDEN(rotation)                                                             \
	"sxtb16 r4, r4" rotation "\n\t"                                                            \
	"sxtb16 r5, r5" rotation "\n\t"
#define MICROTVM_ACC64_TIMES                                                                       \
	"smlald r6, r7, r2, r4\n\t"                                                                \
	"smlald r8, r9, r2, r5\n\t"                                                                \
	"smlald r10, r11, r3, r4\n\t"                                                              \
	"smlald r12, lr, r3, r5\n\t"
#define MICROTVM_ACC64_GROUP_W16                                                                   \
	MICROTVM_ACC64_LOADS(0, 4, 0, 4)                                                           \
	MICROTVM_ACC64_TIMES                                                                       \
	MICROTVM_ACC64_LOADS(16, 20, 8, 12)                                                        \
	"adds r0, #16\n\t" MICROTVM_ACC64_TIMES
#define MICROTVM_ACC64_GROUP_W8                                                                    \
	MICROTVM_ACC64_LOADS(0, 4, 0, 4)                                                           \
	MICROTVM_ACC64_WIDEN("")                                                                   \
	MICROTVM_ACC64_TIMES                                                                       \
	MICROTVM_ACC64_LOADS(16, 20, 0, 4)                                                         \
	"adds r0, #8\n\t" MICROTVM_ACC64_WIDEN(", ror #8") MICROTVM_ACC64_TIMES
#define MICROTVM_ACC64_SUMS(GROUP)                                                                 \
	"add r5, r1, r2, lsl #5\n\t"                                                               \
	"mov r6, r3\n\t"                                                                           \
	"push {r5-r7}\n\t"                                                                         \
	"ldm r0!, {r6-r9}\n\t"                                                                     \
	"mov r10, r6\n\t"                                                                          \
	"mov r11, r7\n\t"                                                                          \
	"mov r12, r8\n\t"                                                                          \
	"mov lr, r9\n\t"                                                                           \
	".balign 4\n"                                                                              \
	"1:\n\t" GROUP "adds r1, #32\n\t"                                                          \
	"ldr r2, [sp]\n\t"                                                                         \
	"cmp r1, r2\n\t"                                                                           \
	"bne 1b\n\t"                                                                               \
	"ldr r3, [sp, #4]\n\t"                                                                     \
	"stm r3, {r6-r12, lr}\n\t"                                                                 \
	"pop {r5-r7}\n\t"

#define MICROTVM_DEFINE_ACC64_SUMS(bits)                                                           \
	static __attribute__((noinline, unused)) void microtvm_block_sums_w##bits(                 \
		const uint32_t *patch, const int32_t *packed, int32_t groups, int64_t sums[4])     \
	{                                                                                          \
		register const int32_t *r0 __asm("r0") = packed;                                   \
		register const uint32_t *r1 __asm("r1") = patch;                                   \
		register int32_t r2 __asm("r2") = groups;                                          \
		register int64_t *r3 __asm("r3") = sums;                                           \
                                                                                                   \
		__asm volatile(MICROTVM_ACC64_SUMS(MICROTVM_ACC64_GROUP_W##bits)                   \
			       : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)                            \
			       :                                                                   \
			       : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc",    \
				 "memory");                                                        \
	}

#else

#define MICROTVM_DEFINE_ACC64_SUMS(bits)                                                           \
	static __attribute__((noinline, unused)) void microtvm_block_sums_w##bits(                 \
		const uint32_t *patch, const int32_t *packed, int32_t groups, int64_t sums[4])     \
	{                                                                                          \
		microtvm_block_sums_acc64(patch, packed, groups, bits, sums);                      \
	}

#endif /* MICROTVM_DSP */

MICROTVM_DEFINE_ACC64_SUMS(8)
MICROTVM_DEFINE_ACC64_SUMS(16)

#endif /* MICROTVM_KERNELS_BLOCK_S16_DSP_H_ */
