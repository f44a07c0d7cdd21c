/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A depthwise layer, what follows from its shape, and its plane (depthwise.h) for a band of it. */
#ifndef MICROTVM_KERNELS_DEPTHWISE_PLANE_H_
#define MICROTVM_KERNELS_DEPTHWISE_PLANE_H_

#include "microtvm/kernels/depthwise.h"

/* Two rows that become a row of cells, as far as they lie inside the input. */
struct microtvm_cell_source {
	const int8_t *upper;
	const int8_t *lower;
	int32_t upper_step; /* from a column to the next one, in bytes */
	int32_t lower_step;
};

/* One number in all channels. */
static inline void microtvm_cells_fill(uint32_t *cells, int32_t value, int32_t count)
{
	uint32_t pair = microtvm_pkhbt(value, value);

	for (int32_t i = 0; i < count * MICROTVM_CELL_CHANNELS; i++) {
		cells[i] = pair;
	}
}

struct microtvm_depthwise_layer;

/* Cells of what may be fewer than four channels, from `channel` on. */
typedef void (*microtvm_depthwise_cells_function)(const struct microtvm_depthwise_layer *layer,
						  uint32_t *cells,
						  const struct microtvm_cell_source *source,
						  int32_t channel, int32_t count);

/* How a layer's packed weights and its input are read, and by what. */
struct microtvm_depthwise_kind {
	microtvm_depthwise_function run;
	microtvm_depthwise_cells_function cells;
	int32_t weight_bits;
	enum microtvm_rescale rescale; /* of int8 */
	int is_doubled;		       /* weights and biases are twice what they stand for */
	int is_3x3;		       /* the packed form */
	int32_t bias_words;	       /* of an output channel */
	int32_t parameter_words;
	int32_t element_bytes; /* of inputs and outputs */
};

/* A layer; the order is that of the arguments. */
struct microtvm_depthwise_layer {
	void *out;
	const void *data;
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
	plan.packed_words = kind->bias_words + plan.weight_words * kind->weight_bits / 16 +
			    kind->parameter_words;
	plan.plane = layer->scratch;
	if (kind->weight_bits == 8) {
		plan.plane += kind->bias_words + plan.weight_words + kind->parameter_words;
	}
	return plan;
}

/* A channel's packed weights as depthwise.h has them. */
static inline const int32_t *
microtvm_depthwise_weights(const struct microtvm_depthwise_layer *layer,
			   const struct microtvm_depthwise_plan *plan, const int32_t *packed)
{
	uint32_t *wide = layer->scratch;
	const struct microtvm_depthwise_kind *kind = plan->kind;

	if (kind->weight_bits == 16) {
		return packed;
	}
	for (int32_t i = kind->bias_words; i > 0; i--) {
		*wide++ = (uint32_t)*packed++;
	}
	for (int32_t i = plan->weight_words; i > 0; i -= 2, wide += 2) {
		uint32_t word = (uint32_t)*packed++;
		uint32_t even = microtvm_sxtb16(word);
		uint32_t odd = microtvm_sxtb16_ror8(word);

		wide[0] = kind->is_doubled ? microtvm_sadd16(even, even) : even;
		wide[1] = kind->is_doubled ? microtvm_sadd16(odd, odd) : odd;
	}
	for (int32_t i = 0; i < kind->parameter_words; i++) {
		wide[i] = (uint32_t)packed[i];
	}
	return (const int32_t *)layer->scratch;
}

