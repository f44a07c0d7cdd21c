/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Asks the emulator to create the file TARGET on its host, then to end. */
#include <stdint.h>

#define SYS_OPEN	     0x01
#define SYS_EXIT_EXTENDED    0x20
#define ADP_APPLICATION_EXIT 0x20026
#define MODE_WRITE	     4

_Noreturn void reset_handler(void);

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[2] = {
	0x20010000,
	(uintptr_t)reset_handler,
};

static void call_host(int operation, const uintptr_t *parameters)
{
	register int r0 __asm("r0") = operation;
	register const uintptr_t *r1 __asm("r1") = parameters;

	__asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

_Noreturn void reset_handler(void)
{
	const uintptr_t file[] = {(uintptr_t)TARGET, MODE_WRITE, sizeof(TARGET) - 1};
	const uintptr_t end[] = {ADP_APPLICATION_EXIT, 0};

	call_host(SYS_OPEN, file);
	call_host(SYS_EXIT_EXTENDED, end);
	for (;;) {
	}
}
