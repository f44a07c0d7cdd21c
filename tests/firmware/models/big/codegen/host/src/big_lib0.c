/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Tensors of many frames and of types wider than a byte, and two inputs of which one is kept. */
#include <string.h>

#include <microtvm/model.h>

#define COUNT	      4096
#define KEPT_OFFSET   0
#define VALUES_OFFSET 16
#define SUMS_OFFSET   (VALUES_OFFSET + 4 * COUNT)

static void add_kept(uint8_t *workspace)
{
	int32_t kept;

	memcpy(&kept, workspace + KEPT_OFFSET, sizeof(kept));
	for (int i = 0; i < COUNT; i++) {
		uint32_t value;

		memcpy(&value, workspace + VALUES_OFFSET + 4 * i, sizeof(value));
		value += (uint32_t)kept;
		memcpy(workspace + SUMS_OFFSET + 4 * i, &value, sizeof(value));
	}
}

/* Overwrites the values. */
static void halve_to_float(uint8_t *workspace)
{
	for (int i = 0; i < COUNT; i++) {
		int32_t sum;
		float half;

		memcpy(&sum, workspace + SUMS_OFFSET + 4 * i, sizeof(sum));
		half = (float)sum * 0.5f;
		memcpy(workspace + VALUES_OFFSET + 4 * i, &half, sizeof(half));
	}
}

static int32_t run_layer(uint32_t layer, uint8_t *const *pools)
{
	switch (layer) {
	case 1:
		add_kept(pools[0]);
		return 0;
	case 2:
		halve_to_float(pools[0]);
		return 0;
	default:
		return -1;
	}
}

static const struct microtvm_tensor tensors[] = {
	{"values", VALUES_OFFSET, 4 * COUNT, 0, 1, MICROTVM_DTYPE_INT32, 0},
	{"kept", KEPT_OFFSET, 4, 0, 2, MICROTVM_DTYPE_INT32, 0},
	{"sums", SUMS_OFFSET, 4 * COUNT, 1, 2, MICROTVM_DTYPE_INT32, 0},
	{"halves", VALUES_OFFSET, 4 * COUNT, 2, 2, MICROTVM_DTYPE_FLOAT32, 0},
};
static const struct microtvm_pool pools_of_big[] = {{"global_workspace", SUMS_OFFSET + 4 * COUNT}};
static const uint16_t inputs[] = {0, 1};
static const uint16_t outputs[] = {3};

const struct microtvm_model tvmgen_big_model = {
	.name = "big",
	.checksum = 0x42494721,
	.tensor_count = 4,
	.input_count = 2,
	.output_count = 1,
	.layer_count = 2,
	.pool_count = 1,
	.pools = pools_of_big,
	.tensors = tensors,
	.inputs = inputs,
	.outputs = outputs,
	.run_layer = run_layer,
};
