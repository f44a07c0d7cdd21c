/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * block.h for a core with the DSP extension: 4, 2 or 1 pixels times two output
 * channels at a time, from the bias to the stored byte, in assembly.
 *
 *   r0       the next packed words          r1       the patch
 *   r2 - r5  operands                       r6 - r12, lr  sums
 *
 * All other state is in a frame on the stack. r7 may be the compiler's frame
 * pointer, so it is saved here and not declared. A loop over K begins with r0
 * at the word before its first weights; "mid" is where it is entered when the
 * count of groups is odd.
 */
#ifndef MICROTVM_KERNELS_BLOCK_DSP_H_
#define MICROTVM_KERNELS_BLOCK_DSP_H_

#include "microtvm/kernels/block.h"

#if MICROTVM_DSP

#if MICROTVM_DUAL_ISSUE
#include "microtvm/kernels/block_loops_dual.h"
#else
#include "microtvm/kernels/block_loops.h"
#endif

/* The order of the pushed words. */
struct microtvm_block_frame {
	uint32_t patch_end;  /* [sp] */
	uint32_t patch;	     /* [sp, #4]: less 4, and less half a loop where it begins mid */
	uint32_t skip;	     /* [sp, #8]: what the weights go back for that */
	uint32_t out;	     /* [sp, #12] */
	uint32_t out_stride; /* [sp, #16] */
	uint32_t out_end;    /* [sp, #20] */
	uint32_t packed;     /* less 4 */
};

#define MICROTVM_ASM_ENTER                                                                         \
	"ldm r0, {r1-r6, r8}\n\t"                                                                  \
	"mov r0, r8\n\t"                                                                           \
	"push {r1-r7}\n\t"                                                                         \
	"1:\n"
#define MICROTVM_ASM_LEAVE                                                                         \
	"cmp r1, r2\n\t"                                                                           \
	"bne 1b\n\t"                                                                               \
	"pop {r1-r7}\n\t"

/* The sums begin with the biases; r2 is 0 if the loop is entered at its start. */
#define MICROTVM_ASM_BEGIN                                                                         \
	"ldr r1, [sp, #4]\n\t"                                                                     \
	"ldr r2, [sp, #8]\n\t"                                                                     \
	"ldr r6, [r0, #4]\n\t"                                                                     \
	"ldr r10, [r0, #8]!\n\t"                                                                   \
	"mov r7, r6\n\t"                                                                           \
	"mov r11, r10\n\t"
#define MICROTVM_ASM_BEGIN_MORE                                                                    \
	"mov r8, r6\n\t"                                                                           \
	"mov r9, r6\n\t"                                                                           \
	"mov r12, r10\n\t"                                                                         \
	"mov lr, r10\n\t"                                                                          \
	"sub r0, r0, r2\n\t"                                                                       \
	"cmp r2, #0\n\t"
#define MICROTVM_ASM_BEGIN_4 MICROTVM_ASM_BEGIN MICROTVM_ASM_BEGIN_MORE
#define MICROTVM_ASM_BEGIN_2 MICROTVM_ASM_BEGIN
#define MICROTVM_ASM_BEGIN_1 MICROTVM_ASM_BEGIN

/* Of one channel: multiplier, addend, shift. */
#define MICROTVM_ASM_PARAMETERS                                                                    \
	"ldr r2, [r0, #4]\n\t"                                                                     \
	"ldr r3, [r0, #8]\n\t"                                                                     \
	"ldr r4, [r0, #12]!\n\t"

/* Two sums of a channel to bytes: rescale.h. */
#define MICROTVM_ASM_TWICE(a, b)                                                                   \
	"smmlar r5, " a ", r2, r3\n\t"                                                             \
	"smmlar r1, " b ", r2, r3\n\t"                                                             \
	"add " a ", r5, " a ", asr #31\n\t"                                                        \
	"add " b ", r1, " b ", asr #31\n\t"                                                        \
	"asr " a ", " a ", r4\n\t"                                                                 \
	"asr " b ", " b ", r4\n\t"                                                                 \
	"ssat " a ", #8, " a "\n\t"                                                                \
	"ssat " b ", #8, " b "\n\t"
#define MICROTVM_ASM_DOUBLE(a, b)                                                                  \
	"lsl " a ", " a ", #1\n\t"                                                                 \
	"lsl " b ", " b ", #1\n\t"
#define MICROTVM_ASM_ONCE(a, b)                                                                    \
	"smmla " a ", " a ", r2, r3\n\t"                                                           \
	"smmla " b ", " b ", r2, r3\n\t"                                                           \
	"asr " a ", " a ", r4\n\t"                                                                 \
	"asr " b ", " b ", r4\n\t"                                                                 \
	"ssat " a ", #8, " a "\n\t"                                                                \
	"ssat " b ", #8, " b "\n\t"
#define MICROTVM_ASM_DOUBLE_TWICE(a, b) MICROTVM_ASM_DOUBLE(a, b) MICROTVM_ASM_TWICE(a, b)

/* r2 becomes the end of the first pixel's outputs, r1 where the next ones go. */
#define MICROTVM_ASM_STORE_4                                                                       \
	"ldr r1, [sp, #12]\n\t"                                                                    \
	"ldr r2, [sp, #16]\n\t"                                                                    \
	"add r3, r1, r2\n\t"                                                                       \
	"add r4, r3, r2\n\t"                                                                       \
	"add r5, r4, r2\n\t"                                                                       \
	"ldr r2, [sp, #20]\n\t"                                                                    \
	"strb r10, [r1, #1]\n\t"                                                                   \
	"strb r6, [r1], #2\n\t"                                                                    \
	"strb r7, [r3]\n\t"                                                                        \
	"strb r11, [r3, #1]\n\t"                                                                   \
	"strb r8, [r4]\n\t"                                                                        \
	"strb r12, [r4, #1]\n\t"                                                                   \
	"strb r9, [r5]\n\t"                                                                        \
	"strb lr, [r5, #1]\n\t"                                                                    \
	"str r1, [sp, #12]\n\t"
