/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A depthwise convolution of an NHWC image, with any kernel, stride, dilation,
 * padding and channel multiplier, whatever the type of its numbers.
 *
 * Four channels at a time and a band of output rows at a time, the input is
 * copied to a plane (depthwise.h) in the scratch, as many rows of it as the band
 * needs. Then each of their output channels is computed over the band.
 *
 * Where channels have one output channel each, all bands of four channels come
 * before the next four, and rows that two bands share stay in the plane: no
 * number of the input is read twice, and its output may be written over it.
 * Else all channels of a band come before the next band, whose output may be
 * written over rows that only bands before it read.
 */
#ifndef MICROTVM_KERNELS_DEPTHWISE_LAYER_H_
#define MICROTVM_KERNELS_DEPTHWISE_LAYER_H_

#include "microtvm/kernels/depthwise_plane.h"

/*
 * What is computed of the output rows that begin at the pair `row` of the plane,
 * but for what depends on how many there are.
 */
static inline void microtvm_depthwise_set(struct microtvm_depthwise *part,
					  const struct microtvm_depthwise_layer *layer,
					  const struct microtvm_depthwise_plan *plan, int32_t row)
{
	int32_t row_bytes = plan->row_cells * MICROTVM_CELL_BYTES;
	int32_t out_bytes = plan->out_channels * plan->kind->element_bytes;
	int32_t out_row = layer->out_width * out_bytes;
	int by_row = layer->kernel_width == 1;

	part->cells = plan->plane + row * layer->stride_y * row_bytes / 4;
	part->cells_below = part->cells + row_bytes / 4;
	part->out_step = layer->out_width > 1 ? out_bytes : 0;
	part->out_below = out_row;
	part->out_row = 2 * out_row;
	part->columns = layer->out_width;
	part->cells_step = layer->stride_x * MICROTVM_CELL_BYTES;
	part->cells_row = layer->stride_y * row_bytes;
	part->cells_below_step = row_bytes;
	part->tap_step = by_row ? row_bytes : layer->dilation_x * MICROTVM_CELL_BYTES;
	part->taps_skip = row_bytes - layer->kernel_width * part->tap_step;
	part->row_weights = 8 * (by_row ? plan->depth : layer->kernel_width);
	part->rescale = plan->kind->rescale;
}

/* Pairs of rows of a single column become positions. */
static inline void microtvm_depthwise_turn(struct microtvm_depthwise *part)
{
	part->columns = part->rows;
	part->out_step = part->rows > 1 ? part->out_row : 0;
	part->rows = 1;
	part->cells_step = MICROTVM_CELL_BYTES;
}

/* Sets what follows from the rest. Three positions are taken at a time, then two. */
static inline void microtvm_depthwise_finish(struct microtvm_depthwise *part, int8_t *out)
{
	int32_t taken = part->columns > 1 ? part->columns : 2;
	int32_t threes = taken % 3 == 1 ? taken / 3 - 1 : taken / 3;

	part->out = out;
	part->end_of_threes = out + 3 * threes * part->out_step;
	part->end = out + part->columns * part->out_step;
	part->out_skip = part->out_row - part->columns * part->out_step;
	part->cells_skip = part->cells_row - taken * part->cells_step;
}

/* The output channels of up to four channels of the input. */
static inline __attribute__((always_inline)) void
microtvm_depthwise_channels(const struct microtvm_depthwise_layer *layer,
			    const struct microtvm_depthwise_plan *plan,
			    struct microtvm_depthwise *part, int32_t channel)
{
	int32_t channels = layer->channels - channel;
	int32_t multiplier = layer->multiplier;
	int32_t bytes = plan->kind->element_bytes;
	const int32_t *packed = layer->packed + channel * multiplier * plan->packed_words;

