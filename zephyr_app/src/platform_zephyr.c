/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The port to Zephyr, which with fault_zephyr.c alone knows Zephyr. */
#include <errno.h>
#include <stdbool.h>

#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>
#include <zephyr/sys/util.h>
#include <zephyr/timing/timing.h>

#include <microtvm/framing.h>
#include <microtvm/platform.h>

#include "platform_zephyr.h"

#define CONSOLE DT_CHOSEN(zephyr_console)

#if !DT_HAS_CHOSEN(zephyr_console)
#error "The devicetree chooses no zephyr,console: name the UART to the host in an overlay"
#endif

BUILD_ASSERT(CONFIG_MICROTVM_RX_BUFFER_SIZE >= MICROTVM_COBS_MAX(MICROTVM_FRAME_MAX) + 2,
	     "A frame must fit the receive buffer: raise MICROTVM_RX_BUFFER_SIZE");

/* Time for the last bytes to leave the UART: 16 of them at 38400 bits a second. */
#define DRAIN_MICROSECONDS 5000

/* The end of the RAM, which no section may reach: zephyr/kept.ld. */
extern uint8_t __kept_start[], __kept_end[];

/* Cleans a line of the data cache by its address. */
#define DCCMVAC	   (*(volatile uint32_t *)0xe000ef68)
#define CACHE_LINE 32

#define SEMIHOSTING_EXIT_EXTENDED    0x20
#define SEMIHOSTING_APPLICATION_EXIT 0x20026

static const struct device *const uart = DEVICE_DT_GET(CONSOLE);

RING_BUF_DECLARE(received, CONFIG_MICROTVM_RX_BUFFER_SIZE);
K_SEM_DEFINE(received_some, 0, 1);

static struct microtvm_platform_info info = {
	.board = MICROTVM_BOARD,
	.cpu = MICROTVM_CPU,
	.receive_buffer = CONFIG_MICROTVM_RX_BUFFER_SIZE,
};
static bool core_counts_cycles;
/* Of the thread that runs the models, before any guard was taken from it. */
static uintptr_t stack_start;
bool microtvm_zephyr_leaving;

/*
 * Bytes that find no room are dropped. Errors must be asked for: some drivers
 * interrupt again and again until they have been read.
 */
static void on_uart(const struct device *dev, void *unused)
{
	uint8_t bytes[16];

	ARG_UNUSED(unused);
	(void)uart_err_check(dev);
	while (uart_irq_update(dev) > 0 && uart_irq_rx_ready(dev) > 0) {
		int count = uart_fifo_read(dev, bytes, sizeof(bytes));

		if (count <= 0) {
			break;
		}
		(void)ring_buf_put(&received, bytes, (uint32_t)count);
		k_sem_give(&received_some);
	}
}

/*
 * A byte that came before its interrupt was enabled would never raise it, nor
 * would those behind it: it is taken here.
 */
static void start_receiving(void)
{
	unsigned int key = irq_lock();
	uint8_t byte;

	uart_irq_rx_enable(uart);
	while (uart_poll_in(uart, &byte) == 0) {
		(void)ring_buf_put(&received, &byte, 1);
	}
	irq_unlock(key);
}

/*
 * Zephyr's timing functions read the core's own cycle counter, which QEMU
 * lacks: there the system timer counts, at its own rate.
 */
static bool start_core_counter(void)
{
#if defined(CONFIG_TIMING_FUNCTIONS)
	timing_t before;

	timing_init();
	timing_start();
	before = timing_counter_get();
	k_busy_wait(10);
	return timing_counter_get() != before;
#else
	return false;
#endif
}

static uint32_t counter_frequency(void)
{
#if defined(CONFIG_TIMING_FUNCTIONS)
	if (core_counts_cycles) {
		return (uint32_t)timing_freq_get();
	}
#endif
	return (uint32_t)sys_clock_hw_cycles_per_sec();
}

/* SysTick and the cycle counter run at the core's clock, other timers do not. */
static uint32_t core_frequency(void)
{
	if (core_counts_cycles || IS_ENABLED(CONFIG_CORTEX_M_SYSTICK)) {
		return counter_frequency();
	}
	return DT_PROP_OR(DT_PATH(cpus, cpu_0), clock_frequency, 0);
}

