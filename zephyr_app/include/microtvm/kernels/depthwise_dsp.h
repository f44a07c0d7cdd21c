/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The functions that compute a channel of some rows (depthwise.h). With the
 * DSP extension a kernel of 3 x 3 is assembly, three positions or two at a
 * time, from the bias to the stored byte:
 *
 *   r0       the packed weights          r1, r2   cells, and one row further down
 *   r3 - r5  cells                       r6       weights
 *   r8 - r10 upper sums                  r11 - lr lower sums
 *
 * All other state is in a frame on the stack. r7 is left alone: it may be the
 * compiler's frame pointer.
 */
#ifndef MICROTVM_KERNELS_DEPTHWISE_DSP_H_
#define MICROTVM_KERNELS_DEPTHWISE_DSP_H_

#include "microtvm/kernels/depthwise.h"

#define MICROTVM_DEFINE_PORTABLE_DEPTHWISE(kernel, rescale_)                                       \
	static __attribute__((noinline, unused)) void                                              \
		microtvm_depthwise_run_##kernel##_##rescale_(struct microtvm_depthwise *layer)     \
	{                                                                                          \
		microtvm_depthwise_run(layer, microtvm_depthwise_##kernel,                         \
				       microtvm_depthwise_position);                               \
	}

MICROTVM_DEFINE_PORTABLE_DEPTHWISE(any, TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_DEPTHWISE(3x3s1, TWICE_ANY)
MICROTVM_DEFINE_PORTABLE_DEPTHWISE(3x3s2, TWICE_ANY)

#if MICROTVM_DSP

/* An instruction's three or two positions. */
#define MICROTVM_DW_LOAD_3(base, at0, at1, at2)                                                    \
	"ldr r3, [" base ", #" #at0 "]\n\t"                                                        \
	"ldr r4, [" base ", #" #at1 "]\n\t"                                                        \
	"ldr r5, [" base ", #" #at2 "]\n\t"
#define MICROTVM_DW_LOAD_2(base, at0, at1, at2)                                                    \
	"ldr r3, [" base ", #" #at0 "]\n\t"                                                        \
	"ldr r4, [" base ", #" #at1 "]\n\t"
#define MICROTVM_DW_LOAD(to, base, at) "ldr " to ", [" base ", #" #at "]\n\t"
#define MICROTVM_DW_UPPER_3(op, x, y, z, first)                                                    \
	op " r8, " x ", r6, " first("r8") "\n\t" op " r9, " y                                      \
					  ", r6, " first("r9") "\n\t" op " r10, " z                \
							       ", r6, " first("r10") "\n\t"
#define MICROTVM_DW_LOWER_3(op, x, y, z, first)                                                    \
	op " r11, " x ", r6, " first("r11") "\n\t" op " r12, " y                                   \
					    ", r6, " first("r12") "\n\t" op " lr, " z              \
								  ", r6, lr\n\t"
#define MICROTVM_DW_UPPER_2(op, x, y, z, first)                                                    \
	op " r8, " x ", r6, " first("r8") "\n\t" op " r9, " y ", r6, " first("r9") "\n\t"
#define MICROTVM_DW_LOWER_2(op, x, y, z, first)                                                    \
	op " r11, " x ", r6, " first("r11") "\n\t" op " r12, " y ", r6, " first("r12") "\n\t"

/* What a product is added to: the bias at first. */
#define MICROTVM_DW_BIAS(sum) "lr"
#define MICROTVM_DW_SUM(sum)  sum

/* The three columns of one row of cells, stride 1; `next` are the cells that come in. */
#define MICROTVM_DW_ROW_S1(N, base, up, low, w0, w1, w2, BIAS, first)                              \
	MICROTVM_DW_LOAD_##N(base, 0, 16, 32) MICROTVM_DW_LOAD("r6", "r0", w0)                     \
		BIAS MICROTVM_DW_UPPER_##N(up, "r3", "r4", "r5", first)                            \
			MICROTVM_DW_LOWER_##N(low, "r3", "r4", "r5", first)                        \
				MICROTVM_DW_NEXT_##N(base, up, low, w1, w2)
#define MICROTVM_DW_NEXT_3(base, up, low, w1, w2)                                                  \
	MICROTVM_DW_LOAD("r3", base, 48)                                                           \
	MICROTVM_DW_LOAD("r6", "r0", w1)                                                           \
	MICROTVM_DW_UPPER_3(up, "r4", "r5", "r3", MICROTVM_DW_SUM)                                 \
	MICROTVM_DW_LOWER_3(low, "r4", "r5", "r3", MICROTVM_DW_SUM)                                \
	MICROTVM_DW_LOAD("r4", base, 64)                                                           \
	MICROTVM_DW_LOAD("r6", "r0", w2)                                                           \
	MICROTVM_DW_UPPER_3(up, "r5", "r3", "r4", MICROTVM_DW_SUM)                                 \
	MICROTVM_DW_LOWER_3(low, "r5", "r3", "r4", MICROTVM_DW_SUM)
#define MICROTVM_DW_NEXT_2(base, up, low, w1, w2)                                                  \
	MICROTVM_DW_LOAD("r3", base, 32)                                                           \
	MICROTVM_DW_LOAD("r6", "r0", w1)                                                           \
	MICROTVM_DW_UPPER_2(up, "r4", "r3", , MICROTVM_DW_SUM)                                     \
	MICROTVM_DW_LOWER_2(low, "r4", "r3", , MICROTVM_DW_SUM)                                    \
	MICROTVM_DW_LOAD("r4", base, 48)                                                           \
	MICROTVM_DW_LOAD("r6", "r0", w2)                                                           \
	MICROTVM_DW_UPPER_2(up, "r3", "r4", , MICROTVM_DW_SUM)                                     \
	MICROTVM_DW_LOWER_2(low, "r3", "r4", , MICROTVM_DW_SUM)

/* The pairs (0, 1) of weights are at 4, 12 and 20, (1, 2) at 8, 16 and 24. */
#define MICROTVM_DW_SUMS_3x3s1(N)                                                                  \
	MICROTVM_DW_ROW_S1(N, "r1", "smlad", "smlatb", 4, 12, 20, MICROTVM_DW_LOAD("lr", "r0", 0), \
			   MICROTVM_DW_BIAS)                                                       \
	MICROTVM_DW_ROW_S1(N, "r2", "smlabt", "smlad", 8, 16, 24, , MICROTVM_DW_SUM)               \
	MICROTVM_DW_MOVE_S1_##N
#define MICROTVM_DW_MOVE_S1_3                                                                      \
	"adds r1, #48\n\t"                                                                         \
	"adds r2, #48\n\t"
#define MICROTVM_DW_MOVE_S1_2                                                                      \
	"adds r1, #32\n\t"                                                                         \
	"adds r2, #32\n\t"

/* Columns 0, 2 and 1 of one row of cells, stride 2: neighbours share column 0 and 2. */
#define MICROTVM_DW_ROW_S2(N, base, MACS, w0, w1, w2, BIAS, first)                                 \
	MICROTVM_DW_LOAD_##N(base, 0, 32, 64) MICROTVM_DW_LOAD("r6", "r0", w0) BIAS MACS(          \
		N, "r3", "r4", "r5", w0, first) MICROTVM_DW_SHARED_##N(base, MACS, w2)             \
		MICROTVM_DW_LOAD_##N(base, 16, 48, 80) MICROTVM_DW_LOAD("r6", "r0", w1)            \
			MACS(N, "r3", "r4", "r5", w1, MICROTVM_DW_SUM)
