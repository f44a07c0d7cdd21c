/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The loops over K of block_dsp.h for a core that issues two instructions at a
 * time, such as Cortex-M7. There a load costs nothing beside a multiplication,
 * but its result can be multiplied only two cycles later: each operand is
 * loaded for the next step as soon as this step is done with it. Two words
 * behind the patch, and two behind the weights, are loaded and not used.
 */
#ifndef MICROTVM_KERNELS_BLOCK_LOOPS_DUAL_H_
#define MICROTVM_KERNELS_BLOCK_LOOPS_DUAL_H_

#include "microtvm/kernels/block_loops_rest.h"

#define MICROTVM_UNROLLED_GROUPS 4

/* Each way into the loop has its first loads, in code of so many bytes. */
#define MICROTVM_ASM_ENTRIES	     "4f"
#define MICROTVM_ASM_ENTRY_BYTES_W16 "20"
#define MICROTVM_ASM_ENTRY_BYTES_W8  "28"
#define MICROTVM_ASM_ENTRY_LOADS(p0, p1, w0, w1)                                                   \
	"ldr.w r4, [r0, #" #w0 "]\n\t"                                                             \
	"ldr.w r2, [r1, #" #p0 "]\n\t"                                                             \
	"ldr.w r5, [r0, #" #w1 "]\n\t"                                                             \
	"ldr.w r3, [r1, #" #p1 "]\n\t"
#define MICROTVM_ASM_ENTRY_W16(label, p0, p1, w0, w1)                                              \
	MICROTVM_ASM_ENTRY_LOADS(p0, p1, w0, w1)                                                   \
	MICROTVM_ASM_GO(label)
#define MICROTVM_ASM_ENTRY_W8(label, p0, p1, w0, w1)                                               \
	MICROTVM_ASM_ENTRY_LOADS(p0, p1, w0, w1)                                                   \
	MICROTVM_ASM_WIDEN("r4", MICROTVM_ASM_EVEN)                                                \
	MICROTVM_ASM_WIDEN("r5", MICROTVM_ASM_EVEN)                                                \
	MICROTVM_ASM_GO(label)
#define MICROTVM_ASM_GO(label)	  "b.w " #label "f\n\t"
/* Also what "adr" reckons with: the section is aligned so because of it. */
#define MICROTVM_ASM_ALIGN	  ".balign 4\n\t"
#define MICROTVM_ASM_LABEL(label) #label ":\n\t"

#define MICROTVM_ASM_EVEN		      ""
#define MICROTVM_ASM_ODD		      ", ror #8"
#define MICROTVM_ASM_WIDEN(operand, rotation) "sxtb16 " operand ", " operand rotation "\n\t"
#define MICROTVM_ASM_MULTIPLY(sum, weights, pixel)                                                 \
	"smlad " sum ", " weights ", " pixel ", " sum "\n\t"

/* Pixels 0 and 1, then what is in their place: pixels 2 and 3. */
#define MICROTVM_ASM_FIRST_HALF(p2, p3)                                                            \
	MICROTVM_ASM_MULTIPLY("r6", "r4", "r2")                                                    \
	MICROTVM_ASM_MULTIPLY("r10", "r5", "r2")                                                   \
	MICROTVM_ASM_LOAD("r2", "r1", p2)                                                          \
	MICROTVM_ASM_MULTIPLY("r7", "r4", "r3")                                                    \
	MICROTVM_ASM_MULTIPLY("r11", "r5", "r3")                                                   \
	MICROTVM_ASM_LOAD("r3", "r1", p3)                                                          \
	MICROTVM_ASM_MULTIPLY("r8", "r4", "r2")

/* A pair of K: offsets of pixels 2 and 3, and of the next step's pixels 0 and 1 and channels. */
#define MICROTVM_ASM_STEP_W16(p2, p3, next0, next1, w0, w1)                                        \
	MICROTVM_ASM_FIRST_HALF(p2, p3)                                                            \
	MICROTVM_ASM_MULTIPLY("r12", "r5", "r2")                                                   \
	MICROTVM_ASM_LOAD("r2", "r1", next0)                                                       \
	MICROTVM_ASM_MULTIPLY("r9", "r4", "r3")                                                    \
	MICROTVM_ASM_LOAD("r4", "r0", w0)                                                          \
	MICROTVM_ASM_MULTIPLY("lr", "r5", "r3")                                                    \
	MICROTVM_ASM_LOAD("r5", "r0", w1)                                                          \
	MICROTVM_ASM_LOAD("r3", "r1", next1)
#define MICROTVM_ASM_STEP_W8(rotation, p2, p3, next0, next1, w0, w1)                               \
	MICROTVM_ASM_FIRST_HALF(p2, p3)                                                            \
	MICROTVM_ASM_MULTIPLY("r9", "r4", "r3")                                                    \
	MICROTVM_ASM_LOAD("r4", "r0", w0)                                                          \
	MICROTVM_ASM_MULTIPLY("r12", "r5", "r2")                                                   \
	MICROTVM_ASM_LOAD("r2", "r1", next0)                                                       \
	MICROTVM_ASM_MULTIPLY("lr", "r5", "r3")                                                    \
	MICROTVM_ASM_LOAD("r5", "r0", w1)                                                          \
	MICROTVM_ASM_WIDEN("r4", rotation)                                                         \
	MICROTVM_ASM_LOAD("r3", "r1", next1)                                                       \
	MICROTVM_ASM_WIDEN("r5", rotation)

