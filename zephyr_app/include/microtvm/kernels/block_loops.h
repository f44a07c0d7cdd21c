/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The loops over K of block_dsp.h for a core that issues one instruction at a
 * time, such as Cortex-M4. There a load costs one cycle less right after
 * another one, so they come in groups, and a pointer moves with the last load
 * of its group, which costs nothing.
 */
#ifndef MICROTVM_KERNELS_BLOCK_LOOPS_H_
#define MICROTVM_KERNELS_BLOCK_LOOPS_H_

#include "microtvm/kernels/block_loops_rest.h"

#define MICROTVM_UNROLLED_GROUPS 4

/* A pair of K: offsets of the pixels' four words and of the channels' two. */
#define MICROTVM_ASM_STEP_W16(LAST, p0, p1, p2, p3, w0, w1)                                        \
	MICROTVM_ASM_LOAD_SHORT("r2", "r1", p0)                                                    \
	MICROTVM_ASM_LOAD_SHORT("r3", "r1", p1)                                                    \
	MICROTVM_ASM_LOAD_SHORT("r4", "r0", w0)                                                    \
	LAST("r5", "r0", w1)                                                                       \
	MICROTVM_ASM_TIMES_01                                                                      \
	MICROTVM_ASM_LOAD_SHORT("r2", "r1", p2)                                                    \
	LAST("r3", "r1", p3)                                                                       \
	MICROTVM_ASM_TIMES_23

/* The same with bytes 0 and 2 of the channels' words, then with bytes 1 and 3. */
#define MICROTVM_ASM_EVEN		      ""
#define MICROTVM_ASM_ODD		      ", ror #8"
#define MICROTVM_ASM_WIDEN(operand, rotation) "sxtb16 " operand ", " operand rotation "\n\t"
#define MICROTVM_ASM_STEP_W8(rotation, LAST, p0, p1, p2, p3, w0, w1)                               \
	MICROTVM_ASM_LOAD_SHORT("r2", "r1", p0)                                                    \
	MICROTVM_ASM_LOAD_SHORT("r3", "r1", p1)                                                    \
	MICROTVM_ASM_LOAD_SHORT("r4", "r0", w0)                                                    \
	LAST("r5", "r0", w1)                                                                       \
	MICROTVM_ASM_WIDEN("r4", rotation)                                                         \
	MICROTVM_ASM_WIDEN("r5", rotation)                                                         \
	MICROTVM_ASM_TIMES_01                                                                      \
	MICROTVM_ASM_LOAD_SHORT("r2", "r1", p2)                                                    \
	LAST("r3", "r1", p3)                                                                       \
	MICROTVM_ASM_TIMES_23

/* Four groups a turn. To enter it late is to skip groups of so many bytes of code. */
#define MICROTVM_ASM_ENTRIES	     "2f"
#define MICROTVM_ASM_ENTRY_BYTES_W16 "88"
#define MICROTVM_ASM_ENTRY_BYTES_W8  "104"
#define MICROTVM_ASM_LOOP_4_W16                                                                    \
	MICROTVM_ASM_START                                                                         \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_SHORT, 4, 8, 12, 16, 4, 8)                         \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_SHORT, 20, 24, 28, 32, 12, 16)                     \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_SHORT, 36, 40, 44, 48, 20, 24)                     \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_SHORT, 52, 56, 60, 64, 28, 32)                     \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_SHORT, 68, 72, 76, 80, 36, 40)                     \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_SHORT, 84, 88, 92, 96, 44, 48)                     \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_SHORT, 100, 104, 108, 112, 52, 56)                 \
	MICROTVM_ASM_STEP_W16(MICROTVM_ASM_LOAD_LAST, 116, 120, 124, 128, 60, 64)                  \
	MICROTVM_ASM_AGAIN
#define MICROTVM_ASM_LOOP_4_W8                                                                     \
	MICROTVM_ASM_START                                                                         \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_EVEN, MICROTVM_ASM_LOAD_SHORT, 4, 8, 12, 16, 4, 8)       \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, MICROTVM_ASM_LOAD_SHORT, 20, 24, 28, 32, 4, 8)      \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_EVEN, MICROTVM_ASM_LOAD_SHORT, 36, 40, 44, 48, 12, 16)   \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, MICROTVM_ASM_LOAD_SHORT, 52, 56, 60, 64, 12, 16)    \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_EVEN, MICROTVM_ASM_LOAD_SHORT, 68, 72, 76, 80, 20, 24)   \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, MICROTVM_ASM_LOAD_SHORT, 84, 88, 92, 96, 20, 24)    \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_EVEN, MICROTVM_ASM_LOAD_SHORT, 100, 104, 108, 112, 28,   \
			     32)                                                                   \
	MICROTVM_ASM_STEP_W8(MICROTVM_ASM_ODD, MICROTVM_ASM_LOAD_LAST, 116, 120, 124, 128, 28, 32) \
	MICROTVM_ASM_AGAIN

#endif /* MICROTVM_KERNELS_BLOCK_LOOPS_H_ */
