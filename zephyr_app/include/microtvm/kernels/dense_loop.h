/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The loop over K of dense_dsp.h for a core that issues one instruction at a
 * time, such as Cortex-M4, where loads are cheap right after each other.
 */
#ifndef MICROTVM_KERNELS_DENSE_LOOP_H_
#define MICROTVM_KERNELS_DENSE_LOOP_H_

#define MICROTVM_DENSE_HALF_GROUPS 2

#define MICROTVM_DENSE_LOADS(x0, x1, w0, w1, w2)                                                   \
	"ldr r2, [r1, #" #x0 "]\n\t"                                                               \
	"ldr r3, [r1, #" #x1 "]\n\t"                                                               \
	"ldr r10, [r0, #" #w0 "]\n\t"                                                              \
	"ldr r11, [r0, #" #w1 "]\n\t"                                                              \
	"ldr r12, [r0, #" #w2 "]\n\t"
#define MICROTVM_DENSE_LOAD_LAST(w3)	     "ldr lr, [r0, #" #w3 "]\n\t"
#define MICROTVM_DENSE_LOAD_LAST_OF_TURN(w3) "ldr lr, [r0, #" #w3 "]!\n\t"
#define MICROTVM_DENSE_GROUP(LAST, x0, x1, w0, w1, w2, w3)                                         \
	MICROTVM_DENSE_LOADS(x0, x1, w0, w1, w2)                                                   \
	LAST(w3)                                                                                   \
	MICROTVM_DENSE_ROW("r10", "r6")                                                            \
	MICROTVM_DENSE_ROW("r11", "r7")                                                            \
	MICROTVM_DENSE_ROW("r12", "r8")                                                            \
	MICROTVM_DENSE_ROW("lr", "r9")

#define MICROTVM_DENSE_START                                                                       \
	"ldr r4, [sp]\n\t"                                                                         \
	"cmp r2, #0\n\t"                                                                           \
	"bne 3f\n\t"                                                                               \
	".balign 4\n\t"                                                                            \
	"2:\n"
#define MICROTVM_DENSE_MID "3:\n\t"
#define MICROTVM_DENSE_AGAIN                                                                       \
	"add r1, r1, #32\n\t"                                                                      \
	"cmp r1, r4\n\t"                                                                           \
	"bne 2b\n\t"
#define MICROTVM_DENSE_LOOP                                                                        \
	MICROTVM_DENSE_START                                                                       \
	MICROTVM_DENSE_GROUP(MICROTVM_DENSE_LOAD_LAST, 4, 8, 4, 8, 12, 16)                         \
	MICROTVM_DENSE_GROUP(MICROTVM_DENSE_LOAD_LAST, 12, 16, 20, 24, 28, 32)                     \
	MICROTVM_DENSE_MID                                                                         \
	MICROTVM_DENSE_GROUP(MICROTVM_DENSE_LOAD_LAST, 20, 24, 36, 40, 44, 48)                     \
	MICROTVM_DENSE_GROUP(MICROTVM_DENSE_LOAD_LAST_OF_TURN, 28, 32, 52, 56, 60, 64)             \
	MICROTVM_DENSE_AGAIN

#endif /* MICROTVM_KERNELS_DENSE_LOOP_H_ */
