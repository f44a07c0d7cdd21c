/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The port to Zephyr, and the only file that knows Zephyr. */
#include <errno.h>
#include <stdbool.h>

#include <zephyr/device.h>
#include <zephyr/devicetree.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/fatal.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/reboot.h>
#include <zephyr/sys/ring_buffer.h>
#include <zephyr/timing/timing.h>

#include <microtvm/framing.h>
#include <microtvm/platform.h>

#define CONSOLE DT_CHOSEN(zephyr_console)

#if !DT_HAS_CHOSEN(zephyr_console)
#error "The devicetree chooses no zephyr,console: name the UART to the host in an overlay"
#endif

BUILD_ASSERT(CONFIG_MICROTVM_RX_BUFFER_SIZE >= MICROTVM_COBS_MAX(MICROTVM_FRAME_MAX) + 2,
	     "A frame must fit the receive buffer: raise MICROTVM_RX_BUFFER_SIZE");

/* Zephyr 3.7 gave the exception frame another name, and this header. */
#if __has_include(<zephyr/arch/exception.h>)
typedef struct arch_esf exception_frame;
#else
typedef z_arch_esf_t exception_frame;
#endif

/* Time for the last bytes to leave the UART: 16 of them at 38400 bits a second. */
#define DRAIN_MICROSECONDS 5000

/* Of a memory management fault; and the most bytes that a guard below a stack has. */
#define MMFAR	   (*(volatile uint32_t *)0xe000ed34)
#define MOST_GUARD 1024

#define SEMIHOSTING_EXIT_EXTENDED    0x20
#define SEMIHOSTING_APPLICATION_EXIT 0x20026

static const struct device *const uart = DEVICE_DT_GET(CONSOLE);

RING_BUF_DECLARE(received, CONFIG_MICROTVM_RX_BUFFER_SIZE);
K_SEM_DEFINE(received_some, 0, 1);

static struct microtvm_platform_info info = {
	.board = MICROTVM_BOARD,
	.cpu = MICROTVM_CPU,
};
static bool core_counts_cycles;
/* Of the thread that runs the models, before any guard was taken from it. */
static uintptr_t stack_start;
static bool leaving;

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

int microtvm_platform_init(void)
{
	int status;

	if (!device_is_ready(uart)) {
		return -ENODEV;
	}
	core_counts_cycles = start_core_counter();
	info.clock_hz = core_frequency();
	info.tick_hz = counter_frequency();
	stack_start = k_current_get()->stack_info.start;
	info.stack_size = (uint32_t)k_current_get()->stack_info.size;
	enlarge_guard();
	status = uart_irq_callback_user_data_set(uart, on_uart, NULL);
	if (status == 0) {
		start_receiving();
	}
	return status;
}

const struct microtvm_platform_info *microtvm_platform_info(void)
{
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
	leaving = true;
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

static const char *fault_reason(unsigned int reason)
{
	switch (reason) {
	case K_ERR_STACK_CHK_FAIL:
		return "stack overflow";
	case K_ERR_SPURIOUS_IRQ:
		return "unexpected interrupt";
	case K_ERR_KERNEL_OOPS:
	case K_ERR_KERNEL_PANIC:
		return "failed check";
	case K_ERR_ARM_MEM_GENERIC ... K_ERR_ARM_MEM_FP_LAZY_STATE_PRESERVATION:
		return "memory protection fault";
	case K_ERR_ARM_BUS_GENERIC ... K_ERR_ARM_BUS_FP_LAZY_STATE_PRESERVATION:
		return "bus fault";
	case K_ERR_ARM_USAGE_DIV_0:
		return "division by zero";
	case K_ERR_ARM_USAGE_GENERIC:
	case K_ERR_ARM_USAGE_UNALIGNED_ACCESS ... K_ERR_ARM_USAGE_UNDEFINED_INSTRUCTION:
		return "usage fault";
	default:
		return "hard fault";
	}
}

/*
 * Where a thread's stack overflowed: what was accessed, if that still stands
 * in the register for it, and else the stack's end. Zephyr has cleared the bit that
 * says so.
 */
static uint32_t overflow_address(const struct k_thread *thread)
{
	uint32_t start = (uint32_t)thread->stack_info.start;
	uint32_t accessed = MMFAR;

	return accessed < start && start - accessed <= MOST_GUARD ? accessed : start;
}

/*
 * Zephyr calls this in the exception's handler, on the interrupt stack, after
 * it has cleared the fault registers.
 */
void k_sys_fatal_error_handler(unsigned int reason, const exception_frame *frame)
{
	const char *thread = k_thread_name_get(k_current_get());
	struct microtvm_fault fault = {
		.reason = fault_reason(reason),
		.thread = thread == NULL ? "" : thread,
		.pc = frame == NULL ? 0 : frame->basic.pc,
	};

	(void)irq_lock();
	if (reason == K_ERR_STACK_CHK_FAIL) {
		fault.pc = 0; /* the core had no place to store it */
		fault.address = overflow_address(k_current_get());
	}
	while (leaving) {
		/* The emulator was started without semihosting: there is nowhere to go. */
	}
	microtvm_on_fault(&fault);
}
