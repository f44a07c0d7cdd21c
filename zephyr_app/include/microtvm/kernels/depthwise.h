/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The inner part of a depthwise convolution: one channel of some rows of
 * output, two rows at a time. This file has its data and its portable form;
 * depthwise_dsp.h has the form for a core with the DSP extension.
 *
 * Plane: the input of 4 channels, padded and widened to 16 bits. A cell is 4
 * words, one a channel: the pairs of what is in two consecutive rows at one
 * column. A row of cells goes through the columns; the next one is two rows of
 * the input further down.
 *
 * Packed weights of an output channel, words: the bias, the weights, and the
 * three parameters of rescale.h. Two outputs, one above the other, read the
 * rows 0 to 2 * depth - 1 of a plane; a tap is a column of the kernel in one
 * row of cells. For each row of cells, and in it for each column of the kernel,
 * there are two words, the pairs of weights of the upper and of the lower
 * output. For a kernel of 3 x 3 the pairs (0, 1) and (1, 2) of each of its
 * columns do instead.
 * With MICROTVM_TWICE and MICROTVM_RELU, weights and bias are doubled.
 */
#ifndef MICROTVM_KERNELS_DEPTHWISE_H_
#define MICROTVM_KERNELS_DEPTHWISE_H_

#include <stdint.h>

#include "microtvm/kernels/rescale.h"
#include "microtvm/kernels/simd_halves.h"

#define MICROTVM_CELL_CHANNELS 4
#define MICROTVM_CELL_BYTES    (4 * MICROTVM_CELL_CHANNELS)

/*
 * What is computed of one output channel: `rows` times `columns` positions, at
 * each of which are an upper and a lower output. Steps of cells and of outputs
 * are in bytes, whatever the type of the outputs. The assembly knows where the
 * members are.
 */
struct microtvm_depthwise {
	const uint32_t *cells;	     /* of the first position */
	const uint32_t *cells_below; /* one row of cells further down */
	const int32_t *packed;
	int8_t *out;
	int32_t out_step;      /* from a position to the next one */
	int32_t out_below;     /* from an upper output to its lower one */
	int8_t *end_of_threes; /* where the first row's positions are no longer taken by three */
	int8_t *end;	       /* of the first row's positions */
	int32_t rows;
	int32_t single;	  /* 1: the last row has no lower outputs, otherwise 0 */
	int32_t out_skip; /* from the end of a row to the start of the next one */
	int32_t out_row;  /* from a row to the next one */
	int32_t cells_skip;
	int32_t tap_step;		   /* from a column of the kernel to the next one */
	int32_t taps_skip;		   /* from the end of a row of taps to the next one */
	int32_t row_weights;		   /* bytes of a row of taps */
	const int32_t *end_of_weights;	   /* the parameters behind them */
	const int32_t *end_of_row_weights; /* room for the assembly */
	int32_t columns;		   /* of positions */
	int32_t cells_step;		   /* from a position to the next one */
	int32_t cells_row;		   /* from a row of positions to the next one */
	int32_t cells_below_step;	   /* from a row of cells to the next one */
	enum microtvm_rescale rescale;
};

/* Leaves the layer as it was. */
typedef void (*microtvm_depthwise_function)(struct microtvm_depthwise *layer);

static inline uint32_t microtvm_cell(const void *cells, int32_t offset)
{
	return microtvm_load_word((const uint8_t *)cells + offset);
}

/* A position's two sums by any weights. */
static inline void microtvm_depthwise_any(const struct microtvm_depthwise *layer,
					  const uint8_t *cells, const int32_t *weights,
					  int32_t sums[2])
{
	int32_t taps = layer->row_weights / 8;

	while (weights < layer->end_of_weights) {
		for (int32_t tap = 0; tap < taps; tap++, weights += 2, cells += layer->tap_step) {
			uint32_t pair = microtvm_cell(cells, 0);

			sums[0] = microtvm_smlad(pair, (uint32_t)weights[0], sums[0]);
			sums[1] = microtvm_smlad(pair, (uint32_t)weights[1], sums[1]);
		}
		cells += layer->taps_skip;
	}
}

