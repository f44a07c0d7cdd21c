/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Depthwise convolution of int16 images: depthwise_layer.h. */
#ifndef MICROTVM_KERNELS_DEPTHWISE_S16_H_
#define MICROTVM_KERNELS_DEPTHWISE_S16_H_

#include "microtvm/kernels/clamp_s16.h"
#include "microtvm/kernels/depthwise_dsp_s16.h"
#include "microtvm/kernels/depthwise_layer.h"

/* Four channels, at multiples of 4. */
static inline void microtvm_cells_words_s16(uint32_t *cells, struct microtvm_cell_source source,
					    int32_t count)
{
	for (; count > 0; count--, cells += MICROTVM_CELL_CHANNELS) {
		uint32_t a01 = microtvm_load_word(source.upper);
		uint32_t a23 = microtvm_load_word(source.upper + 4);
		uint32_t b01 = microtvm_load_word(source.lower);
		uint32_t b23 = microtvm_load_word(source.lower + 4);

		cells[0] = microtvm_pkhbt((int32_t)a01, (int32_t)b01);
		cells[1] = microtvm_pkhtb(a01, b01);
		cells[2] = microtvm_pkhbt((int32_t)a23, (int32_t)b23);
		cells[3] = microtvm_pkhtb(a23, b23);
		source.upper += source.upper_step;
		source.lower += source.lower_step;
	}
}

static __attribute__((unused)) void
microtvm_depthwise_cells_s16(const struct microtvm_depthwise_layer *layer, uint32_t *cells,
			     const struct microtvm_cell_source *source, int32_t channel,
			     int32_t count)
{
	int32_t channels = layer->channels - channel;
	const int8_t *above = source->upper, *below = source->lower;

	if (channels >= MICROTVM_CELL_CHANNELS &&
	    (((uint32_t)(uintptr_t)layer->data | (uint32_t)layer->channels << 1) & 3) == 0) {
		microtvm_cells_words_s16(cells, *source, count);
		return;
	}
	channels = channels < MICROTVM_CELL_CHANNELS ? channels : MICROTVM_CELL_CHANNELS;
	for (; count > 0; count--, cells += MICROTVM_CELL_CHANNELS) {
		const int16_t *upper = (const int16_t *)(const void *)above;
		const int16_t *lower = (const int16_t *)(const void *)below;

		for (int32_t i = 0; i < channels; i++) {
			cells[i] = microtvm_pkhbt(upper[i], lower[i]);
		}
		above += source->upper_step;
		below += source->lower_step;
	}
}

/*
 * microtvm_depthwise_<kernel>_s16_<form>(...), where the kernel is 3x3s1 or
 * 3x3s2, a 3 x 3 without dilation and with stride 1 or 2 both ways, or any.
 * `scratch`, at a multiple of 4, has the bytes that
 * microtvm/compiler/packing_depthwise.py tells for the `band`; data and out are
 * at multiples of 2.
 */
#define MICROTVM_DEFINE_DEPTHWISE_S16(kernel, three, form, bits, sums, bias, parameters)           \
	static inline void microtvm_depthwise_##kernel##_s16_##form(                               \
		int16_t *out, const int16_t *data, const int32_t *packed, void *scratch,           \
		int32_t height, int32_t width, int32_t channels, int32_t out_height,               \
		int32_t out_width, int32_t multiplier, int32_t kernel_height,                      \
		int32_t kernel_width, int32_t stride_y, int32_t stride_x, int32_t dilation_y,      \
		int32_t dilation_x, int32_t top, int32_t left, int32_t band, int32_t low,          \
		int32_t high)                                                                      \
	{                                                                                          \
		static const struct microtvm_depthwise_kind kind = {                               \
			.run = microtvm_depthwise_run_##kernel##_##sums,                           \
			.cells = microtvm_depthwise_cells_s16,                                     \
			.weight_bits = bits,                                                       \
			.is_3x3 = three,                                                           \
			.bias_words = bias,                                                        \
			.parameter_words = parameters,                                             \
			.element_bytes = 2,                                                        \
		};                                                                                 \
		const struct microtvm_depthwise_layer layer = {out,                                \
							       data,                               \
							       packed,                             \
							       (uint32_t *)scratch,                \
							       height,                             \
							       width,                              \
							       channels,                           \
							       out_height,                         \
							       out_width,                          \
							       multiplier,                         \
							       kernel_height,                      \
							       kernel_width,                       \
							       stride_y,                           \
							       stride_x,                           \
							       dilation_y,                         \
							       dilation_x,                         \
							       top,                                \
							       left,                               \
							       0,                                  \
							       band};                              \
                                                                                                   \
		microtvm_depthwise_layer(&layer, &kind);                                           \
		microtvm_clamp_s16(out, out_height *out_width *channels *multiplier, low, high);   \
	}

#define MICROTVM_FOR_EACH_DEPTHWISE_ACC32(DEFINE, kernel, three)                                   \
	DEFINE(kernel, three, w8_acc32, 8, ACC32, 1, MICROTVM_ACC32_WORDS)                         \
	DEFINE(kernel, three, w16_acc32, 16, ACC32, 1, MICROTVM_ACC32_WORDS)

#define MICROTVM_FOR_EACH_DEPTHWISE_ACC64(DEFINE, form, sums)                                      \
	DEFINE(any, 0, w8_##form, 8, sums, 2, MICROTVM_ACC64_WORDS)                                \
	DEFINE(any, 0, w16_##form, 16, sums, 2, MICROTVM_ACC64_WORDS)

#define MICROTVM_FOR_EACH_DEPTHWISE_S16(DEFINE)                                                    \
	MICROTVM_FOR_EACH_DEPTHWISE_ACC32(DEFINE, 3x3s1, 1)                                        \
	MICROTVM_FOR_EACH_DEPTHWISE_ACC32(DEFINE, 3x3s2, 1)                                        \
	MICROTVM_FOR_EACH_DEPTHWISE_ACC32(DEFINE, any, 0)                                          \
	MICROTVM_FOR_EACH_DEPTHWISE_ACC64(DEFINE, acc64, REDUCED)                                  \
	MICROTVM_FOR_EACH_DEPTHWISE_ACC64(DEFINE, any, REDUCED_ANY)                                \
	MICROTVM_FOR_EACH_DEPTHWISE_ACC64(DEFINE, twice_s16, TWICE_S16)

MICROTVM_FOR_EACH_DEPTHWISE_S16(MICROTVM_DEFINE_DEPTHWISE_S16)

#endif /* MICROTVM_KERNELS_DEPTHWISE_S16_H_ */
