/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any depthwise kernel with the DSP extension (depthwise.h): three positions
 * or two at a time, in a loop over the taps. Included by depthwise_dsp.h,
 * which has the instructions that this shares with kernels of 3 x 3.
 *
 *   r0       the packed weights          r1       cells
 *   r2       the layer                   r3 - r5  cells
 *   r6, r7   a tap's weights             r8 - lr  upper and lower sums
 *
 * What changes in the layer, and r7, which may be the compiler's frame
 * pointer, is on the stack meanwhile. Positions are one column of the input
 * apart, or two: other strides take the portable form.
 */
#ifndef MICROTVM_KERNELS_DEPTHWISE_TAPS_H_
#define MICROTVM_KERNELS_DEPTHWISE_TAPS_H_

#define MICROTVM_DW_TAP_3(at1, at2)                                                                \
	"ldr r3, [r1]\n\t"                                                                         \
	"ldr r4, [r1, #" #at1 "]\n\t"                                                              \
	"ldr r5, [r1, #" #at2 "]\n\t"                                                              \
	"ldr r6, [r0], #4\n\t"                                                                     \
	"ldr r7, [r0], #4\n\t"                                                                     \
	"smlad r8, r3, r6, r8\n\t"                                                                 \
	"smlad r9, r4, r6, r9\n\t"                                                                 \
	"smlad r10, r5, r6, r10\n\t"                                                               \
	"smlad r11, r3, r7, r11\n\t"                                                               \
	"smlad r12, r4, r7, r12\n\t"                                                               \
	"smlad lr, r5, r7, lr\n\t"
#define MICROTVM_DW_TAP_2(at1, at2)                                                                \
	"ldr r3, [r1]\n\t"                                                                         \
	"ldr r4, [r1, #" #at1 "]\n\t"                                                              \
	"ldr r6, [r0], #4\n\t"                                                                     \
	"ldr r7, [r0], #4\n\t"                                                                     \
	"smlad r8, r3, r6, r8\n\t"                                                                 \
	"smlad r9, r4, r6, r9\n\t"                                                                 \
	"smlad r11, r3, r7, r11\n\t"                                                               \
	"smlad r12, r4, r7, r12\n\t"

/* From the biases to the stored bytes; the loop closes after a row of taps, too. */
#define MICROTVM_DW_TAPS(N, at1, at2, end, move, loop, RESCALE)                                    \
	"ldr r0, [r2, #8]\n\t"                                                                     \
	"ldr r3, [r2, #60]\n\t"                                                                    \
	"ldr lr, [r0], #4\n\t"                                                                     \
	"adds r3, r0\n\t"                                                                          \
	"str r3, [r2, #68]\n\t"                                                                    \
	"mov r8, lr\n\t"                                                                           \
	"mov r9, lr\n\t"                                                                           \
	"mov r10, lr\n\t"                                                                          \
	"mov r11, lr\n\t"                                                                          \
	"mov r12, lr\n"                                                                            \
	".balign 4\n" #loop ":\n\t" MICROTVM_DW_TAP_##N(                                           \
		at1, at2) "ldr r3, [r2, #52]\n\t"                                                  \
			  "ldr r4, [r2, #68]\n\t"                                                  \
			  "add r1, r3\n\t"                                                         \
			  "cmp r0, r4\n\t"                                                         \
			  "bne " #loop "b\n\t"                                                     \
			  "ldr r3, [r2, #56]\n\t"                                                  \
			  "ldr r5, [r2, #60]\n\t"                                                  \
			  "ldr r6, [r2, #64]\n\t"                                                  \
			  "add r1, r3\n\t"                                                         \
			  "adds r4, r5\n\t"                                                        \
			  "str r4, [r2, #68]\n\t"                                                  \
			  "cmp r0, r6\n\t"                                                         \
			  "bne " #loop "b\n\t" RESCALE##_PARAMETERS(0) MICROTVM_DW_RESCALE_##N(    \
				  RESCALE) "ldr r3, [r2, #12]\n\t"                                 \
					   "ldr r4, [r2, #16]\n\t"                                 \
					   "ldr r5, [r2, #20]\n\t"                                 \
					   "ldr r6, [r2, #" #end "]\n\t"                           \
					   "ldr r1, [r2]\n\t"                                      \
					   "adds r5, r3\n\t" MICROTVM_DW_STORE_##N(                \
						   RESCALE##_STORE) "adds r1, #" #move "\n\t"      \
								    "str r1, [r2]\n\t"             \
								    "str r3, [r2, #12]\n\t"        \
								    "cmp r3, r6\n\t"

