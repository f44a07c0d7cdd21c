/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What Zephyr tells of a fault becomes a report by the program. */
#include <string.h>

#include <zephyr/fatal.h>
#include <zephyr/kernel.h>

#include <microtvm/exception_frame.h>
#include <microtvm/join.h>
#include <microtvm/platform.h>

#include "platform_zephyr.h"

/* Zephyr 3.7 gave the exception frame another name, and this header. */
#if __has_include(<zephyr/arch/exception.h>)
typedef struct arch_esf exception_frame;
#else
typedef z_arch_esf_t exception_frame;
#endif

/* Of the core: what a hard fault was, and what a memory or a bus fault was about. */
#define HFSR  (*(volatile uint32_t *)0xe000ed2c)
#define MMFAR (*(volatile uint32_t *)0xe000ed34)
#define BFAR  (*(volatile uint32_t *)0xe000ed38)

/* The most bytes that a guard below a stack has. */
#define MOST_GUARD 1024

#define EXCEPTION_NUMBER  0x1ff /* in xpsr, 0 in a thread */
#define FPCCR		  (*(volatile uint32_t *)0xe000ef34)
#define FPCCR_LAZY_ACTIVE BIT(0)

/*
 * A timer that runs all the time, so that nothing is to be set for a layer: that
 * would take as long as a small one, and move the system timer by which it is
 * measured.
 */
#define WATCH_PERIODS 4
#define WATCH_PERIOD  K_MSEC(DIV_ROUND_UP(CONFIG_MICROTVM_LAYER_TIMEOUT_MS, WATCH_PERIODS))

/* Periods until the layer that runs has taken too long, 0 if none runs. */
static volatile uint32_t watch_left;

/* A check that failed, and where: 0 if none did. */
static struct {
	char reason[64];
	uint32_t from;
} failed_check;

struct fault_cause {
	unsigned int zephyrs;
	uint32_t status; /* the bit of CFSR that says so, which Zephyr has cleared */
	const char *reason;
};

#define MEMORY_PROTECTION "memory protection fault"
#define BUS		  "bus fault"
#define JUMP		  "jump to nowhere"
#define USAGE		  "usage fault"
#define FAILED_CHECK	  "failed check"

static const struct fault_cause causes[] = {
	{K_ERR_STACK_CHK_FAIL, 0, "stack overflow"},
	{K_ERR_SPURIOUS_IRQ, 0, "unexpected interrupt"},
	{K_ERR_KERNEL_OOPS, 0, FAILED_CHECK},
	{K_ERR_KERNEL_PANIC, 0, FAILED_CHECK},
#if defined(CONFIG_ARMV7_M_ARMV8_M_MAINLINE)
	{K_ERR_ARM_MEM_INSTRUCTION_ACCESS, BIT(0), JUMP},
	{K_ERR_ARM_MEM_DATA_ACCESS, BIT(1), MEMORY_PROTECTION},
	{K_ERR_ARM_MEM_UNSTACKING, BIT(3), MEMORY_PROTECTION},
	{K_ERR_ARM_MEM_STACKING, BIT(4), MEMORY_PROTECTION},
	{K_ERR_ARM_MEM_FP_LAZY_STATE_PRESERVATION, BIT(5), MEMORY_PROTECTION},
	{K_ERR_ARM_MEM_GENERIC, 0, MEMORY_PROTECTION},
	{K_ERR_ARM_BUS_INSTRUCTION_BUS, BIT(8), JUMP},
	{K_ERR_ARM_BUS_PRECISE_DATA_BUS, BIT(9), BUS},
	{K_ERR_ARM_BUS_IMPRECISE_DATA_BUS, BIT(10), BUS},
	{K_ERR_ARM_BUS_UNSTACKING, BIT(11), BUS},
	{K_ERR_ARM_BUS_STACKING, BIT(12), BUS},
	{K_ERR_ARM_BUS_FP_LAZY_STATE_PRESERVATION, BIT(13), BUS},
	{K_ERR_ARM_BUS_GENERIC, 0, BUS},
	{K_ERR_ARM_USAGE_UNDEFINED_INSTRUCTION, BIT(16), "undefined instruction"},
	{K_ERR_ARM_USAGE_ILLEGAL_EPSR, BIT(17), JUMP},
	{K_ERR_ARM_USAGE_ILLEGAL_EXC_RETURN, BIT(18), USAGE},
	{K_ERR_ARM_USAGE_NO_COPROCESSOR, BIT(19), USAGE},
	{K_ERR_ARM_USAGE_STACK_OVERFLOW, BIT(20), "stack overflow"},
	{K_ERR_ARM_USAGE_UNALIGNED_ACCESS, BIT(24), "unaligned access"},
	{K_ERR_ARM_USAGE_DIV_0, BIT(25), "division by zero"},
	{K_ERR_ARM_USAGE_GENERIC, 0, USAGE},
#endif
};