	channels = channels < MICROTVM_CELL_CHANNELS ? channels : MICROTVM_CELL_CHANNELS;
	for (; channels > 0; channels--) {
		for (int32_t i = multiplier; i > 0; i--, packed += plan->packed_words) {
			part->packed = microtvm_depthwise_weights(layer, plan, packed);
			part->end_of_weights =
				part->packed + plan->kind->bias_words + plan->weight_words;
			plan->kind->run(part);
			part->out += bytes;
			part->end_of_threes += bytes;
			part->end += bytes;
		}
		part->cells++;
		part->cells_below++;
	}
}

/*
 * The same for `count` pairs of output rows, from the pair `row` of the plane
 * on; the last may lack its lower row.
 */
static __attribute__((noinline, unused)) void
microtvm_depthwise_part(const struct microtvm_depthwise_layer *layer,
			const struct microtvm_depthwise_plan *plan, int8_t *out, int32_t channel,
			int32_t row, int32_t count, int32_t single)
{
	struct microtvm_depthwise part;

	microtvm_depthwise_set(&part, layer, plan, row);
	part.rows = count;
	part.single = single;
	if (plan->is_tall) {
		microtvm_depthwise_turn(&part);
	}
	microtvm_depthwise_finish(&part, out + row * part.out_row);
	microtvm_depthwise_channels(layer, plan, &part, channel);
}

/* A band of output rows, from the pair `first` on. */
static inline void microtvm_depthwise_band(const struct microtvm_depthwise_layer *layer,
					   const struct microtvm_depthwise_plan *plan,
					   int32_t channel, int32_t first)
{
	int32_t pairs = (layer->out_height + 1) / 2 - first;
	int32_t count = pairs < layer->band ? pairs : layer->band;
	int32_t single = first + count > layer->out_height / 2;
	int32_t skipped =
		first * 2 * layer->out_width * plan->out_channels + channel * layer->multiplier;
	int8_t *out = (int8_t *)layer->out + skipped * plan->kind->element_bytes;

	microtvm_depthwise_fill(layer, plan, channel, first, count);
	if (plan->is_tall && single) {
		microtvm_depthwise_part(layer, plan, out, channel, count - 1, 1, 1);
		single = 0;
		count--;
	}
	if (count > 0) {
		microtvm_depthwise_part(layer, plan, out, channel, 0, count, single);
	}
}

/* Moves on by `step`. Returns whether that is before `end`; if not, it is back at the start. */
static inline int microtvm_depthwise_go_on(int32_t *at, int32_t step, int32_t end)
{
	*at += step;
	if (*at < end) {
		return 1;
	}
	*at = 0;
	return 0;
}

/* What comes next. Returns whether anything does. */
static inline int microtvm_depthwise_next(const struct microtvm_depthwise_layer *layer,
					  int32_t *channel, int32_t *first)
{
	int32_t channels = layer->channels;
	int32_t pairs = (layer->out_height + 1) / 2;

	if (layer->multiplier == 1) {
		return microtvm_depthwise_go_on(first, layer->band, pairs) ||
		       microtvm_depthwise_go_on(channel, MICROTVM_CELL_CHANNELS, channels);
	}
	return microtvm_depthwise_go_on(channel, MICROTVM_CELL_CHANNELS, channels) ||
	       microtvm_depthwise_go_on(first, layer->band, pairs);
}

static __attribute__((noinline, unused)) void
microtvm_depthwise_layer(const struct microtvm_depthwise_layer *layer,
			 const struct microtvm_depthwise_kind *kind)
{
	struct microtvm_depthwise_plan plan = microtvm_depthwise_plan(layer, kind);
	int32_t channel = 0, first = 0;

	microtvm_depthwise_pad(layer, &plan, microtvm_depthwise_rows(layer, &plan, layer->band));
	do {
		microtvm_depthwise_band(layer, &plan, channel, first);
	} while (microtvm_depthwise_next(layer, &channel, &first));
}

#endif /* MICROTVM_KERNELS_DEPTHWISE_LAYER_H_ */
