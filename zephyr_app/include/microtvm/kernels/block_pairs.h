/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * block.h for two pixels whose patch has no room for more: half the scratch for
 * about a quarter more instructions. Each group of 4 numbers has the pairs
 * (0, 2) of both pixels, then their pairs (1, 3).
 */
#ifndef MICROTVM_KERNELS_BLOCK_PAIRS_H_
#define MICROTVM_KERNELS_BLOCK_PAIRS_H_

#include "microtvm/kernels/blocks.h"

#define MICROTVM_PAIR_PIXELS	  2
#define MICROTVM_PAIR_GROUP_WORDS (MICROTVM_PAIR_PIXELS * MICROTVM_GROUP / 2)

/* Bytes of scratch. */
#define MICROTVM_PAIRS_SCRATCH(depth) (((depth) + 3) / 4 * MICROTVM_PAIR_GROUP_WORDS * 4)

#if MICROTVM_DSP

/* Loads of a group; the last offset has its bracket, and "!" where the pointer moves. */
#define MICROTVM_ASM_PAIR_PIXELS(p0, p1, p2, p3)                                                   \
	"ldr r2, [r1, #" #p0 "]\n\t"                                                               \
	"ldr r3, [r1, #" #p1 "]\n\t"                                                               \
	"ldr r8, [r1, #" #p2 "]\n\t"                                                               \
	"ldr r9, [r1, #" p3 "\n\t"
#define MICROTVM_ASM_PAIR_WEIGHTS_W16(w0, w1, w2, w3)                                              \
	"ldr r4, [r0, #" #w0 "]\n\t"                                                               \
	"ldr r5, [r0, #" #w1 "]\n\t"                                                               \
	"ldr r12, [r0, #" #w2 "]\n\t"                                                              \
	"ldr lr, [r0, #" w3 "\n\t"
#define MICROTVM_ASM_PAIR_WEIGHTS_W8(w0, w1)                                                       \
	"ldr r4, [r0, #" #w0 "]\n\t"                                                               \
	"ldr r5, [r0, #" w1 "\n\t" MICROTVM_ASM_REST_WIDEN_W8

/* MICROTVM_PAIRED_GROUPS a turn; an odd count begins with the second one. */
#define MICROTVM_ASM_PAIR_BEGIN                                                                    \
	MICROTVM_ASM_BEGIN_2                                                                       \
	"ldr r3, [sp, #12]\n\t"                                                                    \
	"sub r0, r0, r3\n\t"                                                                       \
	"cmp r3, #0\n\t"                                                                           \
	"bne 3f\n\t"                                                                               \
	".balign 4\n"                                                                              \
	"2:\n\t"
#define MICROTVM_ASM_PAIR_MID	MICROTVM_ASM_REST_TIMES_2 "3:\n\t"
#define MICROTVM_ASM_PAIR_AGAIN MICROTVM_ASM_REST_TIMES_2 MICROTVM_ASM_AGAIN
#define MICROTVM_ASM_PAIR_LOOP_W16                                                                 \
	MICROTVM_ASM_PAIR_PIXELS(4, 8, 12, "16]")                                                  \
	MICROTVM_ASM_PAIR_WEIGHTS_W16(4, 8, 12, "16]")                                             \
	MICROTVM_ASM_PAIR_MID                                                                      \
	MICROTVM_ASM_PAIR_PIXELS(20, 24, 28, "32]!")                                               \
	MICROTVM_ASM_PAIR_WEIGHTS_W16(20, 24, 28, "32]!")                                          \
	MICROTVM_ASM_PAIR_AGAIN
#define MICROTVM_ASM_PAIR_LOOP_W8                                                                  \
	MICROTVM_ASM_PAIR_PIXELS(4, 8, 12, "16]")                                                  \
	MICROTVM_ASM_PAIR_WEIGHTS_W8(4, "8]")                                                      \
	MICROTVM_ASM_PAIR_MID                                                                      \
	MICROTVM_ASM_PAIR_PIXELS(20, 24, 28, "32]!")                                               \
	MICROTVM_ASM_PAIR_WEIGHTS_W8(12, "16]!")                                                   \
	MICROTVM_ASM_PAIR_AGAIN

#define MICROTVM_DEFINE_FAST_PAIRS(name, weight_bits, rescale, width, RESCALE)                     \
	static __attribute__((noinline, unused)) void microtvm_block_pair_##name(                  \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		register const struct microtvm_block *r0 __asm("r0") = block;                      \
                                                                                                   \
		__asm volatile(MICROTVM_ASM_ENTER MICROTVM_ASM_PUSH MICROTVM_ASM_PAIR_BEGIN        \
				       MICROTVM_ASM_PAIR_LOOP_##width MICROTVM_ASM_FINISH_2(       \
					       RESCALE) MICROTVM_ASM_LEAVE                         \
			       : "+r"(r0)                                                          \
			       :                                                                   \
			       : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11",     \
				 "r12", "lr", "cc", "memory");                                     \
	}                                                                                          \
	MICROTVM_DEFINE_PAIRS(name, weight_bits)
#else
#define MICROTVM_DEFINE_FAST_PAIRS(name, weight_bits, rescale, width, RESCALE)                     \
	MICROTVM_DEFINE_PORTABLE_PAIRS(name, weight_bits, rescale)
#endif

/* A product's functions for 1 and 4 pixels are not called. */
#define MICROTVM_DEFINE_PAIRS(name, weight_bits)                                                   \
	static const struct microtvm_blocks microtvm_pairs_##name                                  \
		__attribute__((unused)) = {{NULL, microtvm_block_pair_##name, NULL},               \
					   weight_bits,                                            \
					   MICROTVM_BLOCK_OTHER_WORDS,                             \
					   1,                                                      \
					   1};
#define MICROTVM_DEFINE_PORTABLE_PAIRS(name, weight_bits, rescale)                                 \
	static __attribute__((noinline, unused)) void microtvm_block_pair_##name(                  \
		const struct microtvm_block *block)                                                \
	{                                                                                          \
		microtvm_block_run(block, weight_bits, rescale, MICROTVM_PAIR_PIXELS);             \
	}                                                                                          \
	MICROTVM_DEFINE_PAIRS(name, weight_bits)

MICROTVM_DEFINE_FAST_PAIRS(w8_twice, 8, MICROTVM_TWICE, W8, MICROTVM_ASM_DOUBLE_TWICE)
MICROTVM_DEFINE_FAST_PAIRS(w8_once, 8, MICROTVM_ONCE, W8, MICROTVM_ASM_ONCE)
MICROTVM_DEFINE_FAST_PAIRS(w8_relu, 8, MICROTVM_RELU, W8, MICROTVM_ASM_DOUBLE_RELU)
MICROTVM_DEFINE_FAST_PAIRS(w16_twice, 16, MICROTVM_TWICE, W16, MICROTVM_ASM_TWICE)
MICROTVM_DEFINE_FAST_PAIRS(w16_once, 16, MICROTVM_ONCE, W16, MICROTVM_ASM_ONCE)
MICROTVM_DEFINE_FAST_PAIRS(w16_relu, 16, MICROTVM_RELU, W16, MICROTVM_ASM_RELU)
MICROTVM_DEFINE_PORTABLE_PAIRS(w8_twice_any, 8, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_PAIRS(w8_once_any, 8, MICROTVM_ONCE_ANY)
MICROTVM_DEFINE_PORTABLE_PAIRS(w16_twice_any, 16, MICROTVM_TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_PAIRS(w16_once_any, 16, MICROTVM_ONCE_ANY)

#endif /* MICROTVM_KERNELS_BLOCK_PAIRS_H_ */
