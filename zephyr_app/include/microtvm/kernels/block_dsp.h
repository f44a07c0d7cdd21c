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
 * pointer, so it is saved here and not declared. r0 and r1 point to the word
 * before what comes next. The loop over K takes some groups a turn; if they do
 * not divide the count, its first turn is entered late.
 */
#ifndef MICROTVM_KERNELS_BLOCK_DSP_H_
#define MICROTVM_KERNELS_BLOCK_DSP_H_

#include "microtvm/kernels/block.h"

#if MICROTVM_DSP

#include "microtvm/kernels/block_rescale.h"
#if MICROTVM_DUAL_ISSUE
#include "microtvm/kernels/block_loops_dual.h"
#else
#include "microtvm/kernels/block_loops.h"
#endif

/*
 * Offsets from the stack pointer are those in struct microtvm_block_frame, the
 * first member of what r0 points to at first.
 */
#define MICROTVM_ASM_ENTER "ldm r0, {r0-r6, r8}\n\t"
#define MICROTVM_ASM_PUSH                                                                          \
	"push {r0-r7}\n\t"                                                                         \
	"mov r0, r8\n\t"                                                                           \
	"1:\n"
#define MICROTVM_ASM_LEAVE                                                                         \
	"cmp r1, r2\n\t"                                                                           \
	"bne 1b\n\t"                                                                               \
	"pop {r0-r7}\n\t"

/* r2 becomes the address at which the first turn of the loop is entered. */
#define MICROTVM_ASM_LATE_BY(entry_bytes)                                                          \
	"adr.w r9, " MICROTVM_ASM_ENTRIES " + 1\n\t"                                               \
	"mov r10, #" entry_bytes "\n\t"                                                            \
	"mla r2, r2, r10, r9\n\t"
#define MICROTVM_ASM_LATE_4_W16 MICROTVM_ASM_LATE_BY(MICROTVM_ASM_ENTRY_BYTES_W16)
#define MICROTVM_ASM_LATE_4_W8	MICROTVM_ASM_LATE_BY(MICROTVM_ASM_ENTRY_BYTES_W8)
#define MICROTVM_ASM_LATE_2_W16 ""
#define MICROTVM_ASM_LATE_2_W8	""
#define MICROTVM_ASM_LATE_1_W16 ""
#define MICROTVM_ASM_LATE_1_W8	""

/* The sums begin with the biases; the loop at its start, unless there are groups to skip. */
#define MICROTVM_ASM_BEGIN_4                                                                       \
	"ldr r1, [sp, #4]\n\t"                                                                     \
	"ldr r3, [sp, #12]\n\t"                                                                    \
	"ldr r6, [r0, #4]\n\t"                                                                     \
	"ldr r10, [r0, #8]!\n\t"                                                                   \
	"mov r7, r6\n\t"                                                                           \
	"mov r8, r6\n\t"                                                                           \
	"mov r9, r6\n\t"                                                                           \
	"mov r11, r10\n\t"                                                                         \
	"mov r12, r10\n\t"                                                                         \
	"mov lr, r10\n\t"                                                                          \
	"cbz r3, " MICROTVM_ASM_ENTRIES "\n\t"                                                     \
	"ldr r2, [sp, #8]\n\t"                                                                     \
	"sub r0, r0, r3\n\t"                                                                       \
	"bx r2\n\t"
#define MICROTVM_ASM_BEGIN_2                                                                       \
	"ldr r1, [sp, #4]\n\t"                                                                     \
	"ldr r6, [r0, #4]\n\t"                                                                     \
	"ldr r10, [r0, #8]!\n\t"                                                                   \
	"mov r7, r6\n\t"                                                                           \
	"mov r11, r10\n\t"
#define MICROTVM_ASM_BEGIN_1 MICROTVM_ASM_BEGIN_2

/* r1 becomes where the first pixel's next outputs go, r2 where they end. */
#define MICROTVM_ASM_STORE_4                                                                       \
	"ldr r1, [sp, #16]\n\t"                                                                    \
	"ldr r3, [sp, #20]\n\t"                                                                    \
	"ldr r2, [sp, #24]\n\t"                                                                    \
	"add r4, r1, r3\n\t"                                                                       \
	"add r5, r4, r3\n\t"                                                                       \
	"add r3, r5, r3\n\t"                                                                       \
	"strb r10, [r1, #1]\n\t"                                                                   \
	"strb r6, [r1], #2\n\t"                                                                    \
	"strb r7, [r4]\n\t"                                                                        \
	"strb r11, [r4, #1]\n\t"                                                                   \
	"strb r8, [r5]\n\t"                                                                        \
	"strb r12, [r5, #1]\n\t"                                                                   \
	"strb r9, [r3]\n\t"                                                                        \
	"strb lr, [r3, #1]\n\t"                                                                    \
	"str r1, [sp, #16]\n\t"
