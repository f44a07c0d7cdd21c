/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The port to the MPS2 images AN386 and AN500 as QEMU has them: CMSDK UART0 and
 * timer 0, polled, and timer 1 to watch over layers. A core that has nothing to do sleeps, so that
 * an idle emulator takes no time of its host.
 */
#include <microtvm/platform.h>

#include "board.h"

#define CLOCK_HZ 25000000u

struct uart {
	volatile uint32_t data;
	volatile uint32_t state;
	volatile uint32_t control;
	volatile uint32_t interrupts; /* read: pending, write: clear */
	volatile uint32_t divider;
};

#define UART		  ((struct uart *)0x40004000)
#define UART_TX_FULL	  (1u << 0)
#define UART_RX_FULL	  (1u << 1)
#define UART_TX_ENABLE	  (1u << 0)
#define UART_RX_ENABLE	  (1u << 1)
#define UART_RX_INTERRUPT (1u << 3)
#define UART_RX_PENDING	  (1u << 1)
#define UART_RX_IRQ	  0
#define UART_DIVIDER	  (CLOCK_HZ / 115200)

struct timer {
	volatile uint32_t control;
	volatile uint32_t value;
	volatile uint32_t reload;
	volatile uint32_t interrupts; /* read: pending, write: clear */
};

#define TIMER		((struct timer *)0x40000000)
#define WATCH		((struct timer *)0x40001000)
#define WATCH_TICKS	(MICROTVM_LAYER_TIMEOUT_MS * (CLOCK_HZ / 1000))
#define TIMER_ENABLE	(1u << 0)
#define TIMER_INTERRUPT (1u << 3)
#define TIMER_PENDING	(1u << 0)

struct systick {
	volatile uint32_t control;
	volatile uint32_t reload;
	volatile uint32_t value;
};

#define SYSTICK	       ((struct systick *)0xe000e010)
#define SYSTICK_ENABLE 7u /* on, with interrupt, from the core's clock */
#define SYSTICK_PERIOD (CLOCK_HZ / 10)

#define NVIC_ENABLE	   (*(volatile uint32_t *)0xe000e100)
#define NVIC_UNPEND	   (*(volatile uint32_t *)0xe000e280)
#define ICSR		   (*(volatile uint32_t *)0xe000ed04)
#define ICSR_CLEAR_SYSTICK (1u << 25)
#define AIRCR		   (*(volatile uint32_t *)0xe000ed0c)
#define AIRCR_RESET	   (0x05fau << 16 | 1u << 2)

#define SPINS_BEFORE_SLEEP 20000

#define SYS_EXIT_EXTENDED    0x20
#define ADP_APPLICATION_EXIT 0x20026

volatile uint8_t board_has_ended;

int microtvm_platform_init(void)
{
	UART->divider = UART_DIVIDER;
	UART->control = UART_TX_ENABLE | UART_RX_ENABLE;
	NVIC_ENABLE = 1u << UART_RX_IRQ; /* it only wakes: interrupts stay masked */
	NVIC_ENABLE = 1u << BOARD_WATCH_IRQ;
	SYSTICK->reload = SYSTICK_PERIOD - 1;
	SYSTICK->value = 0;
	TIMER->reload = UINT32_MAX;
	TIMER->value = UINT32_MAX;
	TIMER->control = TIMER_ENABLE;
	return 0;
}

const struct microtvm_platform_info *microtvm_platform_info(void)
{
	static struct microtvm_platform_info info = {
		.board = MICROTVM_BOARD,
		.cpu = MICROTVM_CPU,
		.clock_hz = CLOCK_HZ,
		.tick_hz = CLOCK_HZ,
		.receive_buffer = 0, /* QEMU's line waits for the UART */
	};

	info.stack_size = (uint32_t)((uintptr_t)__main_stack_end - (uintptr_t)__main_stack_start);
	return &info;
}

uint32_t microtvm_platform_ticks(void)
{
	return UINT32_MAX - TIMER->value; /* it counts down */
}

/* Sleeps until a byte comes or the system timer's period is over. */
static void sleep(void)
{
	UART->control = UART_TX_ENABLE | UART_RX_ENABLE | UART_RX_INTERRUPT;
	SYSTICK->control = SYSTICK_ENABLE;
	__asm volatile("dsb\n\twfi\n\tisb" ::: "memory");
	SYSTICK->control = 0;
	UART->control = UART_TX_ENABLE | UART_RX_ENABLE;
	ICSR = ICSR_CLEAR_SYSTICK;
	UART->interrupts = UART_RX_PENDING;
	NVIC_UNPEND = 1u << UART_RX_IRQ;
}

static int wait_for_byte(uint32_t timeout_ms)
{
	uint64_t timeout = (uint64_t)timeout_ms * (CLOCK_HZ / 1000);
	uint64_t waited = 0;
	uint32_t before = microtvm_platform_ticks();

	for (uint32_t spins = 0; !(UART->state & UART_RX_FULL); spins++) {
		uint32_t now = microtvm_platform_ticks();

		waited += now - before;
		before = now;
		if (waited >= timeout) {
			return 0;
		}
		if (spins > SPINS_BEFORE_SLEEP) {
			sleep();
		}
	}
	return 1;
}

size_t microtvm_platform_read(uint8_t *buffer, size_t size, uint32_t timeout_ms)
{
	size_t count = 0;

	if (!wait_for_byte(timeout_ms)) {
		return 0;
	}
	while (count < size && (UART->state & UART_RX_FULL)) {
		buffer[count++] = (uint8_t)UART->data;
	}
	return count;
}

void microtvm_platform_write(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		while (UART->state & UART_TX_FULL) {
		}
		UART->data = data[i];
	}
}

/* Interrupts are taken only while a layer runs, and then none but this one can come. */
void microtvm_platform_watch(int layer_runs)
{
	__asm volatile("cpsid i" ::: "memory");
	WATCH->control = 0;
	WATCH->interrupts = TIMER_PENDING;
	NVIC_UNPEND = 1u << BOARD_WATCH_IRQ;
	if (layer_runs && WATCH_TICKS != 0) {
		WATCH->reload = WATCH_TICKS;
		WATCH->value = WATCH_TICKS;
		WATCH->control = TIMER_ENABLE | TIMER_INTERRUPT;
		__asm volatile("cpsie i" ::: "memory");
	}
}

void *microtvm_platform_kept(void)
{
	return __kept_start;
}

void microtvm_platform_keep(void)
{
	/* Start-up leaves the caches off. */
}

uint32_t microtvm_platform_stack_used(void)
{
	const uint32_t *word = __main_stack_start;

	while (word < __main_stack_end && *word == BOARD_STACK_PAINT) {
		word++;
	}
	return (uint32_t)((uintptr_t)__main_stack_end - (uintptr_t)word);
}

_Noreturn void microtvm_platform_reset(void)
{
	__asm volatile("dsb" ::: "memory");
	AIRCR = AIRCR_RESET;
	for (;;) {
	}
}

/* Leaves QEMU by semihosting. Where that is not switched on the breakpoint is a fault. */
_Noreturn void microtvm_platform_exit(int status)
{
	const uint32_t arguments[2] = {ADP_APPLICATION_EXIT, (uint32_t)status};
	register uint32_t operation __asm("r0") = SYS_EXIT_EXTENDED;
	register const uint32_t *block __asm("r1") = arguments;

	board_has_ended = 1;
	__asm volatile("bkpt 0xab" : : "r"(operation), "r"(block) : "memory");
	for (;;) {
	}
}
