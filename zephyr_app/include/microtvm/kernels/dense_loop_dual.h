/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The loop over K of dense_dsp.h for a core that issues two instructions at a
 * time, such as Cortex-M7: each row's product is beside the next row's sum, each
 * load beside another sum. r4 and lr hold the fourth row's factors until the
 * next group. Two words of inputs and three of weights are loaded and not used.
 */
#ifndef MICROTVM_KERNELS_DENSE_LOOP_DUAL_H_
#define MICROTVM_KERNELS_DENSE_LOOP_DUAL_H_

#define MICROTVM_DENSE_HALF_GROUPS 2

#define MICROTVM_DENSE_LOAD(operand, base, offset) "ldr " operand ", [" base ", #" #offset "]\n\t"
#define MICROTVM_DENSE_ODD(sum, weights)	   "sxtab16 " sum ", r2, " weights "\n\t"
#define MICROTVM_DENSE_EVEN(weights)		   "sxtab16 " weights ", r3, " weights ", ror #8\n\t"
#define MICROTVM_DENSE_MULTIPLY(sum, a, b)	   "smlad " sum ", " a ", " b ", " sum "\n\t"

/* Offsets of this group's fourth row and of the next group's first and second row. */
#define MICROTVM_DENSE_ROWS_4(w3, next0, next1)                                                    \
	MICROTVM_DENSE_ODD("r5", "r10")                                                            \
	MICROTVM_DENSE_MULTIPLY("r9", "r4", "lr")                                                  \
	MICROTVM_DENSE_EVEN("r10")                                                                 \
	MICROTVM_DENSE_LOAD("lr", "r0", w3)                                                        \
	MICROTVM_DENSE_ODD("r4", "r11")                                                            \
	MICROTVM_DENSE_MULTIPLY("r6", "r5", "r10")                                                 \
	MICROTVM_DENSE_EVEN("r11")                                                                 \
	MICROTVM_DENSE_LOAD("r10", "r0", next0)                                                    \
	MICROTVM_DENSE_ODD("r5", "r12")                                                            \
	MICROTVM_DENSE_MULTIPLY("r7", "r4", "r11")                                                 \
	MICROTVM_DENSE_EVEN("r12")                                                                 \
	MICROTVM_DENSE_LOAD("r11", "r0", next1)                                                    \
	MICROTVM_DENSE_ODD("r4", "lr")                                                             \
	MICROTVM_DENSE_MULTIPLY("r8", "r5", "r12")                                                 \
	MICROTVM_DENSE_EVEN("lr")
#define MICROTVM_DENSE_GROUP(w3, next0, next1, next2, x0, x1)                                      \
	MICROTVM_DENSE_ROWS_4(w3, next0, next1)                                                    \
	MICROTVM_DENSE_LOAD("r2", "r1", x0)                                                        \
	MICROTVM_DENSE_LOAD("r12", "r0", next2)                                                    \
	MICROTVM_DENSE_LOAD("r3", "r1", x1)
/* The last group of a turn; r12 is where r1 ends before it is a row of weights. */
#define MICROTVM_DENSE_LAST_GROUP                                                                  \
	MICROTVM_DENSE_ROWS_4(64, 68, 72)                                                          \
	MICROTVM_DENSE_LOAD("r2", "r1", 36)                                                        \
	MICROTVM_DENSE_LOAD("r12", "sp", 0)                                                        \
	MICROTVM_DENSE_MOVE("r1", 32)                                                              \
	MICROTVM_DENSE_MOVE("r0", 64)                                                              \
	MICROTVM_DENSE_ENDS                                                                        \
	MICROTVM_DENSE_LOAD("r12", "r0", 12)                                                       \
	MICROTVM_DENSE_LOAD("r3", "r1", 8)
#define MICROTVM_DENSE_MOVE(base, bytes) "add " base ", " base ", #" #bytes "\n\t"
#define MICROTVM_DENSE_ENDS		 "cmp r1, r12\n\t"

#define MICROTVM_DENSE_FIRST_LOADS(w0, w1, w2, x0, x1)                                             \
	MICROTVM_DENSE_LOAD("r10", "r0", w0)                                                       \
	MICROTVM_DENSE_LOAD("r2", "r1", x0)                                                        \
	MICROTVM_DENSE_LOAD("r11", "r0", w1)                                                       \
	MICROTVM_DENSE_LOAD("r3", "r1", x1)                                                        \
	MICROTVM_DENSE_LOAD("r12", "r0", w2)
#define MICROTVM_DENSE_START                                                                       \
	"cmp r2, #0\n\t"                                                                           \
	"mov r4, #0\n\t"                                                                           \
	"mov lr, #0\n\t"                                                                           \
	"beq 4f\n\t"
#define MICROTVM_DENSE_TO_MID "b.w 3f\n4:\n\t"
#define MICROTVM_DENSE_TURN   "2:\n\t"
#define MICROTVM_DENSE_MID    "3:\n\t"
#define MICROTVM_DENSE_REPEAT "bne 2b\n\t"
#define MICROTVM_DENSE_LOOP                                                                        \
	MICROTVM_DENSE_START                                                                       \
	MICROTVM_DENSE_FIRST_LOADS(36, 40, 44, 20, 24)                                             \
	MICROTVM_DENSE_TO_MID                                                                      \
	MICROTVM_DENSE_FIRST_LOADS(4, 8, 12, 4, 8)                                                 \
	MICROTVM_DENSE_TURN                                                                        \
	MICROTVM_DENSE_GROUP(16, 20, 24, 28, 12, 16)                                               \
	MICROTVM_DENSE_GROUP(32, 36, 40, 44, 20, 24)                                               \
	MICROTVM_DENSE_MID                                                                         \
	MICROTVM_DENSE_GROUP(48, 52, 56, 60, 28, 32)                                               \
	MICROTVM_DENSE_LAST_GROUP                                                                  \
	MICROTVM_DENSE_REPEAT                                                                      \
	MICROTVM_DENSE_MULTIPLY("r9", "r4", "lr")

#endif /* MICROTVM_KERNELS_DENSE_LOOP_DUAL_H_ */
