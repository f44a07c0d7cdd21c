/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Depthwise convolution of an NHWC image, with any kernel, stride, dilation,
 * padding and channel multiplier.
 *
 * Four channels at a time are copied to a plane (depthwise.h) in the scratch,
 * as many rows of it as a band of the output needs. Then each of their output
 * channels is computed over the band.
 */
#ifndef MICROTVM_KERNELS_DEPTHWISE_S8_H_
#define MICROTVM_KERNELS_DEPTHWISE_S8_H_

#include "microtvm/kernels/clamp.h"
#include "microtvm/kernels/depthwise.h"
#include "microtvm/kernels/depthwise_cells.h"
#include "microtvm/kernels/depthwise_dsp.h"

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
	int doubled = plan->kind->rescale == MICROTVM_TWICE;

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

/*
 * What is computed of the output rows that begin at the pair `row` of the plane: so many
 * positions down, the last without a lower output if `single`.
 */
static inline void microtvm_depthwise_set(struct microtvm_depthwise *part,
					  const struct microtvm_depthwise_layer *layer,
					  const struct microtvm_depthwise_plan *plan, int32_t row)
{
	int32_t row_bytes = plan->row_cells * MICROTVM_CELL_BYTES;
	int32_t out_row = layer->out_width * plan->out_channels;
	int by_row = layer->kernel_width == 1;

	part->cells = plan->plane + row * layer->stride_y * row_bytes / 4;
	part->cells_below = part->cells + row_bytes / 4;
	part->out_step = layer->out_width > 1 ? plan->out_channels : 0;
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
static inline void microtvm_depthwise_channels(const struct microtvm_depthwise_layer *layer,
					       const struct microtvm_depthwise_plan *plan,
					       struct microtvm_depthwise *part, int32_t channel)
{
	int32_t channels = layer->channels - channel;
	int32_t multiplier = layer->multiplier;
	const int32_t *packed = layer->packed + channel * multiplier * plan->packed_words;

	channels = channels < MICROTVM_CELL_CHANNELS ? channels : MICROTVM_CELL_CHANNELS;
	for (; channels > 0; channels--) {
		for (int32_t i = multiplier; i > 0; i--, packed += plan->packed_words) {
			part->packed = microtvm_depthwise_weights(layer, plan, packed);
			part->end_of_weights = part->packed + 1 + plan->weight_words;
			plan->kind->run(part);
			part->out++;
			part->end_of_threes++;
			part->end++;
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
	microtvm_depthwise_finish(&part, out + row * 2 * layer->out_width * plan->out_channels);
	microtvm_depthwise_channels(layer, plan, &part, channel);
}

/* `count` pairs of output rows from the pair `first` on. */
static inline void microtvm_depthwise_band(const struct microtvm_depthwise_layer *layer,
					   const struct microtvm_depthwise_plan *plan,
					   int32_t channel, int32_t first, int32_t count)
{
	int32_t single = first + count > layer->out_height / 2;
	int8_t *out = layer->out + first * 2 * layer->out_width * plan->out_channels +
		      channel * layer->multiplier;

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

static __attribute__((noinline, unused)) void
microtvm_depthwise_layer(const struct microtvm_depthwise_layer *layer,
			 const struct microtvm_depthwise_kind *kind, struct microtvm_clamp clamp)
{
	struct microtvm_depthwise_plan plan = microtvm_depthwise_plan(layer, kind);
	int32_t pairs = (layer->out_height + 1) / 2;

	microtvm_depthwise_pad(layer, &plan, microtvm_depthwise_rows(layer, &plan, layer->band));
	for (int32_t channel = 0; channel < layer->channels; channel += MICROTVM_CELL_CHANNELS) {
		for (int32_t first = 0; first < pairs; first += layer->band) {
			int32_t count = pairs - first < layer->band ? pairs - first : layer->band;

			microtvm_depthwise_band(layer, &plan, channel, first, count);
		}
	}
	microtvm_clamp_s8(layer->out, layer->out_height * layer->out_width * plan.out_channels,
			  clamp);
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
			microtvm_depthwise_run_##kernel##_##rescale_, bits, MICROTVM_##rescale_,   \
			three};                                                                    \
		const struct microtvm_depthwise_layer layer = {                                    \
			out,	   data,       packed,	      (uint32_t *)scratch,                 \
			height,	   width,      channels,      out_height,                          \
			out_width, multiplier, kernel_height, kernel_width,                        \
			stride_y,  stride_x,   dilation_y,    dilation_x,                          \
			top,	   left,       zero_point,    band};                               \
                                                                                                   \
		microtvm_depthwise_layer(&layer, &kind,                                            \
					 (struct microtvm_clamp){(int8_t)low, (int8_t)high});      \
	}

#define MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, kernel, three)                                    \
	DEFINE(kernel, three, w8_twice, 8, TWICE)                                                  \
	DEFINE(kernel, three, w16_twice, 16, TWICE)                                                \
	DEFINE(kernel, three, w8_twice_any, 8, TWICE_ANY)                                          \
	DEFINE(kernel, three, w16_twice_any, 16, TWICE_ANY)

#define MICROTVM_FOR_EACH_DEPTHWISE(DEFINE)                                                        \
	MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, 3x3s1, 1)                                         \
	MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, 3x3s2, 1)                                         \
	MICROTVM_FOR_EACH_DEPTHWISE_FORM(DEFINE, any, 0)

MICROTVM_FOR_EACH_DEPTHWISE(MICROTVM_DEFINE_DEPTHWISE)

#endif /* MICROTVM_KERNELS_DEPTHWISE_S8_H_ */
