/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * machine.h on QEMU's MPS2 boards, started by zephyr_app/baremetal/startup.c:
 * semihosting to print and to leave, a painted stack, and bytes behind each
 * piece of memory that must stay as they are.
 */
#include "machine.h"

#define SYS_WRITEC	     0x03
#define SYS_EXIT_EXTENDED    0x20
#define ADP_APPLICATION_EXIT 0x20026

#define ARENA_SIZE 0x80000
#define BLOCKS	   8
#define BEHIND	   16
#define WATCHED	   0x3c
#define PAINT	   0xa5a5a5a5u

extern uint32_t __main_stack_start[];
_Noreturn void machine_exit(int status);
void board_fault_entry(void);
int main(void);

static _Alignas(8) uint8_t arena[ARENA_SIZE];
static size_t used, blocks[BLOCKS], count, stack_used;
static uint32_t *mark;

void *machine_take(size_t size)
{
	uint8_t *block = arena + used;

	if (count == BLOCKS || size + BEHIND > ARENA_SIZE - used) {
		machine_print("no memory\n", NULL);
		machine_exit(1);
	}
	for (size_t i = 0; i < BEHIND; i++) {
		block[size + i] = WATCHED;
	}
	blocks[count++] = used + size;
	used = (used + size + BEHIND + 7) / 8 * 8;
	return block;
}

void machine_begin(void)
{
	mark = NULL;
}

void machine_end(void)
{
	used = 0;
	count = 0;
}

int machine_is_whole(void)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < BEHIND; j++) {
			if (arena[blocks[i] + j] != WATCHED) {
				return 0;
			}
		}
	}
	return 1;
}

/* The first of a pair paints what is below it; the second looks how far the paint is gone. */
__attribute__((noinline)) void machine_mark(void)
{
	uint32_t *here = __builtin_frame_address(0);
	uint32_t *word = __main_stack_start;

	if (mark == NULL) {
		mark = here;
		for (here -= 16; word < here; word++) {
			*word = PAINT;
		}
		return;
	}
	while (word < mark && *word == PAINT) {
		word++;
	}
	if ((size_t)(mark - word) * sizeof(*word) > stack_used) {
		stack_used = (size_t)(mark - word) * sizeof(*word);
	}
}

size_t machine_stack_used(void)
{
	return stack_used;
}

static int semihosting(uint32_t operation, const void *argument)
{
	register uint32_t r0 __asm("r0") = operation;
	register const void *r1 __asm("r1") = argument;

	__asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
	return (int)r0;
}

static void print_character(char character)
{
	(void)semihosting(SYS_WRITEC, &character);
}

static void print_number(int32_t number)
{
	uint32_t value = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
	char digits[10];
	int length = 0;

	if (number < 0) {
		print_character('-');
	}
	do {
		digits[length++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (length > 0) {
		print_character(digits[--length]);
	}
}

void machine_print(const char *text, const int32_t *numbers)
{
	for (; *text; text++) {
		if (*text == '%') {
			print_number(*numbers++);
		} else {
			print_character(*text);
		}
	}
}

_Noreturn void machine_exit(int status)
{
	const uint32_t arguments[2] = {ADP_APPLICATION_EXIT, (uint32_t)status};

	(void)semihosting(SYS_EXIT_EXTENDED, arguments);
	for (;;) {
	}
}

void board_fault_entry(void)
{
	machine_print("fault\n", NULL);
	machine_exit(2);
}

int main(void)
{
	machine_exit(run_cases());
}