/*
 * A guard of 32 bytes is easily stepped over. A thread that has used the FPU
 * gets one of MPU_STACK_GUARD_MIN_SIZE_FLOAT bytes, from when it is next
 * switched to.
 */
static void enlarge_guard(void)
{
#if defined(CONFIG_MPU_STACK_GUARD) && defined(CONFIG_FPU_SHARING)
	__asm__ volatile("vmov.f32 s0, s0" ::: "s0");
	(void)k_msleep(1);
#endif
}

/*
 * Zephyr 3.4 takes the guard of a thread that uses the FPU from its stack. 4.1
 * gives it room besides, and counts that as the stack's until the guard is there.
 */
static void note_stack(void)
{
	uintptr_t size = k_current_get()->stack_info.size;

	info.stack_size = (uint32_t)MIN(size, CONFIG_MAIN_STACK_SIZE);
	stack_start = k_current_get()->stack_info.start + size - info.stack_size;
}

int microtvm_platform_init(void)
{
	int status;

	if (!device_is_ready(uart)) {
		return -ENODEV;
	}
	core_counts_cycles = start_core_counter();
	info.clock_hz = core_frequency();
	info.tick_hz = counter_frequency();
	note_stack();
	enlarge_guard();
	microtvm_zephyr_start_watch();
	status = uart_irq_callback_user_data_set(uart, on_uart, NULL);
	if (status == 0) {
		start_receiving();
	}
	return status;
}

/* A fault may ask before the program has come to its start. */
const struct microtvm_platform_info *microtvm_platform_info(void)
{
	if (info.tick_hz == 0) {
		info.tick_hz = counter_frequency();
	}
	return &info;
}

/* The semaphore is cleared first, so that it can only be given by a byte not yet seen here. */
size_t microtvm_platform_read(uint8_t *buffer, size_t size, uint32_t timeout_ms)
{
	uint32_t count;

	k_sem_reset(&received_some);
	count = ring_buf_get(&received, buffer, size);
	if (count == 0 && k_sem_take(&received_some, K_MSEC(timeout_ms)) == 0) {
		count = ring_buf_get(&received, buffer, size);
	}
	return count;
}

void microtvm_platform_write(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uart_poll_out(uart, data[i]);
	}
}

uint32_t microtvm_platform_ticks(void)
{
#if defined(CONFIG_TIMING_FUNCTIONS)
	if (core_counts_cycles) {
		return (uint32_t)timing_counter_get();
	}
#endif
	return k_cycle_get_32();
}

void *microtvm_platform_kept(void)
{
	return __kept_start;
}

void microtvm_platform_keep(void)
{
#if defined(CONFIG_CPU_CORTEX_M7)
	__asm__ volatile("dsb" ::: "memory");
	for (const uint8_t *at = __kept_start; at < __kept_end; at += CACHE_LINE) {
		DCCMVAC = (uint32_t)(uintptr_t)at;
	}
	__asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
}

uint32_t microtvm_platform_stack_used(void)
{
	uintptr_t end = stack_start + info.stack_size;
	size_t unused = 0;

	(void)k_thread_stack_space_get(k_current_get(), &unused);
	return (uint32_t)(end - k_current_get()->stack_info.start - unused);
}

_Noreturn void microtvm_platform_reset(void)
{
	k_busy_wait(DRAIN_MICROSECONDS);
	sys_reboot(SYS_REBOOT_COLD);
	CODE_UNREACHABLE;
}

_Noreturn void microtvm_platform_exit(int status)
{
	microtvm_zephyr_leaving = true;
	k_busy_wait(DRAIN_MICROSECONDS);
#if defined(CONFIG_MICROTVM_SEMIHOSTING)
	uint32_t arguments[2] = {SEMIHOSTING_APPLICATION_EXIT, (uint32_t)status};
	register uint32_t operation __asm__("r0") = SEMIHOSTING_EXIT_EXTENDED;
	register uint32_t *argument __asm__("r1") = arguments;

	__asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(argument) : "memory");
#else
	ARG_UNUSED(status);
#endif
	for (;;) {
		/* Faults end here too, so that no call which waits is allowed. */
	}
}
