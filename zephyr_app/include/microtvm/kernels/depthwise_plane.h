/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A depthwise layer, what follows from its shape, and its plane (depthwise.h) for a band of it. */
#ifndef MICROTVM_KERNELS_DEPTHWISE_PLANE_H_
#define MICROTVM_KERNELS_DEPTHWISE_PLANE_H_

#include "microtvm/kernels/depthwise.h"
#include "microtvm/kernels/depthwise_cells.h"

/* How a layer's packed weights are read, and by what. */
struct microtvm_depthwise_kind {
	microtvm_depthwise_function run;
	int32_t weight_bits;
	enum microtvm_rescale rescale;
	int is_3x3; /* its packed form */
};

/* A layer; the order is that of the arguments. */
struct microtvm_depthwise_layer {
	int8_t *out;
	const int8_t *data;
	const int32_t *packed;
	uint32_t *scratch;
	int32_t height, width, channels;
	int32_t out_height, out_width, multiplier;
	int32_t kernel_height, kernel_width;
	int32_t stride_y, stride_x, dilation_y, dilation_x;
	int32_t top, left, zero_point; /* of the padding */
	int32_t band;		       /* pairs of output rows that are computed at once */
};

/* What follows from it. */
struct microtvm_depthwise_plan {
	const struct microtvm_depthwise_kind *kind;
	uint32_t *plane;
	int32_t weight_words; /* of a channel, 16 bits wide */
	int32_t packed_words; /* of a channel */
	int32_t depth;	      /* rows of cells that a pair of output rows reads */
	int32_t row_cells;
	int32_t out_channels;
	int is_tall; /* one column: pairs of rows are positions */
};

static inline struct microtvm_depthwise_plan
microtvm_depthwise_plan(const struct microtvm_depthwise_layer *layer,
			const struct microtvm_depthwise_kind *kind)
{
	int32_t rows = layer->stride_y + (layer->kernel_height - 1) * layer->dilation_y + 1;
	int32_t columns = layer->out_width > 1 ? layer->out_width : 2;
	struct microtvm_depthwise_plan plan = {
		.kind = kind,
		.depth = (rows + 1) / 2,
		.row_cells = (columns - 1) * layer->stride_x +
			     (layer->kernel_width - 1) * layer->dilation_x + 1,
		.out_channels = layer->channels * layer->multiplier,
		.is_tall =
			layer->out_width == 1 && layer->kernel_width == 1 && layer->stride_y == 1,
	};

	if (plan.is_tall) {
		plan.row_cells = 1;
	}
	plan.weight_words =
		kind->is_3x3 ? MICROTVM_DEPTHWISE_3X3_WORDS : 2 * plan.depth * layer->kernel_width;
	plan.packed_words = 1 + plan.weight_words * kind->weight_bits / 16 + MICROTVM_RESCALE_WORDS;
	plan.plane = layer->scratch;
	if (kind->weight_bits == 8) {
		plan.plane += 1 + plan.weight_words + MICROTVM_RESCALE_WORDS;
	}
	return plan;
}

/* A channel's packed weights as depthwise.h has them. */
static inline const int32_t *
microtvm_depthwise_weights(const struct microtvm_depthwise_layer *layer,
			   const struct microtvm_depthwise_plan *plan, const int32_t *packed)
{
	uint32_t *wide = layer->scratch;
	int doubled = plan->kind->rescale != MICROTVM_TWICE_ANY;

	if (plan->kind->weight_bits == 16) {
		return packed;
	}
	*wide++ = (uint32_t)*packed++;
	for (int32_t i = plan->weight_words; i > 0; i -= 2, wide += 2) {
		uint32_t word = (uint32_t)*packed++;
		uint32_t even = microtvm_sxtb16(word);
		uint32_t odd = microtvm_sxtb16_ror8(word);

		wide[0] = doubled ? microtvm_sadd16(even, even) : even;
		wide[1] = doubled ? microtvm_sadd16(odd, odd) : odd;
	}
	for (int32_t i = 0; i < MICROTVM_RESCALE_WORDS; i++) {
		wide[i] = (uint32_t)packed[i];
	}
	return (const int32_t *)layer->scratch;
}

/* Cells of what may be fewer than four channels. */
static inline void microtvm_depthwise_cells(const struct microtvm_depthwise_layer *layer,
					    uint32_t *cells, struct microtvm_cell_source source,
					    int32_t channel, int32_t count)
{
	int32_t channels = layer->channels - channel;

	if (count <= 0) {
		return;
	}
	if (channels < MICROTVM_CELL_CHANNELS) {
		microtvm_cells_few(cells, source, count, channels);
	} else if ((((uint32_t)(uintptr_t)layer->data | (uint32_t)layer->channels) & 3) == 0) {
		microtvm_cells_words(cells, source, count);
	} else {
		microtvm_cells_bytes(cells, source, count);
	}
}