static const struct fault_cause *fault_cause(unsigned int reason)
{
	static const struct fault_cause other = {0, 0, "hard fault"};

	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (causes[i].zephyrs == reason) {
			return &causes[i];
		}
	}
	return &other;
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

/* What was accessed stays in its register when Zephyr clears the bit that says so. */
static uint32_t fault_address(const struct fault_cause *cause)
{
	switch (cause->zephyrs) {
	case K_ERR_STACK_CHK_FAIL:
		return overflow_address(k_current_get());
#if defined(CONFIG_ARMV7_M_ARMV8_M_MAINLINE)
	case K_ERR_ARM_MEM_DATA_ACCESS:
		return MMFAR;
	case K_ERR_ARM_BUS_PRECISE_DATA_BUS:
		return BFAR;
#endif
	default:
		return 0;
	}
}

/*
 * Reads the frame where the core stored it, on the thread's stack. Whether there
 * is room for the FPU's registers in it is in FPCCR until they are stored there,
 * which no handler causes that does not use them.
 */
static void read_thread_frame(struct microtvm_fault *fault)
{
	const uint32_t *frame;
	int extended = 0;

	__asm__ volatile("mrs %0, psp" : "=r"(frame));
#if defined(CONFIG_FPU)
	extended = (FPCCR & FPCCR_LAZY_ACTIVE) != 0;
#endif
	microtvm_read_frame(fault->registers, frame, extended);
}

/* Of a fault in an interrupt there is a copy, which does not tell its place. */
static void read_frame(struct microtvm_fault *fault, const exception_frame *frame)
{
	if ((frame->basic.xpsr & EXCEPTION_NUMBER) == 0) {
		read_thread_frame(fault);
		return;
	}
	microtvm_read_frame(fault->registers, (const uint32_t *)&frame->basic, 0);
	fault->registers[MICROTVM_SP] = 0;
}

static const char *running_thread(void)
{
	k_tid_t thread = k_current_get();
	const char *name = thread == NULL ? NULL : k_thread_name_get(thread);

	return name == NULL ? "" : name;
}

/* Runs in the system timer's interrupt, which the core entered from the thread that is watched. */
static void on_watch(struct k_timer *timer)
{
	struct microtvm_fault fault = {
		.reason = "no end in time",
		.thread = running_thread(),
		.timed_out = 1,
	};

	ARG_UNUSED(timer);
	if (watch_left == 0 || --watch_left > 0) {
		return;
	}
	(void)irq_lock();
	read_thread_frame(&fault);
	microtvm_on_fault(&fault);
}

K_TIMER_DEFINE(watch, on_watch, NULL);

void microtvm_zephyr_start_watch(void)
{
	if (CONFIG_MICROTVM_LAYER_TIMEOUT_MS > 0) {
		k_timer_start(&watch, WATCH_PERIOD, WATCH_PERIOD);
	}
}

/* The period that has begun counts for nothing. */
void microtvm_platform_watch(int layer_runs)
{
	watch_left = layer_runs ? WATCH_PERIODS + 1 : 0;
}

#if defined(CONFIG_ASSERT) && !defined(CONFIG_ASSERT_NO_FILE_INFO)
static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Zephyr's hook for a check that failed, __ASSERT(). */
void assert_post_action(const char *file, unsigned int line)
{
	struct microtvm_text reason = {failed_check.reason, sizeof(failed_check.reason), 0};

	microtvm_join(&reason, FAILED_CHECK " in ");
	microtvm_join(&reason, file_name(file));
	microtvm_join(&reason, ":");
	microtvm_join_unsigned(&reason, line);
	failed_check.from = (uint32_t)(uintptr_t)__builtin_return_address(0);
	k_panic();
}
#endif

/* The panic was in the hook above: what is of interest is who called that. */
static void add_failed_check(struct microtvm_fault *fault)
{
	if (failed_check.from != 0) {
		fault->reason = failed_check.reason;
		fault->registers[MICROTVM_PC] = failed_check.from & ~1u;
	}
}

/*
 * Zephyr calls this in the exception's handler, on the interrupt stack, after
 * it has cleared the fault registers. Where a stack overflowed, the core had no
 * place to store registers.
 */
void k_sys_fatal_error_handler(unsigned int reason, const exception_frame *frame)
{
	const struct fault_cause *cause = fault_cause(reason);
	struct microtvm_fault fault = {
		.reason = cause->reason,
		.thread = running_thread(),
		.fault_status = cause->status,
		.hard_fault_status = HFSR,
		.address = fault_address(cause),
	};

	(void)irq_lock();
	if (frame != NULL && reason != K_ERR_STACK_CHK_FAIL) {
		read_frame(&fault, frame);
	}
	if (reason == K_ERR_KERNEL_PANIC) {
		add_failed_check(&fault);
	}
	while (microtvm_zephyr_leaving) {
		/* The emulator was started without semihosting: there is nowhere to go. */
	}
	microtvm_on_fault(&fault);
}
