/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* An exception that must not happen becomes a report by the program. */
#include <stddef.h>
#include <stdint.h>

#include <microtvm/exception_frame.h>
#include <microtvm/platform.h>

#include "board.h"

#define ICSR  (*(volatile uint32_t *)0xe000ed04)
#define CFSR  (*(volatile uint32_t *)0xe000ed28)
#define HFSR  (*(volatile uint32_t *)0xe000ed2c)
#define MMFAR (*(volatile uint32_t *)0xe000ed34)
#define BFAR  (*(volatile uint32_t *)0xe000ed38)

#define ICSR_ACTIVE 0x1ff /* the exception's number */

#define CFSR_IACCVIOL	(1u << 0)
#define CFSR_MSTKERR	(1u << 4)
#define CFSR_MLSPERR	(1u << 5)
#define CFSR_MMARVALID	(1u << 7)
#define CFSR_IBUSERR	(1u << 8)
#define CFSR_STKERR	(1u << 12)
#define CFSR_LSPERR	(1u << 13)
#define CFSR_BFARVALID	(1u << 15)
#define CFSR_UNDEFINSTR (1u << 16)
#define CFSR_INVSTATE	(1u << 17)
#define CFSR_UNALIGNED	(1u << 24)
#define CFSR_DIVBYZERO	(1u << 25)

/* An instruction was to be fetched where none may be, or in no Thumb state. */
#define CFSR_JUMP (CFSR_IACCVIOL | CFSR_IBUSERR | CFSR_INVSTATE)

/* The core could not store registers on the stack when the exception came. */
#define CFSR_STACKING (CFSR_MSTKERR | CFSR_MLSPERR | CFSR_STKERR | CFSR_LSPERR)

#define EXC_RETURN_BASIC (1u << 4) /* nothing of the FPU was stored */

void board_fault(const uint32_t *frame, uint32_t exc_return);

/* Bit 2 of lr names the stack on which the interrupted code ran: start-up has the main one. */
__attribute__((naked)) void board_fault_entry(void)
{
	__asm volatile("cpsid i\n\t"
		       "mov r1, lr\n\t"
		       "movs r0, #4\n\t"
		       "tst r1, r0\n\t"
		       "mrs r0, psp\n\t"
		       "bne 1f\n\t"
		       "mrs r0, msp\n\t"
		       "1: b board_fault");
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
	if (status & CFSR_JUMP) {
		return "jump to nowhere";
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

static uint8_t is_timeout(void)
{
	return (ICSR & ICSR_ACTIVE) == BOARD_WATCH_IRQ + 16;
}

/* Whether the core could store registers there: on one of the two stacks, or not at all. */
static int is_stored(const uint32_t *frame, uint32_t status)
{
	const uint32_t *end = frame + MICROTVM_FRAME_WORDS;

	if (status & CFSR_STACKING) {
		return 0;
	}
	return (frame >= __main_stack_start && end <= __main_stack_end) ||
	       (frame >= board_fault_stack && end <= board_fault_stack + BOARD_FAULT_STACK_WORDS);
}

__attribute__((used)) void board_fault(const uint32_t *frame, uint32_t exc_return)
{
	uint32_t status = CFSR;
	struct microtvm_fault fault = {
		.thread = "main",
		.fault_status = status,
		.hard_fault_status = HFSR,
		.address = fault_address(status, frame),
	};

	while (board_has_ended) {
		__asm volatile("wfi");
	}
	fault.timed_out = is_timeout();
	fault.reason = fault.timed_out ? "no end in time" : reason(status, fault.address);
	if (is_stored(frame, status)) {
		microtvm_read_frame(fault.registers, frame, !(exc_return & EXC_RETURN_BASIC));
	}
	(void)microtvm_platform_init(); /* it may not have come to that */
	microtvm_on_fault(&fault);
}