/* One row of a plane: the rows `y` and `y` + 1 of the input, which may lie outside. */
static inline void microtvm_depthwise_row(const struct microtvm_depthwise_layer *layer,
					  const struct microtvm_depthwise_plan *plan,
					  uint32_t *cells, int32_t channel, int32_t y)
{
	uint32_t outside = (uint32_t)(uint8_t)layer->zero_point * 0x01010101u;
	struct microtvm_cell_source source = {(const int8_t *)&outside, (const int8_t *)&outside, 0,
					      0};
	int32_t row_bytes = layer->width * layer->channels;
	const int8_t *data = layer->data + channel + y * row_bytes;
	int32_t count = plan->row_cells - layer->left;

	if (y >= 0 && y < layer->height) {
		source.upper = data;
		source.upper_step = layer->channels;
	}
	if (y + 1 >= 0 && y + 1 < layer->height) {
		source.lower = data + row_bytes;
		source.lower_step = layer->channels;
	}
	count = count < layer->width ? count : layer->width;
	microtvm_depthwise_cells(layer, cells + layer->left * MICROTVM_CELL_CHANNELS, source,
				 channel, count);
}

/* Rows of a plane from `row` to `end`; the first of all is row `y` of the input. */
static __attribute__((noinline, unused)) void
microtvm_depthwise_some_rows(const struct microtvm_depthwise_layer *layer,
			     const struct microtvm_depthwise_plan *plan, int32_t channel, int32_t y,
			     int32_t row, int32_t end)
{
	int32_t words = plan->row_cells * MICROTVM_CELL_CHANNELS;
	uint32_t *cells = plan->plane + row * words;

	for (; row < end; row++, cells += words) {
		microtvm_depthwise_row(layer, plan, cells, channel, y + 2 * row);
	}
}

/* The same of a plane of one column: what lies inside the input is read at once. */
static inline void microtvm_depthwise_column(const struct microtvm_depthwise_layer *layer,
					     const struct microtvm_depthwise_plan *plan,
					     int32_t channel, int32_t y, int32_t row, int32_t end)
{
	int32_t row_bytes = layer->width * layer->channels;
	int32_t first = row, last = end;
	struct microtvm_cell_source source;

	while (first < end && y + 2 * first < 0) {
		first++;
	}
	while (last > first && y + 2 * last > layer->height) {
		last--;
	}
	microtvm_depthwise_some_rows(layer, plan, channel, y, row, first);
	microtvm_depthwise_some_rows(layer, plan, channel, y, last, end);
	source.upper = layer->data + channel + (y + 2 * first) * row_bytes;
	source.lower = source.upper + row_bytes;
	source.upper_step = 2 * row_bytes;
	source.lower_step = 2 * row_bytes;
	microtvm_depthwise_cells(layer, plan->plane + first * MICROTVM_CELL_CHANNELS, source,
				 channel, last - first);
}

/* The columns outside of the input, in all rows of a plane. */
static inline void microtvm_depthwise_pad(const struct microtvm_depthwise_layer *layer,
					  const struct microtvm_depthwise_plan *plan, int32_t rows)
{
	int32_t left = layer->left < plan->row_cells ? layer->left : plan->row_cells;
	int32_t inside_end = layer->left + layer->width;
	int32_t right = plan->row_cells - inside_end;
	uint32_t *cells = plan->plane;

	for (; rows > 0; rows--, cells += plan->row_cells * MICROTVM_CELL_CHANNELS) {
		microtvm_cells_fill(cells, layer->zero_point, left);
		microtvm_cells_fill(cells + inside_end * MICROTVM_CELL_CHANNELS, layer->zero_point,
				    right);
	}
}

/* Rows of cells that `count` pairs of output rows read. */
static inline int32_t microtvm_depthwise_rows(const struct microtvm_depthwise_layer *layer,
					      const struct microtvm_depthwise_plan *plan,
					      int32_t count)
{
	return plan->depth + (count - 1) * layer->stride_y;
}

/* The plane for `count` pairs of output rows from the pair `first` on, one of `band`. */
static inline void microtvm_depthwise_fill(const struct microtvm_depthwise_layer *layer,
					   const struct microtvm_depthwise_plan *plan,
					   int32_t channel, int32_t first, int32_t count)
{
	int32_t words = plan->row_cells * MICROTVM_CELL_CHANNELS;
	int32_t rows = microtvm_depthwise_rows(layer, plan, count);
	int32_t y = 2 * first * layer->stride_y - layer->top;
	int32_t row = 0;

	if (first > 0 && plan->depth > layer->stride_y) {
		row = plan->depth - layer->stride_y;
		microtvm_cells_move(plan->plane,
				    plan->plane + layer->band * layer->stride_y * words,
				    row * plan->row_cells);
	}
	if (plan->is_tall && layer->left == 0) {
		microtvm_depthwise_column(layer, plan, channel, y, row, rows);
	} else {
		microtvm_depthwise_some_rows(layer, plan, channel, y, row, rows);
	}
}

#endif /* MICROTVM_KERNELS_DEPTHWISE_PLANE_H_ */