#define MICROTVM_ASM_STORE_2                                                                       \
	"ldr r1, [sp, #12]\n\t"                                                                    \
	"ldr r2, [sp, #16]\n\t"                                                                    \
	"add r3, r1, r2\n\t"                                                                       \
	"ldr r2, [sp, #20]\n\t"                                                                    \
	"strb r10, [r1, #1]\n\t"                                                                   \
	"strb r6, [r1], #2\n\t"                                                                    \
	"strb r7, [r3]\n\t"                                                                        \
	"strb r11, [r3, #1]\n\t"                                                                   \
	"str r1, [sp, #12]\n\t"
#define MICROTVM_ASM_STORE_1                                                                       \
	"ldr r1, [sp, #12]\n\t"                                                                    \
	"ldr r2, [sp, #20]\n\t"                                                                    \
	"strb r10, [r1, #1]\n\t"                                                                   \
	"strb r6, [r1], #2\n\t"                                                                    \
	"str r1, [sp, #12]\n\t"

#define MICROTVM_ASM_FINISH_4(RESCALE)                                                             \
	MICROTVM_ASM_PARAMETERS                                                                    \
	RESCALE("r6", "r7")                                                                        \
	RESCALE("r8", "r9")                                                                        \
	MICROTVM_ASM_PARAMETERS                                                                    \
	RESCALE("r10", "r11")                                                                      \
	RESCALE("r12", "lr")                                                                       \
	MICROTVM_ASM_STORE_4
/* The second sum of a channel is not used where there is one pixel. */
#define MICROTVM_ASM_FINISH_FEW(RESCALE)                                                           \
	MICROTVM_ASM_PARAMETERS                                                                    \
	RESCALE("r6", "r7")                                                                        \
	MICROTVM_ASM_PARAMETERS                                                                    \
	RESCALE("r10", "r11")
#define MICROTVM_ASM_FINISH_2(RESCALE) MICROTVM_ASM_FINISH_FEW(RESCALE) MICROTVM_ASM_STORE_2
#define MICROTVM_ASM_FINISH_1(RESCALE) MICROTVM_ASM_FINISH_FEW(RESCALE) MICROTVM_ASM_STORE_1

static inline struct microtvm_block_frame microtvm_block_frame(const struct microtvm_block *block,
							       uint32_t group_bytes, int enters_mid)
{
	uint32_t patch = (uint32_t)(uintptr_t)block->patch - 4;
	uint32_t out = (uint32_t)(uintptr_t)block->out;
	uint32_t bytes = MICROTVM_GROUP_WORDS * 4;
	int mid = enters_mid && block->groups % 2;

	return (struct microtvm_block_frame){
		.patch_end = patch + (uint32_t)block->groups * bytes,
		.patch = mid ? patch - bytes : patch,
		.skip = mid ? group_bytes : 0,
		.out = out,
		.out_stride = (uint32_t)block->out_stride,
		.out_end = out + 2 * (uint32_t)block->pairs,
		.packed = (uint32_t)(uintptr_t)block->packed - 4,
	};
}

/* Runs assembly whose state is in a frame; r0 comes as its address. */
#define MICROTVM_ASM_RUN(frame, ...)                                                               \
	do {                                                                                       \
		register const struct microtvm_block_frame *r0 __asm("r0") = (frame);              \
		__asm volatile(MICROTVM_ASM_ENTER __VA_ARGS__ MICROTVM_ASM_LEAVE                   \
			       : "+r"(r0)                                                          \
			       :                                                                   \
			       : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11",     \
				 "r12", "lr", "cc", "memory");                                     \
	} while (0)

/* microtvm_block_<pixels>_<name>: a function for each count of pixels. */
#define MICROTVM_DEFINE_BLOCK(name, pixels, weight_bits, RESCALE)                                  \
	static __attribute__((noinline, unused)) void microtvm_block_##pixels##_##name(            \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		struct microtvm_block_frame frame =                                                \
			microtvm_block_frame(block, weight_bits, pixels == 4);                     \
		MICROTVM_ASM_RUN(                                                                  \
			&frame,                                                                    \
			MICROTVM_ASM_BEGIN_##pixels MICROTVM_ASM_LOOP_##pixels##_W##weight_bits    \
				MICROTVM_ASM_FINISH_##pixels(RESCALE));                            \
	}
#define MICROTVM_DEFINE_DSP_BLOCKS(name, weight_bits, RESCALE)                                     \
	MICROTVM_DEFINE_BLOCK(name, 4, weight_bits, RESCALE)                                       \
	MICROTVM_DEFINE_BLOCK(name, 2, weight_bits, RESCALE)                                       \
	MICROTVM_DEFINE_BLOCK(name, 1, weight_bits, RESCALE)

MICROTVM_DEFINE_DSP_BLOCKS(w8_twice, 8, MICROTVM_ASM_DOUBLE_TWICE)
MICROTVM_DEFINE_DSP_BLOCKS(w8_once, 8, MICROTVM_ASM_ONCE)
MICROTVM_DEFINE_DSP_BLOCKS(w16_twice, 16, MICROTVM_ASM_TWICE)
MICROTVM_DEFINE_DSP_BLOCKS(w16_once, 16, MICROTVM_ASM_ONCE)

#endif /* MICROTVM_DSP */

#endif /* MICROTVM_KERNELS_BLOCK_DSP_H_ */