/* The last step of a turn moves both pointers; r4 is where r1 ends before it is an operand. */
#define MICROTVM_ASM_MOVE(base, bytes) "add " base ", " base ", #" #bytes "\n\t"
#define MICROTVM_ASM_ENDS	       "cmp r1, r4\n\t"
#define MICROTVM_ASM_REPEAT	       "bne 5b\n\t"
#define MICROTVM_ASM_LAST_STEP(weight_bytes)                                                       \
	MICROTVM_ASM_MULTIPLY("r6", "r4", "r2")                                                    \
	MICROTVM_ASM_MULTIPLY("r10", "r5", "r2")                                                   \
	MICROTVM_ASM_LOAD("r2", "r1", 124)                                                         \
	MICROTVM_ASM_MULTIPLY("r7", "r4", "r3")                                                    \
	MICROTVM_ASM_MOVE("r0", weight_bytes)                                                      \
	MICROTVM_ASM_MULTIPLY("r11", "r5", "r3")                                                   \
	MICROTVM_ASM_LOAD("r3", "r1", 128)                                                         \
	MICROTVM_ASM_MULTIPLY("r8", "r4", "r2")                                                    \
	MICROTVM_ASM_MOVE("r1", 128)                                                               \
	MICROTVM_ASM_MULTIPLY("r9", "r4", "r3")                                                    \
	MICROTVM_ASM_LOAD("r4", "sp", 0)                                                           \
	MICROTVM_ASM_MULTIPLY("r12", "r5", "r2")                                                   \
	MICROTVM_ASM_ENDS                                                                          \
	MICROTVM_ASM_MULTIPLY("lr", "r5", "r3")                                                    \
	MICROTVM_ASM_LOAD("r4", "r0", 4)                                                           \
	MICROTVM_ASM_LOAD("r5", "r0", 8)                                                           \
	MICROTVM_ASM_LOAD("r2", "r1", 4)                                                           \
	MICROTVM_ASM_LOAD("r3", "r1", 8)

/* Four groups a turn. */
#define MICROTVM_ASM_LOOP_4_W16                                                                    \
	MICROTVM_ASM_ALIGN                                                                         \
	MICROTVM_ASM_LABEL(4)                                                                      \
	MICROTVM_ASM_ENTRY_W16(5, 4, 8, 4, 8)                                                      \
	MICROTVM_ASM_ENTRY_W16(6, 36, 40, 20, 24)                                                  \
	MICROTVM_ASM_ENTRY_W16(7, 68, 72, 36, 40)                                                  \
	MICROTVM_ASM_ENTRY_W16(8, 100, 104, 52, 56)                                                \
	MICROTVM_ASM_LABEL(5)                                                                      \
	MICROTVM_ASM_STEP_W16(12, 16, 20, 24, 12, 16)                                              \
	MICROTVM_ASM_STEP_W16(28, 32, 36, 40, 20, 24)                                              \
	MICROTVM_ASM_LABEL(6)                                                                      \
	MICROTVM_ASM_STEP_W16(44, 48, 52, 56, 28, 32)                                              \
	MICROTVM_ASM_STEP_W16(60, 64, 68, 72, 36, 40)                                              \
	MICROTVM_ASM_LABEL(7)                                                                      \
	MICROTVM_ASM_STEP_W16(76, 80, 84, 88, 44, 48)                                              \
	MICROTVM_ASM_STEP_W16(92, 96, 100, 104, 52, 56)                                            \
	MICROTVM_ASM_LABEL(8)                                                                      \
	MICROTVM_ASM_STEP_W16(108, 112, 116, 120, 60, 64)                                          \
	MICROTVM_ASM_LAST_STEP(64)                                                                 \
	MICROTVM_ASM_REPEAT
#define MICROTVM_ASM_LOOP_4_W8                                                                     \
	MICROTVM_ASM_ALIGN                                                                         \
	MICROTVM_ASM_LABEL(4)                                                                      \
	MICROTVM_ASM_ENTRY_W8(5, 4, 8, 4, 8)                                                       \
	MICROTVM_ASM_ENTRY_W8(6, 36, 40, 12, 16)                                                   \
	MICROTVM_ASM_ENTRY_W8(7, 68, 72, 20, 24)                                                   \
	MICROTVM_ASM_ENTRY_W8(8, 100, 104, 28, 32)                                                 \
	MICROTVM_ASM_LABEL(5)                                                                      \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, 12, 16, 20, 24, 4, 8)                               \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_EVEN, 28, 32, 36, 40, 12, 16)                            \
	MICROTVM_ASM_LABEL(6)                                                                      \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, 44, 48, 52, 56, 12, 16)                             \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_EVEN, 60, 64, 68, 72, 20, 24)                            \
	MICROTVM_ASM_LABEL(7)                                                                      \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, 76, 80, 84, 88, 20, 24)                             \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_EVEN, 92, 96, 100, 104, 28, 32)                          \
	MICROTVM_ASM_LABEL(8)                                                                      \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, 108, 112, 116, 120, 28, 32)                         \
	MICROTVM_ASM_LAST_STEP(32)                                                                 \
	MICROTVM_ASM_WIDEN("r4", MICROTVM_ASM_EVEN)                                                \
	MICROTVM_ASM_WIDEN("r5", MICROTVM_ASM_EVEN)                                                \
	MICROTVM_ASM_REPEAT

#endif /* MICROTVM_KERNELS_BLOCK_LOOPS_DUAL_H_ */
