/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * dense_rows.h for a core with the DSP extension, in assembly.
 *
 *   r0        the word before the next packed words   r1      that before the next inputs
 *   r2, r3    inputs (1, 3) and (0, 2)                r4, r5  inputs plus weights
 *   r6 - r9   sums                                    r10 - r12, lr  weights of four rows
 *
 * The rest is in a frame on the stack, with r7, which may be the compiler's
 * frame pointer.
 */
#ifndef MICROTVM_KERNELS_DENSE_DSP_H_
#define MICROTVM_KERNELS_DENSE_DSP_H_

/* The order of the pushed words. */
struct microtvm_dense_frame {
	uint32_t inputs_end; /* [sp]: where r1 is at the end of a row */
	uint32_t inputs;     /* [sp, #4]: less 4, and less half a loop where it begins mid */
	uint32_t skip;	     /* [sp, #8]: what the weights go back for that */
	uint32_t surplus;    /* [sp, #12] */
	uint32_t out;	     /* [sp, #16] */
	uint32_t out_end;    /* [sp, #20] */
	uint32_t packed;     /* less 4 */
};

#define MICROTVM_DENSE_ENTER                                                                       \
	"ldm r0, {r1-r6, r8}\n\t"                                                                  \
	"mov r0, r8\n\t"                                                                           \
	"push {r1-r7}\n"                                                                           \
	"1:\n\t"                                                                                   \
	"ldr r1, [sp, #4]\n\t"                                                                     \
	"ldr r2, [sp, #8]\n\t"                                                                     \
	"ldr r3, [sp, #12]\n\t"                                                                    \
	"ldr r6, [r0, #4]\n\t"                                                                     \
	"ldr r7, [r0, #8]\n\t"                                                                     \
	"ldr r8, [r0, #12]\n\t"                                                                    \
	"ldr r9, [r0, #16]!\n\t"                                                                   \
	"sub r6, r6, r3\n\t"                                                                       \
	"sub r7, r7, r3\n\t"                                                                       \
	"sub r8, r8, r3\n\t"                                                                       \
	"sub r9, r9, r3\n\t"                                                                       \
	"sub r0, r0, r2\n\t"

#define MICROTVM_DENSE_ROW(weights, sum)                                                           \
	"sxtab16 r5, r2, " weights "\n\t"                                                          \
	"sxtab16 " weights ", r3, " weights ", ror #8\n\t"                                         \
	"smlad " sum ", r5, " weights ", " sum "\n\t"

#if MICROTVM_DUAL_ISSUE
#include "microtvm/kernels/dense_loop_dual.h"
#else
#include "microtvm/kernels/dense_loop.h"
#endif

/* Sums to bytes, two rows at a time: rescale.h. */
#define MICROTVM_DENSE_PARAMETERS                                                                  \
	"ldr r1, [r0, #4]\n\t"                                                                     \
	"ldr r2, [r0, #8]\n\t"                                                                     \
	"ldr r3, [r0, #12]\n\t"                                                                    \
	"ldr r4, [r0, #16]\n\t"                                                                    \
	"ldr r5, [r0, #20]\n\t"                                                                    \
	"ldr r10, [r0, #24]!\n\t"
#define MICROTVM_DENSE_ONCE(a, b)                                                                  \
	MICROTVM_DENSE_PARAMETERS                                                                  \
	"smmla " a ", " a ", r1, r2\n\t"                                                           \
	"smmla " b ", " b ", r4, r5\n\t"                                                           \
	"asr " a ", " a ", r3\n\t"                                                                 \
	"asr " b ", " b ", r10\n\t"                                                                \
	"ssat " a ", #8, " a "\n\t"                                                                \
	"ssat " b ", #8, " b "\n\t"
