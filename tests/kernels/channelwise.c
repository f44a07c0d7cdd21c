/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Cases of the kernels that treat each channel by itself. */
#include "cases.h"

#include "microtvm/kernels/depthwise_s8.h"

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

/* What the case has; guards and sanitizers tell where that is too little. */
static int32_t scratch_size(const struct header *header)
{
	return header->scratch_size;
}

static void run_case(const struct header *header, const struct buffers *buffers)
{
	run_depthwise(header, buffers);
}
