/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs the cases of a file on kernels and compares what they write byte by
 * byte. Data, scratch and output lie in memory of exactly their size, at the
 * addresses that the case wants, with guards around them. The program that
 * includes this says how a case is run, and how much scratch the C headers want
 * for it.
 */
#ifndef MICROTVM_TESTS_CASES_H_
#define MICROTVM_TESTS_CASES_H_

#include <stddef.h>
#include <stdint.h>

#include "machine.h"

#define GUARD	    16
#define GUARD_BYTE  0x5a
#define UNSET_BYTE  0xa5
#define ARGUMENTS   24
#define END_OF_LIST (-1)

__asm(".section .rodata\n"
      ".balign 4\n"
      ".global cases_file\n"
      "cases_file: .incbin \"" CASES_FILE "\"\n"
      ".previous\n");
extern const int32_t cases_file[];

/* The words in front of a case's data, constants and expected output. */
struct header {
	int32_t operation;
	int32_t form;
	int32_t data_offset; /* from a multiple of 8 */
	int32_t out_offset;
	int32_t data_size;
	int32_t constant_words;
	int32_t scratch_size;
	int32_t out_size;
	int32_t arguments[ARGUMENTS];
};

struct buffers {
	const int8_t *data;
	const int32_t *constants;
	void *scratch;
	int8_t *out;
};

static void run_case(const struct header *header, const struct buffers *buffers);
static int32_t scratch_size(const struct header *header);

/* Memory with guards before and after it; `size` bytes from `offset` on are given away. */
static int8_t *take(int32_t offset, int32_t size)
{
	int8_t *memory = machine_take((size_t)(GUARD + offset + size));

	for (int32_t i = 0; i < GUARD + offset; i++) {
		memory[i] = GUARD_BYTE;
	}
	for (int32_t i = 0; i < size; i++) {
		memory[GUARD + offset + i] = (int8_t)UNSET_BYTE;
	}
	return memory + GUARD + offset;
}

/* Whether the bytes before a buffer are whole; what is after it, the machine watches. */
static int is_guarded(const int8_t *buffer, int32_t offset)
{
	for (int32_t i = 1; i <= GUARD + offset; i++) {
		if (buffer[-i] != GUARD_BYTE) {
			return 0;
		}
	}
	return 1;
}

static int is_expected(const struct header *header, const int8_t *out, const int8_t *expected,
		       int32_t index)
{
	for (int32_t i = 0; i < header->out_size; i++) {
		if (out[i] != expected[i]) {
			machine_print("case %, output %: % instead of %\n",
				      (const int32_t[]){index, i, out[i], expected[i]});
			return 0;
		}
	}
	return 1;
}

static int check_case(const struct header *header, const int8_t *data, const int32_t *constants,
		      const int8_t *expected, int32_t index)
{
	int8_t *own_data = take(header->data_offset, header->data_size);
	int8_t *scratch = take(0, header->scratch_size);
	int8_t *out = take(header->out_offset, header->out_size);
	struct buffers buffers = {own_data, constants, scratch, out};

	for (int32_t i = 0; i < header->data_size; i++) {
		own_data[i] = data[i];
	}
	if (scratch_size(header) != header->scratch_size) {
		machine_print("case %: % bytes of scratch instead of %\n",
			      (const int32_t[]){index, header->scratch_size, scratch_size(header)});
		return 0;
	}
	machine_mark();
	run_case(header, &buffers);
	machine_mark();
	if (!is_guarded(own_data, header->data_offset) || !is_guarded(scratch, 0) ||
	    !is_guarded(out, header->out_offset) || !machine_is_whole()) {
		machine_print("case %: a guard was overwritten\n", &index);
		return 0;
	}
	return is_expected(header, out, expected, index);
}

int run_cases(void)
{
	const int32_t *next = cases_file;
	int32_t index = 0;

	for (; *next != END_OF_LIST; index++) {
		const struct header *header = (const struct header *)next;
		const int32_t *data = next + sizeof(*header) / sizeof(*next);
		const int32_t *constants = data + (header->data_size + 3) / 4;
		const int32_t *expected = constants + header->constant_words;

		machine_begin();
		if (!check_case(header, (const int8_t *)data, constants, (const int8_t *)expected,
				index)) {
			return 1;
		}
		machine_end();
		next = expected + (header->out_size + 3) / 4;
	}
	machine_print("% cases, % bytes of stack\n",
		      (const int32_t[]){index, (int32_t)machine_stack_used()});
	return 0;
}

#endif /* MICROTVM_TESTS_CASES_H_ */
