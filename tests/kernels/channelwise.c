/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs the cases of a file on the kernels that treat each channel by itself,
 * and compares what they write byte by byte. Data, scratch and output lie in
 * memory of exactly their size, at the addresses that the case wants, with
 * guards around them.
 */
#include <stddef.h>
#include <stdint.h>

#include "microtvm/kernels/add_s8.h"
#include "microtvm/kernels/average_pool_s8.h"
#include "microtvm/kernels/depthwise_s8.h"
#include "microtvm/kernels/max_pool_s8.h"

#include "machine.h"

#define GUARD	    16
#define GUARD_BYTE  0x5a
#define UNSET_BYTE  0xa5
#define ARGUMENTS   24
#define END_OF_LIST (-1)

__asm(".section .rodata\n"
      ".balign 4\n"
      ".global channelwise_cases\n"
      "channelwise_cases: .incbin \"" CASES_FILE "\"\n"
      ".previous\n");
extern const int32_t channelwise_cases[];

enum { DEPTHWISE, ADD, AVERAGE_POOL, MAX_POOL };

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

typedef void (*depthwise_function)(int8_t *, const int8_t *, const int32_t *, void *, int32_t,
				   int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t,
				   int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t,
				   int32_t, int32_t, int32_t);

#define DEPTHWISE_FUNCTION(kernel, three, form, bits, rescale)                                     \
	microtvm_depthwise_##kernel##_s8_##form,
static const depthwise_function depthwise_functions[] = {
	MICROTVM_FOR_EACH_DEPTHWISE(DEPTHWISE_FUNCTION)};

static void run_depthwise(const struct header *header, const struct buffers *b)
{
	const int32_t *a = header->arguments;

	depthwise_functions[header->form](b->out, b->data, b->constants, b->scratch, a[0], a[1],
					  a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10],
					  a[11], a[12], a[13], a[14], a[15], a[16], a[17]);
}

/* Argument 0 is the count; the second operand lies behind the first one. */
static void run_add(const struct header *header, const struct buffers *b)
{
	static void (*const functions[])(int8_t *, const int8_t *, const int8_t *, const int32_t *,
					 int32_t, int32_t, int32_t) = {
		microtvm_add_s8_fast, microtvm_add_s8_any, microtvm_subtract_s8_fast,
		microtvm_subtract_s8_any};
	const int32_t *a = header->arguments;

	functions[header->form](b->out, b->data, b->data + a[0], b->constants, a[0], a[1], a[2]);
}

static void run_pool(const struct header *header, const struct buffers *b)
{
	const int32_t *a = header->arguments;

	if (header->operation == AVERAGE_POOL) {
		microtvm_average_pool_s8(b->out, b->data, a[0], a[1], a[2], a[3], a[4], a[5], a[6],
					 a[7], a[8], a[9], a[10], a[11], a[12]);
	} else {
		microtvm_max_pool_s8(b->out, b->data, a[0], a[1], a[2], a[3], a[4], a[5], a[6],
				     a[7], a[8], a[9], a[10], a[11], a[12]);
	}
}

static void run_case(const struct header *header, const struct buffers *buffers)
{
	machine_mark();
	if (header->operation == DEPTHWISE) {
		run_depthwise(header, buffers);
	} else if (header->operation == ADD) {
		run_add(header, buffers);
	} else {
		run_pool(header, buffers);
	}
	machine_mark();
}

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
	run_case(header, &buffers);
	if (!is_guarded(own_data, header->data_offset) || !is_guarded(scratch, 0) ||
	    !is_guarded(out, header->out_offset) || !machine_is_whole()) {
		machine_print("case %: a guard was overwritten\n", &index);
		return 0;
	}
	return is_expected(header, out, expected, index);
}

int run_cases(void)
{
	const int32_t *next = channelwise_cases;
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