#define MICROTVM_DW_SHARED_3(base, MACS, w2)                                                       \
	MICROTVM_DW_LOAD("r3", base, 96)                                                           \
	MICROTVM_DW_LOAD("r6", "r0", w2)                                                           \
	MACS(3, "r4", "r5", "r3", w2, MICROTVM_DW_SUM)
#define MICROTVM_DW_SHARED_2(base, MACS, w2)                                                       \
	MICROTVM_DW_LOAD("r3", base, 64)                                                           \
	MICROTVM_DW_LOAD("r6", "r0", w2)                                                           \
	MACS(2, "r4", "r3", , w2, MICROTVM_DW_SUM)
#define MICROTVM_DW_FIRST(N, x, y, z, w, first) MICROTVM_DW_UPPER_##N("smlad", x, y, z, first)
#define MICROTVM_DW_LAST(N, x, y, z, w, first)	MICROTVM_DW_LOWER_##N("smlabt", x, y, z, first)
/* The middle row is the upper outputs' last and the lower outputs' first. */
#define MICROTVM_DW_BOTH(N, x, y, z, w, first)                                                     \
	MICROTVM_DW_LOWER_##N("smlad", x, y, z, first) MICROTVM_DW_LOAD("r6", "r0", w + 4)         \
		MICROTVM_DW_UPPER_##N("smlabt", x, y, z, MICROTVM_DW_SUM)

