/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Runs cases of the int16 kernels that treat each channel by itself: cases.h. */
#include "microtvm/kernels/depthwise_s16.h"

#include "cases.h"

enum { DEPTHWISE };

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

static void run_case(const struct header *header, const struct buffers *b)
{
	const int16_t *data = (const int16_t *)(const void *)b->data;
	int16_t *out = (int16_t *)(void *)b->out;
	const int32_t *a = header->arguments;

	depthwise_functions[header->form](out, data, b->constants, b->scratch, a[0], a[1], a[2],
					  a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11],
					  a[12], a[13], a[14], a[15], a[16]);
}
