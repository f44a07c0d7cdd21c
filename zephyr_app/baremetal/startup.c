/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From reset to main(): FPU, memory, and two stacks. main() and the models run
 * on the process stack, faults on the main one, so that a fault can be handled
 * when it was the stack that ran out.
 */
#include <stddef.h>
#include <stdint.h>

#include <microtvm/placement.h>

#include "board.h"

#define CPACR		  (*(volatile uint32_t *)0xe000ed88)
#define CPACR_FPU	  (0xfu << 20)
#define CCR		  (*(volatile uint32_t *)0xe000ed14)
#define CCR_UNALIGN_TRP	  (1u << 3)
#define CCR_DIV_0_TRP	  (1u << 4)
#define SHCSR		  (*(volatile uint32_t *)0xe000ed24)
#define SHCSR_MEM_BUS_USE (7u << 16)

/* Nothing may touch the megabyte below the stack: QEMU reads zeros there. */
#define MPU_CONTROL	  (*(volatile uint32_t *)0xe000ed94)
#define MPU_ON		  5u /* with the usual map where there is no region */
#define MPU_NUMBER	  (*(volatile uint32_t *)0xe000ed98)
#define MPU_BASE	  (*(volatile uint32_t *)0xe000ed9c)
#define MPU_ATTRIBUTES	  (*(volatile uint32_t *)0xe000eda0)
#define MPU_NO_ACCESS_1MB (1u << 28 | 19u << 1 | 1u)

int main(void);
_Noreturn void reset_handler(void);
/* In constants.c, which is linked where there are constants to copy. */
__attribute__((weak)) void microtvm_copy_constants(void);

extern uint32_t __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[];

/* Outside .bss, which is cleared by code that runs on this stack. */
__attribute__((section(".noinit"))) _Alignas(8) uint32_t board_fault_stack[BOARD_FAULT_STACK_WORDS];

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const struct {
	const void *stack;
	vector handlers[15];
	vector interrupts[BOARD_WATCH_IRQ + 1]; /* of the others none is taken */
} vectors = {
	board_fault_stack + BOARD_FAULT_STACK_WORDS,
	{
		[0] = reset_handler,	  /* 1 */
		[1] = board_fault_entry,  /* NMI */
		[2] = board_fault_entry,  /* hard fault */
		[3] = board_fault_entry,  /* memory management */
		[4] = board_fault_entry,  /* bus */
		[5] = board_fault_entry,  /* usage */
		[10] = board_fault_entry, /* SVC */
		[11] = board_fault_entry, /* debug monitor */
		[13] = board_fault_entry, /* PendSV */
		[14] = board_fault_entry, /* SysTick: pends to wake the core, is never taken */
	},
	{
		[BOARD_WATCH_IRQ] = board_fault_entry,
	},
};

static void fill(uint32_t *from, const uint32_t *to, uint32_t value)
{
	while (from < to) {
		*from++ = value;
	}
}

/* Cortex-M33 has a limit for its stack pointer; Cortex-M0+ is given nothing. */
static void guard_stack(void)
{
#if __ARM_ARCH == 7
	MPU_NUMBER = 0;
	MPU_BASE = (uint32_t)(uintptr_t)__main_stack_start - BOARD_STACK_GUARD;
	MPU_ATTRIBUTES = MPU_NO_ACCESS_1MB;
	MPU_CONTROL = MPU_ON;
#elif defined(__ARM_ARCH_8M_MAIN__)
	__asm volatile("msr psplim, %0" : : "r"(__main_stack_start) : "memory");
#endif
}

static void configure_core(void)
{
	CPACR |= CPACR_FPU;
	CCR |= CCR_DIV_0_TRP;
#ifdef MICROTVM_TRAP_UNALIGNED
	CCR |= CCR_UNALIGN_TRP;
#endif
	SHCSR |= SHCSR_MEM_BUS_USE;
	guard_stack();
	__asm volatile("dsb\n\tisb" ::: "memory");
}

static void prepare_memory(void)
{
	const uint32_t *from = __data_load;

	for (uint32_t *to = __data_start; to < __data_end; to++) {
		*to = *from++;
	}
	fill(__bss_start, __bss_end, 0);
	fill(__main_stack_start, __main_stack_end, BOARD_STACK_PAINT);
	if (microtvm_copy_constants) {
		microtvm_copy_constants();
	}
}

_Noreturn void reset_handler(void)
{
	__asm volatile("cpsid i" ::: "memory"); /* the port polls */
	configure_core();
	prepare_memory();
	__asm volatile("msr psp, %0\n\t"
		       "movs r0, #2\n\t" /* thread mode on the process stack */
		       "msr control, r0\n\t"
		       "isb\n\t"
		       "bl main\n\t"
		       "b ."
		       :
		       : "r"(__main_stack_end)
		       : "r0", "memory");
	__builtin_unreachable();
}