/* r1 becomes the third row of cells for a while: as far from the second one as the first. */
#define MICROTVM_DW_REFLECT "rsb r1, r1, r2, lsl #1\n\t"
#define MICROTVM_DW_SUMS_3x3s2(N)                                                                  \
	MICROTVM_DW_ROW_S2(N, "r1", MICROTVM_DW_FIRST, 4, 12, 20, MICROTVM_DW_LOAD("lr", "r0", 0), \
			   MICROTVM_DW_BIAS)                                                       \
	MICROTVM_DW_REFLECT                                                                        \
	MICROTVM_DW_ROW_S2(N, "r2", MICROTVM_DW_BOTH, 4, 12, 20, , MICROTVM_DW_BIAS)               \
	MICROTVM_DW_ROW_S2(N, "r1", MICROTVM_DW_LAST, 8, 16, 24, , MICROTVM_DW_SUM)                \
	MICROTVM_DW_REFLECT                                                                        \
	MICROTVM_DW_MOVE_S2_##N
#define MICROTVM_DW_MOVE_S2_3                                                                      \
	"adds r1, #96\n\t"                                                                         \
	"adds r2, #96\n\t"
#define MICROTVM_DW_MOVE_S2_2                                                                      \
	"adds r1, #64\n\t"                                                                         \
	"adds r2, #64\n\t"

/* rescale.h; sums are doubled. The parameters are `at` so many bytes. */
#define MICROTVM_DW_PARAMETERS(at)                                                                 \
	"ldr r3, [r0, #" #at "]\n\t"                                                               \
	"ldr r4, [r0, #" #at "+4]\n\t"                                                             \
	"ldr r5, [r0, #" #at "+8]\n\t"
#define MICROTVM_DW_TWICE_PARAMETERS(at) MICROTVM_DW_PARAMETERS(at)
#define MICROTVM_DW_RELU_PARAMETERS(at)	 MICROTVM_DW_PARAMETERS(at)
#define MICROTVM_DW_TWICE_STORE		 "strb"
#define MICROTVM_DW_RELU_STORE		 "strb"
#define MICROTVM_DW_TWICE(a, b)                                                                    \
	"add r6, r4, " a ", asr #31\n\t"                                                           \
	"smmlar " a ", " a ", r3, r6\n\t"                                                          \
	"add r6, r4, " b ", asr #31\n\t"                                                           \
	"smmlar " b ", " b ", r3, r6\n\t"                                                          \
	"asr " a ", " a ", r5\n\t"                                                                 \
	"asr " b ", " b ", r5\n\t"                                                                 \
	"ssat " a ", #8, " a "\n\t"                                                                \
	"ssat " b ", #8, " b "\n\t"
#define MICROTVM_DW_RELU(a, b)                                                                     \
	"smmlar " a ", " a ", r3, r4\n\t"                                                          \
	"smmlar " b ", " b ", r3, r4\n\t"                                                          \
	"asr " a ", " a ", r5\n\t"                                                                 \
	"asr " b ", " b ", r5\n\t"                                                                 \
	"ssat " a ", #8, " a "\n\t"                                                                \
	"ssat " b ", #8, " b "\n\t"
#define MICROTVM_DW_RESCALE_3(RESCALE)                                                             \
	RESCALE("r8", "r9")                                                                        \
	RESCALE("r10", "r11")                                                                      \
	RESCALE("r12", "lr")
#define MICROTVM_DW_RESCALE_2(RESCALE)                                                             \
	RESCALE("r8", "r9")                                                                        \
	RESCALE("r11", "r12")

/*
 * To r3, and below it to r5, with r4 between positions. Lower outputs first:
 * where there are none, the upper ones replace them.
 */
#define MICROTVM_DW_STORE_3(store)                                                                 \
	store " r11, [r5]\n\t"                                                                     \
	      "add r5, r4\n\t" store " r12, [r5]\n\t" store " lr, [r5, r4]\n\t" store              \
	      " r8, [r3]\n\t"                                                                      \
	      "add r3, r4\n\t" store " r9, [r3]\n\t"                                               \
	      "add r3, r4\n\t" store " r10, [r3]\n\t"                                              \
	      "add r3, r4\n\t"
/* So too with the second position of a row that has only one. */
#define MICROTVM_DW_STORE_2(store)                                                                 \
	store " r12, [r5, r4]\n\t" store " r11, [r5]\n\t" store " r9, [r3, r4]\n\t" store          \
	      " r8, [r3]\n\t"                                                                      \
	      "add r3, r3, r4, lsl #1\n\t"

#define MICROTVM_DW_FINISH(N, end, RESCALE)                                                        \
	RESCALE##_PARAMETERS(28)                                                                   \
		MICROTVM_DW_RESCALE_##N(RESCALE) "ldr r3, [sp]\n\t"                                \
						 "ldr r4, [sp, #4]\n\t"                            \
						 "ldr r5, [sp, #8]\n\t"                            \
						 "ldr r6, [sp, #" #end "]\n\t"                     \
						 "adds r5, r3\n\t" MICROTVM_DW_STORE_##N(          \
							 RESCALE##_STORE) "str r3, [sp]\n\t"       \
									  "cmp r3, r6\n\t"