/* Rows of a plane from `row` to `end`; the first of all is row `y` of the input. */
static __attribute__((noinline, unused)) void
microtvm_depthwise_some_rows(const struct microtvm_depthwise_layer *layer,
			     const struct microtvm_depthwise_plan *plan, int32_t channel, int32_t y,
			     int32_t row, int32_t end)
{
	/* Four channels of either type; int16 have the zero point 0. */
	uint32_t four = (uint32_t)(uint8_t)layer->zero_point * 0x01010101u;
	const uint32_t outside[2] = {four, four};
	int32_t step = layer->channels * plan->kind->element_bytes;
	int32_t row_bytes = layer->width * step;
	int32_t words = plan->row_cells * MICROTVM_CELL_CHANNELS;
	int32_t columns = plan->row_cells - layer->left;
	int32_t count = columns < layer->width ? columns : layer->width;
	uint32_t *cells = plan->plane + row * words + layer->left * MICROTVM_CELL_CHANNELS;
	const int8_t *data = (const int8_t *)layer->data + channel * plan->kind->element_bytes;

	y += 2 * row;
	data += y * row_bytes;
	if (count <= 0) {
		return;
	}
	for (; row < end; row++, y += 2) {
		/* The rows `y` and `y` + 1 of the input, which may lie outside. */
		int upper = y >= 0 && y < layer->height;
		int lower = y + 1 >= 0 && y + 1 < layer->height;
		struct microtvm_cell_source source = {
			upper ? data : (const int8_t *)outside,
			lower ? data + row_bytes : (const int8_t *)outside,
			upper ? step : 0,
			lower ? step : 0,
		};

		plan->kind->cells(layer, cells, &source, channel, count);
		cells += words;
		data += 2 * row_bytes;
	}
}

/* The same of a plane of one column: what lies inside the input is read at once. */
static inline void microtvm_depthwise_column(const struct microtvm_depthwise_layer *layer,
					     const struct microtvm_depthwise_plan *plan,
					     int32_t channel, int32_t y, int32_t row, int32_t end)
{
	int32_t bytes = plan->kind->element_bytes;
	int32_t row_bytes = layer->width * layer->channels * bytes;
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
	source.upper = (const int8_t *)layer->data + channel * bytes + (y + 2 * first) * row_bytes;
	source.lower = source.upper + row_bytes;
	source.upper_step = 2 * row_bytes;
	source.lower_step = 2 * row_bytes;
	if (last > first) {
		plan->kind->cells(layer, plan->plane + first * MICROTVM_CELL_CHANNELS, &source,
				  channel, last - first);
	}
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

/* Moves the rows of cells that a band shares with the next one. Returns how many there are. */
static __attribute__((noinline, unused)) int32_t microtvm_depthwise_move(
	const struct microtvm_depthwise_layer *layer, const struct microtvm_depthwise_plan *plan)
{
	int32_t rows = plan->depth > layer->stride_y ? plan->depth - layer->stride_y : 0;
	int32_t words = plan->row_cells * MICROTVM_CELL_CHANNELS;
	uint32_t *to = plan->plane;
	const uint32_t *from = to + layer->band * layer->stride_y * words;

	for (const uint32_t *end = to + rows * words; to != end; to += MICROTVM_CELL_CHANNELS) {
		uint32_t a = from[0], b = from[1], c = from[2], d = from[3];

		to[0] = a;
		to[1] = b;
		to[2] = c;
		to[3] = d;
		from += MICROTVM_CELL_CHANNELS;
	}
	return rows;
}

/*
 * The plane for `count` pairs of output rows from the pair `first` on, one of
 * `band`. With one output channel each, the band before left its last rows.
 */
static __attribute__((noinline, unused)) void
microtvm_depthwise_fill(const struct microtvm_depthwise_layer *layer,
			const struct microtvm_depthwise_plan *plan, int32_t channel, int32_t first,
			int32_t count)
{
	int32_t row = 0;
	int32_t rows = microtvm_depthwise_rows(layer, plan, count);
	int32_t y = 2 * first * layer->stride_y - layer->top;

	if (first > 0 && layer->multiplier == 1) {
		row = microtvm_depthwise_move(layer, plan);
	}
	if (plan->is_tall && layer->left == 0) {
		microtvm_depthwise_column(layer, plan, channel, y, row, rows);
	} else {
		microtvm_depthwise_some_rows(layer, plan, channel, y, row, rows);
	}
}

#endif /* MICROTVM_KERNELS_DEPTHWISE_PLANE_H_ */
