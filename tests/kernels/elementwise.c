/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Cases of the kernels of operators without weights. */
#include "cases.h"

#include "microtvm/kernels/add_s8.h"
#include "microtvm/kernels/average_pool_rows_s8.h"
#include "microtvm/kernels/average_pool_s8.h"
#include "microtvm/kernels/look_up_s8.h"
#include "microtvm/kernels/max_pool_rows_s8.h"
#include "microtvm/kernels/max_pool_s8.h"
#include "microtvm/kernels/mean_s8.h"
#include "microtvm/kernels/move_s8.h"
#include "microtvm/kernels/multiply_s8.h"
#include "microtvm/kernels/softmax_s8.h"

enum {
	ADD,
	MULTIPLY,
	AVERAGE_POOL,
	MAX_POOL,
	AVERAGE_POOL_ROWS,
	MAX_POOL_ROWS,
	MEAN,
	LOOK_UP,
	COPY,
	CONCATENATE,
	PAD,
	SOFTMAX,
};

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

static void run_pool_rows(const struct header *header, const struct buffers *b)
{
	const int32_t *a = header->arguments;

	if (header->operation == AVERAGE_POOL_ROWS) {
		microtvm_average_pool_rows_s8(b->out, b->data, b->scratch, a[0], a[1], a[2], a[3],
					      a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11],
					      a[12]);
	} else {
		microtvm_max_pool_rows_s8(b->out, b->data, b->scratch, a[0], a[1], a[2], a[3], a[4],
					  a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12]);
	}
}

/* The operands are one behind the other; a[0] rows of a[1], a[2], ... bytes. */
static void run_concatenate(const struct header *header, const struct buffers *b)
{
	const int32_t *a = header->arguments;
	const int8_t *in[4] = {b->data};

	for (int i = 1; i < 4; i++) {
		in[i] = in[i - 1] + a[0] * a[i];
	}
	if (header->form == 2) {
		microtvm_concatenate_s8_2(b->out, in[0], in[1], a[0], a[1], a[2]);
	} else if (header->form == 3) {
		microtvm_concatenate_s8_3(b->out, in[0], in[1], in[2], a[0], a[1], a[2], a[3]);
	} else {
		microtvm_concatenate_s8_4(b->out, in[0], in[1], in[2], in[3], a[0], a[1], a[2],
					  a[3], a[4]);
	}
}

static void run_move(const struct header *header, const struct buffers *b)
{
	const int32_t *a = header->arguments;

	if (header->operation == COPY) {
		microtvm_copy_s8(b->out, b->data, a[0]);
	} else if (header->operation == CONCATENATE) {
		run_concatenate(header, b);
	} else {
		microtvm_pad_s8(b->out, b->data, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
	}
}

/* In words. */
static int32_t scratch_size(const struct header *header)
{
	const int32_t width = header->arguments[2];

	switch (header->operation) {
	case AVERAGE_POOL_ROWS:
		return (width + 1) / 2 * 4;
	case MAX_POOL_ROWS:
		return (width + 3) / 4 * 4;
	default:
		return 0;
	}
}

static void run_case(const struct header *header, const struct buffers *b)
{
	const int32_t *a = header->arguments;

	switch (header->operation) {
	case ADD:
	case MULTIPLY:
		run_binary(header, b);
		break;
	case AVERAGE_POOL:
	case MAX_POOL:
		run_pool(header, b);
		break;
	case AVERAGE_POOL_ROWS:
	case MAX_POOL_ROWS:
		run_pool_rows(header, b);
		break;
	case MEAN:
		microtvm_mean_s8(b->out, b->data, a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
		break;
	case LOOK_UP:
		microtvm_look_up_s8(b->out, b->data, (const int8_t *)b->constants, a[0]);
		break;
	case SOFTMAX:
		microtvm_softmax_s8(b->out, b->data, b->constants, a[0], a[1]);
		break;
	default:
		run_move(header, b);
	}
}