/* The steps are those between positions: once, twice and three times. */
#define MICROTVM_DW_TAP_ROWS(step, step2, step3, RESCALE)                                          \
	"push {r7}\n\t"                                                                            \
	"mov r2, r0\n\t"                                                                           \
	"ldr r1, [r2]\n\t"                                                                         \
	"ldr r3, [r2, #12]\n\t"                                                                    \
	"ldr r4, [r2, #24]\n\t"                                                                    \
	"ldr r5, [r2, #28]\n\t"                                                                    \
	"ldr r6, [r2, #32]\n\t"                                                                    \
	"ldr r8, [r2, #20]\n\t"                                                                    \
	"push {r1, r3-r6, r8}\n"                                                                   \
	"1:\n\t"                                                                                   \
	"ldr r5, [r2, #32]\n\t"                                                                    \
	"ldr r6, [r2, #36]\n\t"                                                                    \
	"cmp r5, r6\n\t"                                                                           \
	"itt eq\n\t"                                                                               \
	"moveq r5, #0\n\t"                                                                         \
	"streq r5, [r2, #20]\n\t"                                                                  \
	"ldr r3, [r2, #12]\n\t"                                                                    \
	"ldr r4, [r2, #24]\n\t"                                                                    \
	"cmp r3, r4\n\t"                                                                           \
	"beq 3f\n"                                                                                 \
	"2:\n\t" MICROTVM_DW_TAPS(3, step, step2, 24, step3, 5,                                    \
				  RESCALE) "bne 2b\n\t"                                            \
					   "ldr r4, [r2, #28]\n\t"                                 \
					   "cmp r3, r4\n\t"                                        \
					   "beq 4f\n"                                              \
					   "3:\n\t" MICROTVM_DW_TAPS(                              \
						   2, step, step2, 28, step2, 6,                   \
						   RESCALE) "bne 3b\n"                             \
							    "4:\n\t"                               \
							    "ldr r3, [r2, #12]\n\t"                \
							    "ldr r4, [r2, #24]\n\t"                \
							    "ldr r5, [r2, #28]\n\t"                \
							    "ldr r6, [r2, #32]\n\t"                \
							    "ldr r8, [r2, #40]\n\t"                \
							    "ldr r9, [r2, #44]\n\t"                \
							    "ldr r10, [r2, #48]\n\t"               \
							    "add r3, r8\n\t"                       \
							    "add r4, r9\n\t"                       \
							    "add r5, r9\n\t"                       \
							    "add r1, r10\n\t"                      \
							    "str r1, [r2]\n\t"                     \
							    "str r3, [r2, #12]\n\t"                \
							    "str r4, [r2, #24]\n\t"                \
							    "str r5, [r2, #28]\n\t"                \
							    "subs r6, #1\n\t"                      \
							    "str r6, [r2, #32]\n\t"                \
							    "bne 1b\n\t"                           \
							    "pop {r1, r3-r6, r8}\n\t"              \
							    "str r8, [r2, #20]\n\t"                \
							    "str r1, [r2]\n\t"                     \
							    "str r3, [r2, #12]\n\t"                \
							    "str r4, [r2, #24]\n\t"                \
							    "str r5, [r2, #28]\n\t"                \
							    "str r6, [r2, #32]\n\t"                \
							    "pop {r7}\n\t"

#define MICROTVM_DEFINE_TAPS(name, step, step2, step3, RESCALE)                                    \
	static __attribute__((noinline, unused)) void microtvm_depthwise_taps_##name(              \
		struct microtvm_depthwise *layer)                                                  \
	{                                                                                          \
		register struct microtvm_depthwise *r0 __asm("r0") = layer;                        \
                                                                                                   \
		__asm volatile(MICROTVM_DW_TAP_ROWS(step, step2, step3, RESCALE)                   \
			       : "+r"(r0)                                                          \
			       :                                                                   \
			       : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11",     \
				 "r12", "lr", "cc", "memory");                                     \
	}

/* `POSITION` is what takes strides that the assembly does not. */
#define MICROTVM_DEFINE_DSP_TAPS(rescale_, POSITION)                                               \
	MICROTVM_DEFINE_TAPS(s1_##rescale_, 16, 32, 48, MICROTVM_DW_##rescale_)                    \
	MICROTVM_DEFINE_TAPS(s2_##rescale_, 32, 64, 96, MICROTVM_DW_##rescale_)                    \
                                                                                                   \
	static __attribute__((noinline, unused)) void microtvm_depthwise_slow_##rescale_(          \
		struct microtvm_depthwise *layer)                                                  \
	{                                                                                          \
		microtvm_depthwise_run(layer, microtvm_depthwise_any, POSITION);                   \
	}                                                                                          \
                                                                                                   \
	static inline void microtvm_depthwise_run_any_##rescale_(struct microtvm_depthwise *layer) \
	{                                                                                          \
		if (layer->cells_step == MICROTVM_CELL_BYTES) {                                    \
			microtvm_depthwise_taps_s1_##rescale_(layer);                              \
		} else if (layer->cells_step == 2 * MICROTVM_CELL_BYTES) {                         \
			microtvm_depthwise_taps_s2_##rescale_(layer);                              \
		} else {                                                                           \
			microtvm_depthwise_slow_##rescale_(layer);                                 \
		}                                                                                  \
	}

MICROTVM_DEFINE_DSP_TAPS(TWICE, microtvm_depthwise_position)
MICROTVM_DEFINE_DSP_TAPS(RELU, microtvm_depthwise_position)

#endif /* MICROTVM_KERNELS_DEPTHWISE_TAPS_H_ */
