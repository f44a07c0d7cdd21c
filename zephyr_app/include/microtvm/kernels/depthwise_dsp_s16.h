/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The functions of depthwise.h for int16 inputs and outputs. Where sums have 32
 * bits these are the ones of depthwise_dsp.h with another end; where they have
 * 64, portable C takes any kernel. Packed weights are as depthwise.h tells, not
 * doubled, with a bias of one word or of two, and the parameters of
 * rescale_s16.h.
 */
#ifndef MICROTVM_KERNELS_DEPTHWISE_DSP_S16_H_
#define MICROTVM_KERNELS_DEPTHWISE_DSP_S16_H_

#include "microtvm/kernels/depthwise_dsp.h"
#include "microtvm/kernels/rescale_s16.h"

/* One position. */
static inline void microtvm_depthwise_position_acc32(const struct microtvm_depthwise *layer,
						     microtvm_depthwise_sums sum,
						     const uint8_t *cells, int8_t *out,
						     int has_lower)
{
	const int32_t *parameters = layer->end_of_weights;
	int32_t sums[2] = {layer->packed[0], layer->packed[0]};

	sum(layer, cells, layer->packed + 1, sums);
	*(int16_t *)(void *)out = microtvm_rescale_acc32(sums[0], parameters);
	if (has_lower) {
		*(int16_t *)(void *)(out + layer->out_below) =
			microtvm_rescale_acc32(sums[1], parameters);
	}
}

/* A position's upper sum, or with the next word of weights its lower one. */
static __attribute__((noinline, unused)) int64_t microtvm_depthwise_sum_acc64(
	const struct microtvm_depthwise *layer, const uint8_t *cells, const int32_t *weights)
{
	int64_t sum = microtvm_load_int64(layer->packed);
	int32_t taps = layer->row_weights / 8;

	while (weights < layer->end_of_weights) {
		for (int32_t tap = 0; tap < taps; tap++, weights += 2, cells += layer->tap_step) {
			sum = microtvm_smlald(microtvm_cell(cells, 0), (uint32_t)*weights, sum);
		}
		cells += layer->taps_skip;
	}
	return sum;
}

#define MICROTVM_DEFINE_DEPTHWISE_ACC64(rescale_)                                                  \
	static __attribute__((noinline, unused)) void microtvm_depthwise_store_##rescale_(         \
		int8_t *out, int64_t sum, const int32_t *parameters)                               \
	{                                                                                          \
		*(int16_t *)(void *)out =                                                          \
			microtvm_rescale_s16(sum, parameters, MICROTVM_##rescale_);                \
	}                                                                                          \
	static inline void microtvm_depthwise_position_##rescale_(                                 \
		const struct microtvm_depthwise *layer, microtvm_depthwise_sums unused,            \
		const uint8_t *cells, int8_t *out, int has_lower)                                  \
	{                                                                                          \
		const int32_t *weights = layer->packed + 2;                                        \
                                                                                                   \
		(void)unused;                                                                      \
		for (int i = 0; i <= has_lower; i++, out += layer->out_below) {                    \
			int64_t sum = microtvm_depthwise_sum_acc64(layer, cells, weights + i);     \
                                                                                                   \
			microtvm_depthwise_store_##rescale_(out, sum, layer->end_of_weights);      \
		}                                                                                  \
	}                                                                                          \
	static __attribute__((noinline, unused)) void microtvm_depthwise_run_any_##rescale_(       \
		struct microtvm_depthwise *layer)                                                  \
	{                                                                                          \
		microtvm_depthwise_run(layer, microtvm_depthwise_any,                              \
				       microtvm_depthwise_position_##rescale_);                    \
	}

MICROTVM_DEFINE_DEPTHWISE_ACC64(REDUCED)
MICROTVM_DEFINE_DEPTHWISE_ACC64(REDUCED_ANY)
MICROTVM_DEFINE_DEPTHWISE_ACC64(TWICE_S16)

#if MICROTVM_DSP

#define MICROTVM_DW_ACC32_PARAMETERS(at) "ldr r3, [r0, #" #at "]\n\t"
#define MICROTVM_DW_ACC32_STORE		 "strh"
#define MICROTVM_DW_ACC32(a, b)                                                                    \
	"smmulr " a ", " a ", r3\n\t"                                                              \
	"smmulr " b ", " b ", r3\n\t"                                                              \
	"ssat " a ", #16, " a "\n\t"                                                               \
	"ssat " b ", #16, " b "\n\t"

MICROTVM_DEFINE_DSP_DEPTHWISE(3x3s1, ACC32)
MICROTVM_DEFINE_DSP_DEPTHWISE(3x3s2, ACC32)
MICROTVM_DEFINE_DSP_TAPS(ACC32, microtvm_depthwise_position_acc32)

#else

#define MICROTVM_DEFINE_DEPTHWISE_ACC32(kernel)                                                    \
	static __attribute__((noinline, unused)) void microtvm_depthwise_run_##kernel##_ACC32(     \
		struct microtvm_depthwise *layer)                                                  \
	{                                                                                          \
		microtvm_depthwise_run(layer, microtvm_depthwise_##kernel,                         \
				       microtvm_depthwise_position_acc32);                         \
	}

MICROTVM_DEFINE_DEPTHWISE_ACC32(any)
MICROTVM_DEFINE_DEPTHWISE_ACC32(3x3s1)
MICROTVM_DEFINE_DEPTHWISE_ACC32(3x3s2)

#endif /* MICROTVM_DSP */

#endif /* MICROTVM_KERNELS_DEPTHWISE_DSP_S16_H_ */
