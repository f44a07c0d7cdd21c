/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Runs cases of the int16 kernels that treat each channel by itself: cases.h. */
#include "microtvm/kernels/add_s16.h"
#include "microtvm/kernels/average_pool_s16.h"
#include "microtvm/kernels/depthwise_s16.h"
#include "microtvm/kernels/max_pool_s16.h"

#include "cases.h"

enum { DEPTHWISE, ADD, AVERAGE_POOL, MAX_POOL };

/* Forms are numbers, in this order. */
typedef void (*depthwise_function)(int16_t *, const int16_t *, const int32_t *, void *, int32_t,
				   int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t,
				   int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t,
				   int32_t, int32_t);
#define DEPTHWISE_FUNCTION(kernel, three, form, bits, sums, bias, parameters)                      \
	microtvm_depthwise_##kernel##_s16_##form,
static const depthwise_function depthwise_functions[] = {
	MICROTVM_FOR_EACH_DEPTHWISE_S16(DEPTHWISE_FUNCTION)};

/* Python tells it: it depends on how many rows are computed at once. */
static int32_t scratch_size(const struct header *header)
{
	return header->scratch_size;
}

static void run_depthwise(const struct header *header, int16_t *out, const int16_t *data,
			  const struct buffers *b)
{
	const int32_t *a = header->arguments;

	depthwise_functions[header->form](out, data, b->constants, b->scratch, a[0], a[1], a[2],
					  a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11],
					  a[12], a[13], a[14], a[15], a[16]);
}

/* Argument 0 is the count; the second operand lies behind the first one. */
static void run_add(const struct header *header, int16_t *out, const int16_t *data,
		    const struct buffers *b)
{
	static void (*const functions[])(int16_t *, const int16_t *, const int16_t *,
					 const int32_t *, int32_t, int32_t, int32_t) = {
		microtvm_add_s16_fast, microtvm_add_s16_any, microtvm_subtract_s16_fast,
		microtvm_subtract_s16_any};
	const int32_t *a = header->arguments;

	functions[header->form](out, data, data + a[0], b->constants, a[0], a[1], a[2]);
}

static void run_pool(const struct header *header, int16_t *out, const int16_t *data)
{
	const int32_t *a = header->arguments;

	if (header->operation == AVERAGE_POOL) {
		microtvm_average_pool_s16(out, data, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
					  a[8], a[9], a[10], a[11], a[12], a[13]);
	} else {
		microtvm_max_pool_s16(out, data, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
				      a[8], a[9], a[10], a[11], a[12], a[13]);
	}
}

static void run_case(const struct header *header, const struct buffers *buffers)
{
	const int16_t *data = (const int16_t *)(const void *)buffers->data;
	int16_t *out = (int16_t *)(void *)buffers->out;

	switch (header->operation) {
	case DEPTHWISE:
		run_depthwise(header, out, data, buffers);
		break;
	case ADD:
		run_add(header, out, data, buffers);
		break;
	default:
		run_pool(header, out, data);
	}
}