/* The same by 3 x 3, the lower output one row further down than the upper one. */
static inline void microtvm_depthwise_3x3s1(const struct microtvm_depthwise *layer,
					    const uint8_t *cells, const int32_t *weights,
					    int32_t sums[2])
{
	for (int32_t tap = 0; tap < 3; tap++, weights += 2) {
		uint32_t w01 = (uint32_t)weights[0];
		uint32_t w12 = (uint32_t)weights[1];
		uint32_t pair = microtvm_cell(cells, tap * MICROTVM_CELL_BYTES);
		uint32_t below =
			microtvm_cell(cells, tap * MICROTVM_CELL_BYTES + layer->cells_below_step);

		sums[0] = microtvm_smlad(pair, w01, sums[0]);
		sums[1] = microtvm_smlatb(pair, w01, sums[1]);
		sums[0] = microtvm_smlabt(below, w12, sums[0]);
		sums[1] = microtvm_smlad(below, w12, sums[1]);
	}
}

/* The same, two rows further down. */
static inline void microtvm_depthwise_3x3s2(const struct microtvm_depthwise *layer,
					    const uint8_t *cells, const int32_t *weights,
					    int32_t sums[2])
{
	const uint8_t *below = cells + layer->cells_below_step;
	const uint8_t *last = below + layer->cells_below_step;

	for (int32_t tap = 0; tap < 3; tap++, weights += 2) {
		uint32_t w01 = (uint32_t)weights[0];
		uint32_t w12 = (uint32_t)weights[1];
		uint32_t pair = microtvm_cell(below, tap * MICROTVM_CELL_BYTES);

		sums[0] = microtvm_smlad(microtvm_cell(cells, tap * MICROTVM_CELL_BYTES), w01,
					 sums[0]);
		sums[0] = microtvm_smlabt(pair, w12, sums[0]);
		sums[1] = microtvm_smlad(pair, w01, sums[1]);
		sums[1] = microtvm_smlabt(microtvm_cell(last, tap * MICROTVM_CELL_BYTES), w12,
					  sums[1]);
	}
}

typedef void (*microtvm_depthwise_sums)(const struct microtvm_depthwise *layer,
					const uint8_t *cells, const int32_t *weights,
					int32_t sums[2]);

/* One position of int8 outputs. */
static inline void microtvm_depthwise_position(const struct microtvm_depthwise *layer,
					       microtvm_depthwise_sums sum, const uint8_t *cells,
					       int8_t *out, int has_lower)
{
	const int32_t *parameters = layer->end_of_weights;
	int32_t sums[2] = {layer->packed[0], layer->packed[0]};
	int doubled = layer->rescale != MICROTVM_TWICE_ANY;

	sum(layer, cells, layer->packed + 1, sums);
	out[0] = microtvm_rescale_s8(sums[0], parameters, layer->rescale, doubled);
	if (has_lower) {
		out[layer->out_below] =
			microtvm_rescale_s8(sums[1], parameters, layer->rescale, doubled);
	}
}

typedef void (*microtvm_depthwise_step)(const struct microtvm_depthwise *layer,
					microtvm_depthwise_sums sum, const uint8_t *cells,
					int8_t *out, int has_lower);

/* The portable form. The last two arguments are constants where it is called. */
static inline void microtvm_depthwise_run(const struct microtvm_depthwise *layer,
					  microtvm_depthwise_sums sum,
					  microtvm_depthwise_step position)
{
	const uint8_t *cells = (const uint8_t *)layer->cells;
	int8_t *out = layer->out;

	for (int32_t row = 0; row < layer->rows; row++) {
		for (int32_t column = 0; column < layer->columns; column++) {
			position(layer, sum, cells + column * layer->cells_step,
				 out + column * layer->out_step, row + layer->single < layer->rows);
		}
		cells += layer->cells_row;
		out += layer->out_row;
	}
}

/* Words of weights in the packed form of 3 x 3. */
#define MICROTVM_DEPTHWISE_3X3_WORDS 6

#endif /* MICROTVM_KERNELS_DEPTHWISE_H_ */
