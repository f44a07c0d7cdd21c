/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The contract of a port: everything that the portable code asks of a board
 * or an operating system. A port implements these calls once and calls
 * microtvm_on_fault(); nothing else of the firmware knows the hardware.
 *
 * All calls come from one thread and none from an interrupt, but those that a
 * fault makes.
 */
#ifndef MICROTVM_PLATFORM_H_
#define MICROTVM_PLATFORM_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What does not change while the firmware runs. The strings are not empty. */
struct microtvm_platform_info {
	const char *board;   /* as the project option board names it: "mps2_an386" */
	const char *cpu;     /* "cortex-m4" */
	uint32_t clock_hz;   /* of the core, 0 if it is not known */
	uint32_t tick_hz;    /* of microtvm_platform_ticks() */
	uint32_t stack_size; /* bytes of the stack on which models run */
	/* Bytes from the host that are kept while nobody reads. 0: the line itself waits. */
	uint32_t receive_buffer;
};

/* Called once, first of all. Returns 0, or a negative error number. */
int microtvm_platform_init(void);

const struct microtvm_platform_info *microtvm_platform_info(void);

/*
 * Reads up to `size` bytes (at least 1) from the host. Waits until there is
 * one byte or `timeout_ms` have passed, then takes what is there without
 * waiting for more. Returns the bytes read, 0 after the timeout. Bytes that
 * come while nobody reads may be lost: the protocol repeats them.
 */
size_t microtvm_platform_read(uint8_t *buffer, size_t size, uint32_t timeout_ms);

/* Sends all `size` bytes to the host and returns once they are accepted. */
void microtvm_platform_write(const uint8_t *data, size_t size);

/* A counter that goes up by one tick and wraps at 2^32. */
uint32_t microtvm_platform_ticks(void);

/* The most bytes of stack that were ever in use, out of info's stack_size. */
uint32_t microtvm_platform_stack_used(void);

/* Starts the firmware again as after power-on. */
_Noreturn void microtvm_platform_reset(void);

/*
 * Ends a program that has an end: leaves the emulator with `status` where
 * there is one to leave, otherwise stops.
 */
_Noreturn void microtvm_platform_exit(int status);

/* How long a layer may take, of the device's own time; 0: as long as it takes. */
#ifndef MICROTVM_LAYER_TIMEOUT_MS
#define MICROTVM_LAYER_TIMEOUT_MS 10000
#endif

#if MICROTVM_LAYER_TIMEOUT_MS < 0 || MICROTVM_LAYER_TIMEOUT_MS > 100000
#error "MICROTVM_LAYER_TIMEOUT_MS must be 0 to 100000"
#endif

/*
 * Tells the port that a layer starts, or with 0 that it has ended. One that has
 * not ended MICROTVM_LAYER_TIMEOUT_MS later, or up to a quarter of that more, is
 * interrupted by a timer, and the port calls microtvm_on_fault().
 */
void microtvm_platform_watch(int layer_runs);

/*
 * MICROTVM_KEPT_BYTES of RAM, aligned to 4, that no start of the firmware
 * changes. After power-on they hold anything. A port that has no such RAM gives
 * other RAM: then nothing is known of earlier starts.
 */
#define MICROTVM_KEPT_BYTES 160
void *microtvm_platform_kept(void);

/* Called after kept bytes were written: a port with a cache lets them reach the RAM. */
void microtvm_platform_keep(void);

/* Registers in the order in which a Cortex-M core stores them, and the stack pointer. */
enum microtvm_register {
	MICROTVM_R0,
	MICROTVM_R1,
	MICROTVM_R2,
	MICROTVM_R3,
	MICROTVM_R12,
	MICROTVM_LR,
	MICROTVM_PC,
	MICROTVM_XPSR,
	MICROTVM_SP, /* of the code that was interrupted, from before anything was stored */
	MICROTVM_REGISTERS,
};

/* Why a core stopped. Registers that a port cannot know are 0. */
struct microtvm_fault {
	const char *reason; /* "hard fault", "stack overflow", ... */
	const char *thread; /* whose code it was: "main", or "" if that is not known */
	uint32_t registers[MICROTVM_REGISTERS];
	uint32_t fault_status;	    /* CFSR on Cortex-M */
	uint32_t hard_fault_status; /* HFSR */
	uint32_t address;	    /* that was accessed; of a stack that overflowed, outside it */
	uint8_t timed_out; /* whether it was microtvm_platform_watch() that ended the code */
};

/*
 * Implemented by each program, called by the port, with interrupts off and on
 * a stack that can be used, when the core cannot go on.
 */
_Noreturn void microtvm_on_fault(const struct microtvm_fault *fault);

#ifdef __cplusplus
}
#endif

#endif /* MICROTVM_PLATFORM_H_ */
