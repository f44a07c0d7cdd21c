/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The loop over K of dense_dsp.h over inputs that are not widened: a group of
 * them is a word. Two rows are taken together, so that no instruction waits for
 * the one before it on a core with two pipelines.
 */
#ifndef MICROTVM_KERNELS_DENSE_DIRECT_LOOP_H_
#define MICROTVM_KERNELS_DENSE_DIRECT_LOOP_H_

#define MICROTVM_DENSE_DIRECT_ROWS(w0, w1, sum0, sum1)                                             \
	"sxtab16 r4, r2, " w0 "\n\t"                                                               \
	"sxtab16 r5, r2, " w1 "\n\t"                                                               \
	"sxtab16 " w0 ", r3, " w0 ", ror #8\n\t"                                                   \
	"sxtab16 " w1 ", r3, " w1 ", ror #8\n\t"                                                   \
	"smlad " sum0 ", r4, " w0 ", " sum0 "\n\t"                                                 \
	"smlad " sum1 ", r5, " w1 ", " sum1 "\n\t"

/* Offsets; the last one is followed by "!" where r1 or r0 moves. */
#define MICROTVM_DENSE_DIRECT_GROUP(x, w0, w1, w2, w3)                                             \
	"ldr r3, [r1, #" x "\n\t"                                                                  \
	"ldr r10, [r0, #" #w0 "]\n\t"                                                              \
	"ldr r11, [r0, #" #w1 "]\n\t"                                                              \
	"ldr r12, [r0, #" #w2 "]\n\t"                                                              \
	"ldr lr, [r0, #" w3 "\n\t"                                                                 \
	"sxtb16 r2, r3, ror #8\n\t"                                                                \
	"sxtb16 r3, r3\n\t" MICROTVM_DENSE_DIRECT_ROWS("r10", "r11", "r6", "r7")                   \
		MICROTVM_DENSE_DIRECT_ROWS("r12", "lr", "r8", "r9")

#define MICROTVM_DENSE_DIRECT_LOOP                                                                 \
	"cmp r2, #0\n\t"                                                                           \
	"bne 3f\n\t"                                                                               \
	".balign 4\n\t"                                                                            \
	"2:\n" MICROTVM_DENSE_DIRECT_GROUP("4]", 4, 8, 12, "16]") MICROTVM_DENSE_DIRECT_GROUP(     \
		"8]", 20, 24, 28, "32]") "3:\n\t" MICROTVM_DENSE_DIRECT_GROUP("12]", 36, 40, 44,   \
									      "48]")               \
		MICROTVM_DENSE_DIRECT_GROUP("16]!", 52, 56, 60, "64]!") "ldr r4, [sp]\n\t"         \
									"cmp r1, r4\n\t"           \
									"bne 2b\n\t"

#endif /* MICROTVM_KERNELS_DENSE_DIRECT_LOOP_H_ */
