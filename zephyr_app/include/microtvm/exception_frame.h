/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The registers that a Cortex-M core stores when an exception comes (ARMv7-M ARM, B1.5.6). */
#ifndef MICROTVM_EXCEPTION_FRAME_H_
#define MICROTVM_EXCEPTION_FRAME_H_

#include <stdint.h>

#include <microtvm/platform.h>

#define MICROTVM_FRAME_WORDS	 8	   /* r0 to r3, r12, lr, pc, xpsr */
#define MICROTVM_FPU_FRAME_WORDS 18	   /* s0 to s15, FPSCR, and one that is not used */
#define MICROTVM_XPSR_ALIGNED	 (1u << 9) /* one more word, so that the frame is aligned to 8 */

/* `extended`: the frame has room for the FPU's registers behind the others. */
static inline void microtvm_read_frame(uint32_t *registers, const uint32_t *frame, int extended)
{
	uint32_t words = MICROTVM_FRAME_WORDS + (extended ? MICROTVM_FPU_FRAME_WORDS : 0);

	for (uint32_t i = 0; i < MICROTVM_FRAME_WORDS; i++) {
		registers[i] = frame[i];
	}
	words += (registers[MICROTVM_XPSR] & MICROTVM_XPSR_ALIGNED) != 0;
	registers[MICROTVM_SP] = (uint32_t)(uintptr_t)(frame + words);
}

#endif /* MICROTVM_EXCEPTION_FRAME_H_ */
