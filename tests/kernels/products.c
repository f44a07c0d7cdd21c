/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Runs cases of matrix products, convolutions and dense layers: cases.h. */
#include "microtvm/kernels/conv2d_s8.h"
#include "microtvm/kernels/dense_direct_s8.h"
#include "microtvm/kernels/matmul_pairs_s8.h"
#include "microtvm/kernels/matmul_s8.h"

#include "cases.h"

enum { MATMUL, CONV2D, DENSE, DENSE_DIRECT, MATMUL_PAIRS };

/* Names of forms become numbers, in this order. */
#define FORM(name) FORM_##name,
enum { MICROTVM_FOR_EACH_BLOCKS(FORM) };
#define CASE(name)                                                                                 \
	case FORM_##name:                                                                          \
		CALL(name);                                                                        \
		break;

static void run_matmul(const struct buffers *b, int32_t form, const int32_t *a)
{
#define CALL(name)                                                                                 \
	microtvm_matmul_s8_##name(b->out, b->data, b->constants, b->scratch, a[0], a[1], a[2],     \
				  a[3], a[4])
	switch (form) {
		MICROTVM_FOR_EACH_BLOCKS(CASE)
	}
#undef CALL
}

static void run_matmul_pairs(const struct buffers *b, int32_t form, const int32_t *a)
{
#define CALL(name)                                                                                 \
	microtvm_matmul_pairs_s8_##name(b->out, b->data, b->constants, b->scratch, a[0], a[1],     \
					a[2], a[3], a[4])
	switch (form) {
		MICROTVM_FOR_EACH_BLOCKS(CASE)
	}
#undef CALL
}

/* Arguments 18: groups; 19: rows a call; 20: output height; 21: packed words of a group. */
static void run_conv2d_rows(const struct buffers *b, int32_t form, const int32_t *a, int32_t group,
			    int32_t row, int32_t rows)
{
	const int8_t *data = b->data + group * a[2];
	const int32_t *packed = b->constants + group * a[21];
	int8_t *out = b->out + row * a[13] * a[15] + group * a[14];

#define CALL(name)                                                                                 \
	microtvm_conv2d_s8_##name(out, data, packed, b->scratch, a[0], a[1], a[2], a[3], a[4],     \
				  a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[13], a[14], a[15], \
				  a[12], a[16], a[17], row, rows)
	switch (form) {
		MICROTVM_FOR_EACH_BLOCKS(CASE)
	}
#undef CALL
}

static void run_conv2d(const struct buffers *b, int32_t form, const int32_t *a)
{
	for (int32_t group = 0; group < a[18]; group++) {
		for (int32_t row = 0; row < a[20]; row += a[19]) {
			int32_t rows = row + a[19] <= a[20] ? a[19] : a[20] - row;

			run_conv2d_rows(b, form, a, group, row, rows);
		}
	}
}

static void run_dense(const struct buffers *b, int32_t form, const int32_t *a)
{
#define CALL(name)                                                                                 \
	microtvm_dense_s8_##name(b->out, b->data, b->constants, b->scratch, a[0], a[1], a[2],      \
				 a[3], a[4])
	switch (form) {
		CASE(w8_twice)
		CASE(w8_once)
		CASE(w8_relu)
		CASE(w8_twice_any)
		CASE(w8_once_any)
	}
#undef CALL
}

static void run_dense_direct(const struct buffers *b, int32_t form, const int32_t *a)
{
#define CALL(name)                                                                                 \
	microtvm_dense_direct_s8_##name(b->out, b->data, b->constants, a[0], a[1], a[2], a[3], a[4])
	switch (form) {
		CASE(w8_twice)
		CASE(w8_once)
		CASE(w8_relu)
		CASE(w8_twice_any)
		CASE(w8_once_any)
	}
#undef CALL
}

/* What the C headers say that the scratch must have. */
static int32_t scratch_size(const struct header *header)
{
	const int32_t *a = header->arguments;

	switch (header->operation) {
	case MATMUL:
		return MICROTVM_MATMUL_SCRATCH(a[1]);
	case CONV2D:
		return MICROTVM_CONV2D_SCRATCH(a[4], a[5], a[2], a[3],
					       (a[13] - 1) * a[7] + (a[5] - 1) * a[9] + 1, a[9]);
	case DENSE_DIRECT:
		return 0;
	case MATMUL_PAIRS:
		return MICROTVM_PAIRS_SCRATCH(a[1]);
	default:
		return MICROTVM_DENSE_SCRATCH(a[0]);
	}
}

static void run_case(const struct header *header, const struct buffers *buffers)
{
	switch (header->operation) {
	case MATMUL:
		run_matmul(buffers, header->form, header->arguments);
		break;
	case CONV2D:
		run_conv2d(buffers, header->form, header->arguments);
		break;
	case DENSE_DIRECT:
		run_dense_direct(buffers, header->form, header->arguments);
		break;
	case MATMUL_PAIRS:
		run_matmul_pairs(buffers, header->form, header->arguments);
		break;
	default:
		run_dense(buffers, header->form, header->arguments);
	}
}
