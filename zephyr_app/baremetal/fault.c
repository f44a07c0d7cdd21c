/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* An exception that must not happen becomes a report by the program. */
#include <stddef.h>
#include <stdint.h>

#include <microtvm/platform.h>

#include "board.h"

#define CFSR  (*(volatile uint32_t *)0xe000ed28)
#define MMFAR (*(volatile uint32_t *)0xe000ed34)
#define BFAR  (*(volatile uint32_t *)0xe000ed38)

#define CFSR_MSTKERR	(1u << 4)
#define CFSR_MLSPERR	(1u << 5)
#define CFSR_MMARVALID	(1u << 7)
#define CFSR_STKERR	(1u << 12)
#define CFSR_LSPERR	(1u << 13)
#define CFSR_BFARVALID	(1u << 15)
#define CFSR_UNDEFINSTR (1u << 16)
#define CFSR_UNALIGNED	(1u << 24)
#define CFSR_DIVBYZERO	(1u << 25)

/* The core could not store registers on the stack when the exception came. */
#define CFSR_STACKING (CFSR_MSTKERR | CFSR_MLSPERR | CFSR_STKERR | CFSR_LSPERR)

#define FRAME_WORDS 8 /* r0 to r3, r12, lr, pc, xpsr */
#define FRAME_PC    6

void board_fault(const uint32_t *frame);

__attribute__((naked)) void board_fault_entry(void)
{
	__asm volatile("cpsid i\n\t"
		       "mrs r0, psp\n\t"
		       "b board_fault");
}

static const char *reason(uint32_t status, uint32_t address)
{
	uint32_t start = (uint32_t)(uintptr_t)__main_stack_start;

	if (status & CFSR_STACKING) {
		return "stack overflow";
	}
	if (address < start && start - address <= BOARD_STACK_GUARD) {
		return "stack overflow";
	}
	if (status & CFSR_UNALIGNED) {
		return "unaligned access";
	}
	if (status & CFSR_DIVBYZERO) {
		return "division by zero";
	}
	if (status & CFSR_UNDEFINSTR) {
		return "undefined instruction";
	}
	if (status & 0xff00) {
		return "bus fault";
	}
	if (status & 0x00ff) {
		return "memory fault";
	}
	return "unexpected exception";
}

/* Where registers could not be stored the core gives no address: it is where they belonged. */
static uint32_t fault_address(uint32_t status, const uint32_t *frame)
{
	if (status & CFSR_BFARVALID) {
		return BFAR;
	}
	if (status & CFSR_MMARVALID) {
		return MMFAR;
	}
	return status & CFSR_STACKING ? (uint32_t)(uintptr_t)frame : 0;
}

__attribute__((used)) void board_fault(const uint32_t *frame)
{
	uint32_t status = CFSR;
	struct microtvm_fault fault = {
		.thread = "main",
		.fault_status = status,
		.address = fault_address(status, frame),
	};

	while (board_has_ended) {
		__asm volatile("wfi");
	}
	fault.reason = reason(status, fault.address);
	if (frame >= __main_stack_start && frame + FRAME_WORDS <= __main_stack_end) {
		fault.pc = frame[FRAME_PC];
	}
	(void)microtvm_platform_init(); /* it may not have come to that */
	microtvm_on_fault(&fault);
}