#define MICROTVM_ASM_STORE_2                                                                       \
	"ldr r1, [sp, #16]\n\t"                                                                    \
	"ldr r3, [sp, #20]\n\t"                                                                    \
	"ldr r2, [sp, #24]\n\t"                                                                    \
	"add r3, r1, r3\n\t"                                                                       \
	"strb r10, [r1, #1]\n\t"                                                                   \
	"strb r6, [r1], #2\n\t"                                                                    \
	"strb r7, [r3]\n\t"                                                                        \
	"strb r11, [r3, #1]\n\t"                                                                   \
	"str r1, [sp, #16]\n\t"
#define MICROTVM_ASM_STORE_1                                                                       \
	"ldr r1, [sp, #16]\n\t"                                                                    \
	"ldr r2, [sp, #24]\n\t"                                                                    \
	"strb r10, [r1, #1]\n\t"                                                                   \
	"strb r6, [r1], #2\n\t"                                                                    \
	"str r1, [sp, #16]\n\t"

#define MICROTVM_ASM_FINISH_4(RESCALE)                                                             \
	MICROTVM_ASM_PARAMETERS                                                                    \
	RESCALE##_4("r6", "r7", "r8", "r9")                                                        \
		MICROTVM_ASM_PARAMETERS RESCALE##_4("r10", "r11", "r12", "lr")                     \
			MICROTVM_ASM_STORE_4
/* The second sum of a channel is not used where there is one pixel. */
#define MICROTVM_ASM_FINISH_2(RESCALE)                                                             \
	MICROTVM_ASM_PARAMETERS                                                                    \
	RESCALE##_2("r6", "r7") MICROTVM_ASM_PARAMETERS RESCALE##_2("r10", "r11")                  \
		MICROTVM_ASM_STORE_2
#define MICROTVM_ASM_FINISH_1(RESCALE)                                                             \
	MICROTVM_ASM_PARAMETERS                                                                    \
	RESCALE##_2("r6", "r7") MICROTVM_ASM_PARAMETERS RESCALE##_2("r10", "r11")                  \
		MICROTVM_ASM_STORE_1

/* microtvm_block_<pixels>_<name>: a function for each count of pixels. */
#define MICROTVM_ASM_BLOCK(pixels, width, FINISH)                                                  \
	MICROTVM_ASM_ENTER                                                                         \
	MICROTVM_ASM_LATE_##pixels##_##width MICROTVM_ASM_PUSH MICROTVM_ASM_BEGIN_##pixels         \
		MICROTVM_ASM_LOOP_##pixels##_##width FINISH MICROTVM_ASM_LEAVE
#define MICROTVM_DEFINE_BLOCK(name, pixels, width, FINISH)                                         \
	static __attribute__((noinline, unused)) void microtvm_block_##pixels##_##name(            \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		register const struct microtvm_block *r0 __asm("r0") = block;                      \
                                                                                                   \
		__asm volatile(MICROTVM_ASM_BLOCK(pixels, width, FINISH)                           \
			       : "+r"(r0)                                                          \
			       :                                                                   \
			       : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11",     \
				 "r12", "lr", "cc", "memory");                                     \
	}
#define MICROTVM_DEFINE_DSP_BLOCKS(name, width, RESCALE)                                           \
	MICROTVM_DEFINE_BLOCK(name, 4, width, MICROTVM_ASM_FINISH_4(RESCALE))                      \
	MICROTVM_DEFINE_BLOCK(name, 2, width, MICROTVM_ASM_FINISH_2(RESCALE))                      \
	MICROTVM_DEFINE_BLOCK(name, 1, width, MICROTVM_ASM_FINISH_1(RESCALE))

MICROTVM_DEFINE_DSP_BLOCKS(w8_twice, W8, MICROTVM_ASM_DOUBLE_TWICE)
MICROTVM_DEFINE_DSP_BLOCKS(w8_once, W8, MICROTVM_ASM_ONCE)
MICROTVM_DEFINE_DSP_BLOCKS(w8_relu, W8, MICROTVM_ASM_DOUBLE_RELU)
MICROTVM_DEFINE_DSP_BLOCKS(w16_twice, W16, MICROTVM_ASM_TWICE)
MICROTVM_DEFINE_DSP_BLOCKS(w16_once, W16, MICROTVM_ASM_ONCE)
MICROTVM_DEFINE_DSP_BLOCKS(w16_relu, W16, MICROTVM_ASM_RELU)

#endif /* MICROTVM_DSP */

#endif /* MICROTVM_KERNELS_BLOCK_DSP_H_ */
