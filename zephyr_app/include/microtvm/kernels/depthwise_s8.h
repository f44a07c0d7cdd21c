/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Depthwise convolution of int8 images: depthwise_layer.h. */
#ifndef MICROTVM_KERNELS_DEPTHWISE_S8_H_
#define MICROTVM_KERNELS_DEPTHWISE_S8_H_

#include "microtvm/kernels/clamp.h"
#include "microtvm/kernels/depthwise_cells.h"
#include "microtvm/kernels/depthwise_dsp.h"
#include "microtvm/kernels/depthwise_layer.h"

/* Where the input and its count of channels are multiples of 4, by words. */
static __attribute__((unused)) void
microtvm_depthwise_cells_s8(const struct microtvm_depthwise_layer *layer, uint32_t *cells,
			    const struct microtvm_cell_source *source, int32_t channel,
			    int32_t count)
{
	int32_t channels = layer->channels - channel;

	if (channels < MICROTVM_CELL_CHANNELS) {
		microtvm_cells_few(cells, *source, count, channels);
	} else if ((((uint32_t)(uintptr_t)layer->data | (uint32_t)layer->channels) & 3) == 0) {
		microtvm_cells_words(cells, *source, count);
	} else {
		microtvm_cells_bytes(cells, *source, count);
	}
}

/*
 * microtvm_depthwise_<kernel>_s8_<form>(...), where the kernel is 3x3s1 or
 * 3x3s2, a 3 x 3 without dilation and with stride 1 or 2 both ways, or any.
 * `scratch`, at a multiple of 4, has the bytes that
 * microtvm/compiler/packing_depthwise.py tells for the `band`.
 */
#define MICROTVM_DEFINE_DEPTHWISE(kernel, three, form, bits, rescale_)                             \
	static inline void microtvm_depthwise_##kernel##_s8_##form(                                \
		int8_t *out, const int8_t *data, const int32_t *packed, void *scratch,             \
		int32_t height, int32_t width, int32_t channels, int32_t out_height,               \
		int32_t out_width, int32_t multiplier, int32_t kernel_height,                      \
		int32_t kernel_width, int32_t stride_y, int32_t stride_x, int32_t dilation_y,      \
		int32_t dilation_x, int32_t top, int32_t left, int32_t zero_point, int32_t band,   \
		int32_t low, int32_t high)                                                         \
	{                                                                                          \
		static const struct microtvm_depthwise_kind kind = {                               \
			.run = microtvm_depthwise_run_##kernel##_##rescale_,                       \
			.cells = microtvm_depthwise_cells_s8,                                      \
			.weight_bits = bits,                                                       \
			.rescale = MICROTVM_##rescale_,                                            \
			.is_doubled = MICROTVM_##rescale_ != MICROTVM_TWICE_ANY,                   \
			.is_3x3 = three,                                                           \
			.bias_words = 1,                                                           \
			.parameter_words = MICROTVM_RESCALE_WORDS,                                 \
			.element_bytes = 1,                                                        \
		};                                                                                 \
		const struct microtvm_depthwise_layer layer = {                                    \
			out,	   data,       packed,	      (uint32_t *)scratch,                 \
			height,	   width,      channels,      out_height,                          \
			out_width, multiplier, kernel_height, kernel_width,                        \
			stride_y,  stride_x,   dilation_y,    dilation_x,                          \
			top,	   left,       zero_point,    band};                               \
                                                                                                   \
		microtvm_depthwise_layer(&layer, &kind);                                           \
		microtvm_clamp_s8(out, out_height *out_width *channels *multiplier,                \
				  (struct microtvm_clamp){(int8_t)low, (int8_t)high});             \
	}

#define MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, kernel, three)                                    \
	DEFINE(kernel, three, w8_twice, 8, TWICE)                                                  \
	DEFINE(kernel, three, w8_relu, 8, RELU)                                                    \
	DEFINE(kernel, three, w16_twice, 16, TWICE)                                                \
	DEFINE(kernel, three, w16_relu, 16, RELU)                                                  \
	DEFINE(kernel, three, w8_twice_any, 8, TWICE_ANY)                                          \
	DEFINE(kernel, three, w16_twice_any, 16, TWICE_ANY)

#define MICROTVM_FOR_EACH_DEPTHWISE(DEFINE)                                                        \
	MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, 3x3s1, 1)                                         \
	MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, 3x3s2, 1)                                         \
	MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, any, 0)

MICROTVM_FOR_EACH_DEPTHWISE(MICROTVM_DEFINE_DEPTHWISE)

#endif /* MICROTVM_KERNELS_DEPTHWISE_S8_H_ */
