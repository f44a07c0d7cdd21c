/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Runs cases of matrix products, convolutions and dense layers of int16: cases.h. */
#include "microtvm/kernels/dense_s16.h"
#include "microtvm/kernels/matmul_s16.h"

#include "cases.h"

enum { MATMUL, CONV2D, DENSE };

/* Names of forms become numbers, in this order. */
#define FORM(name) FORM_##name,
enum { MICROTVM_FOR_EACH_S16(FORM) };
#define CASE(name)                                                                                 \
	case FORM_##name:                                                                          \
		CALL(name);                                                                        \
		break;

static void run_matmul(const struct header *header, int16_t *out, const int16_t *data,
		       const struct buffers *b)
{
	const int32_t *a = header->arguments;

#define CALL(name)                                                                                 \
	microtvm_matmul_s16_##name(out, data, b->constants, b->scratch, a[0], a[1], a[2], a[3],    \
				   a[4])
	switch (header->form) {
		MICROTVM_FOR_EACH_S16(CASE)
	}
#undef CALL
}

/* Arguments 17: groups; 18: rows a call; 19: output height; 20: packed words of a group. */
static void run_conv2d_rows(const struct header *header, int16_t *out, const int16_t *data,
			    const struct buffers *b, int32_t group, int32_t row)
{
	const int32_t *a = header->arguments;
	const int32_t *packed = b->constants + group * a[20];
	int32_t rows = row + a[18] <= a[19] ? a[18] : a[19] - row;

	data += group * a[2];
	out += row * a[12] * a[14] + group * a[13];
#define CALL(name)                                                                                 \
	microtvm_conv2d_s16_##name(out, data, packed, b->scratch, a[0], a[1], a[2], a[3], a[4],    \
				   a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13],       \
				   a[14], a[15], a[16], row, rows)
	switch (header->form) {
		MICROTVM_FOR_EACH_S16(CASE)
	}
#undef CALL
}

static void run_conv2d(const struct header *header, int16_t *out, const int16_t *data,
		       const struct buffers *b)
{
	for (int32_t group = 0; group < header->arguments[17]; group++) {
		for (int32_t row = 0; row < header->arguments[19]; row += header->arguments[18]) {
			run_conv2d_rows(header, out, data, b, group, row);
		}
	}
}

static void run_dense(const struct header *header, int16_t *out, const int16_t *data,
		      const struct buffers *b)
{
	const int32_t *a = header->arguments;

#define CALL(name)                                                                                 \
	microtvm_dense_s16_##name(out, data, b->constants, b->scratch, a[0], a[1], a[2], a[3])
	switch (header->form) {
		MICROTVM_FOR_EACH_DENSE_S16(CASE)
	}
#undef CALL
}

/* What the C headers say that the scratch must have. */
static int32_t scratch_size(const struct header *header)
{
	const int32_t *a = header->arguments;

	switch (header->operation) {
	case MATMUL:
		return MICROTVM_MATMUL_S16_SCRATCH(a[1]);
	case CONV2D:
		return MICROTVM_CONV2D_S16_SCRATCH(a[2] * a[4] * a[5]);
	default:
		return MICROTVM_DENSE_S16_SCRATCH(a[0]);
	}
}

static void run_case(const struct header *header, const struct buffers *buffers)
{
	const int16_t *data = (const int16_t *)(const void *)buffers->data;
	int16_t *out = (int16_t *)(void *)buffers->out;

	switch (header->operation) {
	case MATMUL:
		run_matmul(header, out, data, buffers);
		break;
	case CONV2D:
		run_conv2d(header, out, data, buffers);
		break;
	default:
		run_dense(header, out, data, buffers);
	}
}
