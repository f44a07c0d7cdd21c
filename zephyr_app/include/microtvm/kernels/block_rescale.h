/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* From sums to bytes in the assembly of block_dsp.h, as rescale.h tells. */
#ifndef MICROTVM_KERNELS_BLOCK_RESCALE_H_
#define MICROTVM_KERNELS_BLOCK_RESCALE_H_

/* Of one channel: multiplier, addend, shift. */
#define MICROTVM_ASM_PARAMETERS                                                                    \
	"ldr r2, [r0, #4]\n\t"                                                                     \
	"ldr r3, [r0, #8]\n\t"                                                                     \
	"ldr r4, [r0, #12]!\n\t"

/*
 * Two or four sums of a channel. Each step is done for all of them before the
 * next one: a core that issues two instructions at a time then waits less.
 */
#define MICROTVM_ASM_EACH_2(STEP, a, b)	      STEP(a) STEP(b)
#define MICROTVM_ASM_EACH_4(STEP, a, b, c, d) STEP(a) STEP(b) STEP(c) STEP(d)
#define MICROTVM_ASM_TWO_TIMES(sum)	      "add " sum ", " sum ", " sum "\n\t"
#define MICROTVM_ASM_SCALE(sum)		      "smmla " sum ", " sum ", r2, r3\n\t"
#define MICROTVM_ASM_SCALE_ROUNDED(sum)	      "smmlar " sum ", " sum ", r2, r3\n\t"
#define MICROTVM_ASM_SHIFT(sum)		      "asr " sum ", " sum ", r4\n\t"
#define MICROTVM_ASM_SATURATE(sum)	      "ssat " sum ", #8, " sum "\n\t"
#define MICROTVM_ASM_ROUND_TWICE(a, b)                                                             \
	"smmlar r5, " a ", r2, r3\n\t"                                                             \
	"smmlar r1, " b ", r2, r3\n\t"                                                             \
	"add " a ", r5, " a ", asr #31\n\t"                                                        \
	"add " b ", r1, " b ", asr #31\n\t"

#define MICROTVM_ASM_TWICE_2(a, b)                                                                 \
	MICROTVM_ASM_ROUND_TWICE(a, b)                                                             \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SHIFT, a, b)                                              \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SATURATE, a, b)
#define MICROTVM_ASM_TWICE_4(a, b, c, d)                                                           \
	MICROTVM_ASM_ROUND_TWICE(a, b)                                                             \
	MICROTVM_ASM_ROUND_TWICE(c, d)                                                             \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SHIFT, a, b, c, d)                                        \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SATURATE, a, b, c, d)
#define MICROTVM_ASM_RELU_2(a, b)                                                                  \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SCALE_ROUNDED, a, b)                                      \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SHIFT, a, b)                                              \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SATURATE, a, b)
#define MICROTVM_ASM_RELU_4(a, b, c, d)                                                            \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SCALE_ROUNDED, a, b, c, d)                                \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SHIFT, a, b, c, d)                                        \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SATURATE, a, b, c, d)
#define MICROTVM_ASM_ONCE_2(a, b)                                                                  \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SCALE, a, b)                                              \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SHIFT, a, b)                                              \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_SATURATE, a, b)
#define MICROTVM_ASM_ONCE_4(a, b, c, d)                                                            \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SCALE, a, b, c, d)                                        \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SHIFT, a, b, c, d)                                        \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_SATURATE, a, b, c, d)
#define MICROTVM_ASM_DOUBLE_TWICE_2(a, b)                                                          \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_TWO_TIMES, a, b)                                          \
	MICROTVM_ASM_TWICE_2(a, b)
#define MICROTVM_ASM_DOUBLE_TWICE_4(a, b, c, d)                                                    \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_TWO_TIMES, a, b, c, d)                                    \
	MICROTVM_ASM_TWICE_4(a, b, c, d)
#define MICROTVM_ASM_DOUBLE_RELU_2(a, b)                                                           \
	MICROTVM_ASM_EACH_2(MICROTVM_ASM_TWO_TIMES, a, b)                                          \
	MICROTVM_ASM_RELU_2(a, b)
#define MICROTVM_ASM_DOUBLE_RELU_4(a, b, c, d)                                                     \
	MICROTVM_ASM_EACH_4(MICROTVM_ASM_TWO_TIMES, a, b, c, d)                                    \
	MICROTVM_ASM_RELU_4(a, b, c, d)

#endif /* MICROTVM_KERNELS_BLOCK_RESCALE_H_ */