#define MICROTVM_DENSE_TWICE(a, b)                                                                 \
	MICROTVM_DENSE_PARAMETERS                                                                  \
	"lsl " a ", " a ", #1\n\t"                                                                 \
	"lsl " b ", " b ", #1\n\t"                                                                 \
	"smmlar r2, " a ", r1, r2\n\t"                                                             \
	"smmlar r5, " b ", r4, r5\n\t"                                                             \
	"add " a ", r2, " a ", asr #31\n\t"                                                        \
	"add " b ", r5, " b ", asr #31\n\t"                                                        \
	"asr " a ", " a ", r3\n\t"                                                                 \
	"asr " b ", " b ", r10\n\t"                                                                \
	"ssat " a ", #8, " a "\n\t"                                                                \
	"ssat " b ", #8, " b "\n\t"

#define MICROTVM_DENSE_RELU(a, b)                                                                  \
	MICROTVM_DENSE_PARAMETERS                                                                  \
	"lsl " a ", " a ", #1\n\t"                                                                 \
	"lsl " b ", " b ", #1\n\t"                                                                 \
	"smmlar " a ", " a ", r1, r2\n\t"                                                          \
	"smmlar " b ", " b ", r4, r5\n\t"                                                          \
	"asr " a ", " a ", r3\n\t"                                                                 \
	"asr " b ", " b ", r10\n\t"                                                                \
	"ssat " a ", #8, " a "\n\t"                                                                \
	"ssat " b ", #8, " b "\n\t"

#define MICROTVM_DENSE_LEAVE                                                                       \
	"ldr r1, [sp, #16]\n\t"                                                                    \
	"ldr r2, [sp, #20]\n\t"                                                                    \
	"strb r7, [r1, #1]\n\t"                                                                    \
	"strb r8, [r1, #2]\n\t"                                                                    \
	"strb r9, [r1, #3]\n\t"                                                                    \
	"strb r6, [r1], #4\n\t"                                                                    \
	"str r1, [sp, #16]\n\t"                                                                    \
	"cmp r1, r2\n\t"                                                                           \
	"bne 1b\n\t"                                                                               \
	"pop {r1-r7}\n\t"

/* `bytes` is of the inputs' groups. */
static inline struct microtvm_dense_frame microtvm_dense_frame(const struct microtvm_dense *dense,
							       const void *first, uint32_t bytes)
{
	uint32_t inputs = (uint32_t)(uintptr_t)first - 4;
	uint32_t out = (uint32_t)(uintptr_t)dense->out;
	uint32_t half = MICROTVM_DENSE_HALF_GROUPS;
	int mid = (uint32_t)dense->groups % (2 * half) != 0;

	return (struct microtvm_dense_frame){
		.inputs_end = inputs + (uint32_t)dense->groups * bytes,
		.inputs = mid ? inputs - half * bytes : inputs,
		.skip = mid ? half * 4 * MICROTVM_DENSE_ROWS : 0,
		.surplus = (uint32_t)dense->surplus,
		.out = out,
		.out_end = out + MICROTVM_DENSE_ROWS * (uint32_t)dense->blocks,
		.packed = (uint32_t)(uintptr_t)dense->packed - 4,
	};
}

#define MICROTVM_DEFINE_DSP_DENSE(form, RESCALE)                                                   \
	MICROTVM_DEFINE_DSP_DENSE_FROM(form, dense->inputs, 8, MICROTVM_DENSE_LOOP, RESCALE)
#define MICROTVM_DEFINE_DSP_DENSE_FROM(form, first, bytes, LOOP, RESCALE)                          \
	static __attribute__((noinline, unused)) void microtvm_dense_##form(                       \
		const struct microtvm_dense *dense)                                                \
	{                                                                                          \
		struct microtvm_dense_frame frame = microtvm_dense_frame(dense, first, bytes);     \
		register const struct microtvm_dense_frame *r0 __asm("r0") = &frame;               \
		__asm volatile(MICROTVM_DENSE_ENTER LOOP RESCALE("r6", "r7") RESCALE("r8", "r9")   \
				       MICROTVM_DENSE_LEAVE                                        \
			       : "+r"(r0)                                                          \
			       :                                                                   \
			       : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11",     \
				 "r12", "lr", "cc", "memory");                                     \
	}

#endif /* MICROTVM_KERNELS_DENSE_DSP_H_ */
