/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* machine.h on this host: AddressSanitizer watches the memory. */
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"

#define BLOCKS 8

static void *blocks[BLOCKS];
static size_t count;

void *machine_take(size_t size)
{
	void *block = malloc(size);

	if (block == NULL || count == BLOCKS) {
		abort();
	}
	blocks[count++] = block;
	return block;
}

void machine_begin(void)
{
}

void machine_end(void)
{
	while (count > 0) {
		free(blocks[--count]);
	}
}

int machine_is_whole(void)
{
	return 1;
}

void machine_mark(void)
{
}

size_t machine_stack_used(void)
{
	return 0;
}

void machine_print(const char *text, const int32_t *numbers)
{
	for (; *text; text++) {
		if (*text == '%') {
			printf("%d", (int)*numbers++);
		} else {
			putchar(*text);
		}
	}
}

int main(void)
{
	return run_cases();
}
