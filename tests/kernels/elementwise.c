/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Cases of the kernels of operators without weights. */
#include "cases.h"

#include "microtvm/kernels/add_s8.h"
#include "microtvm/kernels/average_pool_s8.h"
#include "microtvm/kernels/max_pool_s8.h"
#include "microtvm/kernels/multiply_s8.h"

enum { ADD, MULTIPLY, AVERAGE_POOL, MAX_POOL };

typedef void (*binary_function)(int8_t *, const int8_t *, const int8_t *, const int32_t *, int32_t,
				int32_t, int32_t, int32_t, int32_t, int32_t);

/* Argument 0 tells where the second operand lies behind the first one. */
static void run_binary(const struct header *header, const struct buffers *b)
{
	static const binary_function adds[] = {
		microtvm_add_s8_near,	   microtvm_add_s8_ties,      microtvm_add_s8_any,
		microtvm_add_with_s8_near, microtvm_add_with_s8_ties, microtvm_add_with_s8_any,
	};
	static const binary_function multiplications[] = {
		microtvm_multiply_s8_twice,
		microtvm_multiply_s8_any,
		microtvm_multiply_with_s8_twice,
		microtvm_multiply_with_s8_any,
	};
	const int32_t *a = header->arguments;
	const binary_function *functions = header->operation == ADD ? adds : multiplications;

	functions[header->form](b->out, b->data, b->data + a[0], b->constants, a[1], a[2], a[3],
				a[4], a[5], a[6]);
}

static void run_pool(const struct header *header, const struct buffers *b)
{
	const int32_t *a = header->arguments;

	if (header->operation == AVERAGE_POOL) {
		microtvm_average_pool_s8(b->out, b->data, a[0], a[1], a[2], a[3], a[4], a[5], a[6],
					 a[7], a[8], a[9], a[10], a[11], a[12], a[13]);
	} else {
		microtvm_max_pool_s8(b->out, b->data, a[0], a[1], a[2], a[3], a[4], a[5], a[6],
				     a[7], a[8], a[9], a[10], a[11], a[12], a[13]);
	}
}

static int32_t scratch_size(const struct header *header)
{
	(void)header;
	return 0;
}

static void run_case(const struct header *header, const struct buffers *buffers)
{
	switch (header->operation) {
	case ADD:
	case MULTIPLY:
		run_binary(header, buffers);
		break;
	default:
		run_pool(header, buffers);
	}
}