/*
 * The frame: out, out_step, out_below, end_of_threes, end, rows, single,
 * out_skip, then out_row and cells_skip.
 */
#define MICROTVM_DW_ROWS(SUMS, RESCALE)                                                            \
	"ldr r1, [r0, #44]\n\t"                                                                    \
	"ldr r2, [r0, #48]\n\t"                                                                    \
	"push {r1, r2}\n\t"                                                                        \
	"ldm r0, {r1-r6, r8-r12}\n\t"                                                              \
	"mov r0, r3\n\t"                                                                           \
	"push {r4-r6, r8-r12}\n"                                                                   \
	"1:\n\t"                                                                                   \
	"ldr r3, [sp]\n\t"                                                                         \
	"ldr r4, [sp, #12]\n\t"                                                                    \
	"ldr r5, [sp, #20]\n\t"                                                                    \
	"ldr r6, [sp, #24]\n\t"                                                                    \
	"cmp r5, r6\n\t"                                                                           \
	"itt eq\n\t"                                                                               \
	"moveq r5, #0\n\t"                                                                         \
	"streq r5, [sp, #8]\n\t"                                                                   \
	"cmp r3, r4\n\t"                                                                           \
	"beq 3f\n\t"                                                                               \
	".balign 4\n"                                                                              \
	"2:\n\t" SUMS(3) MICROTVM_DW_FINISH(                                                       \
		3, 12, RESCALE) "bne 2b\n\t"                                                       \
				"ldr r4, [sp, #16]\n\t"                                            \
				"cmp r3, r4\n\t"                                                   \
				"beq 4f\n"                                                         \
				"3:\n\t" SUMS(2) MICROTVM_DW_FINISH(                               \
					2, 16, RESCALE) "bne 3b\n"                                 \
							"4:\n\t"                                   \
							"ldr r6, [sp, #20]\n\t"                    \
							"ldr r4, [sp, #12]\n\t"                    \
							"ldr r5, [sp, #16]\n\t"                    \
							"ldr r8, [sp, #28]\n\t"                    \
							"ldr r9, [sp, #32]\n\t"                    \
							"ldr r10, [sp, #36]\n\t"                   \
							"subs r6, #1\n\t"                          \
							"beq 5f\n\t"                               \
							"add r3, r8\n\t"                           \
							"add r4, r9\n\t"                           \
							"add r5, r9\n\t"                           \
							"add r1, r10\n\t"                          \
							"add r2, r10\n\t"                          \
							"str r3, [sp]\n\t"                         \
							"str r4, [sp, #12]\n\t"                    \
							"str r5, [sp, #16]\n\t"                    \
							"str r6, [sp, #20]\n\t"                    \
							"b 1b\n"                                   \
							"5:\n\t"                                   \
							"add sp, #40\n\t"

#define MICROTVM_DEFINE_DSP_DEPTHWISE(kernel, rescale_)                                            \
	static __attribute__((noinline, unused)) void                                              \
		microtvm_depthwise_run_##kernel##_##rescale_(struct microtvm_depthwise *layer)     \
	{                                                                                          \
		register struct microtvm_depthwise *r0 __asm("r0") = layer;                        \
                                                                                                   \
		__asm volatile(MICROTVM_DW_ROWS(MICROTVM_DW_SUMS_##kernel, MICROTVM_DW_##rescale_) \
			       : "+r"(r0)                                                          \
			       :                                                                   \
			       : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11",     \
				 "r12", "lr", "cc", "memory");                                     \
	}

MICROTVM_DEFINE_DSP_DEPTHWISE(3x3s1, TWICE)
MICROTVM_DEFINE_DSP_DEPTHWISE(3x3s1, RELU)
MICROTVM_DEFINE_DSP_DEPTHWISE(3x3s2, TWICE)
MICROTVM_DEFINE_DSP_DEPTHWISE(3x3s2, RELU)

#include "microtvm/kernels/depthwise_taps.h"

#else

MICROTVM_DEFINE_PORTABLE_DEPTHWISE(any, TWICE)
MICROTVM_DEFINE_PORTABLE_DEPTHWISE(any, RELU)
MICROTVM_DEFINE_PORTABLE_DEPTHWISE(3x3s1, TWICE)
MICROTVM_DEFINE_PORTABLE_DEPTHWISE(3x3s1, RELU)
MICROTVM_DEFINE_PORTABLE_DEPTHWISE(3x3s2, TWICE)
MICROTVM_DEFINE_PORTABLE_DEPTHWISE(3x3s2, RELU)

#endif /* MICROTVM_DSP */

#endif /* MICROTVM_KERNELS_DEPTHWISE_DSP_H_ */
