/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the loops of block_dsp.h share, and those for the last 3 pixels of an
 * image: 2 or 1 pixels, one group a turn, for any core.
 */
#ifndef MICROTVM_KERNELS_BLOCK_LOOPS_REST_H_
#define MICROTVM_KERNELS_BLOCK_LOOPS_REST_H_

/* Two channels (operands r4, r5) times the pixels in r2 and r3. */
#define MICROTVM_ASM_TIMES_01                                                                      \
	"smlad r6, r4, r2, r6\n\t"                                                                 \
	"smlad r10, r5, r2, r10\n\t"                                                               \
	"smlad r7, r4, r3, r7\n\t"                                                                 \
	"smlad r11, r5, r3, r11\n\t"
#define MICROTVM_ASM_TIMES_23                                                                      \
	"smlad r8, r4, r2, r8\n\t"                                                                 \
	"smlad r12, r5, r2, r12\n\t"                                                               \
	"smlad r9, r4, r3, r9\n\t"                                                                 \
	"smlad lr, r5, r3, lr\n\t"

#define MICROTVM_ASM_LOAD(operand, base, offset) "ldr " operand ", [" base ", #" #offset "]\n\t"
#define MICROTVM_ASM_LOAD_SHORT(operand, base, offset)                                             \
	"ldr.n " operand ", [" base ", #" #offset "]\n\t"
/* The last load of a turn also moves its pointer. */
#define MICROTVM_ASM_LOAD_LAST(operand, base, offset)                                              \
	"ldr " operand ", [" base ", #" #offset "]!\n\t"

/* "adr" reckons with it, too: the section is aligned so because of it. */
#define MICROTVM_ASM_START ".balign 4\n2:\n\t"
#define MICROTVM_ASM_AGAIN                                                                         \
	"ldr r2, [sp]\n\t"                                                                         \
	"cmp r1, r2\n\t"                                                                           \
	"bne 2b\n\t"

/*
 * Operands: pixels r2, r3 and then r8, r9; channels r4, r5 and then r12, lr.
 * Here r1 is 32 bytes before the group; it moves with the first load.
 */
#define MICROTVM_ASM_REST_LOADS_2(WEIGHTS)                                                         \
	MICROTVM_ASM_LOAD_LAST("r2", "r1", 32)                                                     \
	WEIGHTS                                                                                    \
	MICROTVM_ASM_LOAD("r3", "r1", 4)                                                           \
	MICROTVM_ASM_LOAD("r8", "r1", 16)                                                          \
	MICROTVM_ASM_LOAD("r9", "r1", 20)
#define MICROTVM_ASM_REST_LOADS_1(WEIGHTS)                                                         \
	MICROTVM_ASM_LOAD_LAST("r2", "r1", 32)                                                     \
	WEIGHTS                                                                                    \
	MICROTVM_ASM_LOAD("r8", "r1", 16)
#define MICROTVM_ASM_REST_WEIGHTS_W16                                                              \
	MICROTVM_ASM_LOAD("r4", "r0", 4)                                                           \
	MICROTVM_ASM_LOAD("r5", "r0", 8)                                                           \
	MICROTVM_ASM_LOAD("r12", "r0", 12)                                                         \
	MICROTVM_ASM_LOAD_LAST("lr", "r0", 16)
#define MICROTVM_ASM_REST_WEIGHTS_W8                                                               \
	MICROTVM_ASM_LOAD("r4", "r0", 4)                                                           \
	MICROTVM_ASM_LOAD_LAST("r5", "r0", 8)
#define MICROTVM_ASM_REST_WIDEN_W16 ""
#define MICROTVM_ASM_REST_WIDEN_W8                                                                 \
	"sxtb16 r12, r4, ror #8\n\t"                                                               \
	"sxtb16 lr, r5, ror #8\n\t"                                                                \
	"sxtb16 r4, r4\n\t"                                                                        \
	"sxtb16 r5, r5\n\t"
#define MICROTVM_ASM_REST_TIMES_1                                                                  \
	"smlad r6, r4, r2, r6\n\t"                                                                 \
	"smlad r10, r5, r2, r10\n\t"                                                               \
	"smlad r6, r12, r8, r6\n\t"                                                                \
	"smlad r10, lr, r8, r10\n\t"
#define MICROTVM_ASM_REST_TIMES_2 MICROTVM_ASM_TIMES_01 MICROTVM_ASM_REST_TIMES_ODD
#define MICROTVM_ASM_REST_TIMES_ODD                                                                \
	"smlad r6, r12, r8, r6\n\t"                                                                \
	"smlad r10, lr, r8, r10\n\t"                                                               \
	"smlad r7, r12, r9, r7\n\t"                                                                \
	"smlad r11, lr, r9, r11\n\t"

#define MICROTVM_ASM_REST(pixels, width)                                                           \
	MICROTVM_ASM_START                                                                         \
	MICROTVM_ASM_REST_LOADS_##pixels(MICROTVM_ASM_REST_WEIGHTS_##width)                        \
		MICROTVM_ASM_REST_WIDEN_##width MICROTVM_ASM_REST_TIMES_##pixels                   \
			MICROTVM_ASM_AGAIN
#define MICROTVM_ASM_LOOP_2_W16 MICROTVM_ASM_REST(2, W16)
#define MICROTVM_ASM_LOOP_2_W8	MICROTVM_ASM_REST(2, W8)
#define MICROTVM_ASM_LOOP_1_W16 MICROTVM_ASM_REST(1, W16)
#define MICROTVM_ASM_LOOP_1_W8	MICROTVM_ASM_REST(1, W8)

#endif /* MICROTVM_KERNELS_BLOCK_LOOPS_REST_H_ */
