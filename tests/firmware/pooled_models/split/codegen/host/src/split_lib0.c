/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Tensors in two pools, and constants in a fast memory, in a pool of another name and in flash. */
#include <microtvm/model.h>
#include <microtvm/placement.h>

#define COUNT	       1024
#define INPUT_OFFSET   0
#define OUTPUT_OFFSET  0 /* the input is read for the last time before it is written */
#define SUMS_OFFSET    16
#define GLOBAL_SIZE    COUNT
#define DTCM_SIZE      (SUMS_OFFSET + 4 * COUNT)
#define WEIGHTS_COUNT  16
#define CONSTANT_COUNT 4

enum { GLOBAL, DTCM };

static const _Alignas(16)
	MICROTVM_CONSTANT_POOL(dtcm) int8_t tvmgen_split_weights[WEIGHTS_COUNT] = {
		1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12, 13, -14, 15, -16,
};
static const _Alignas(16)
	MICROTVM_CONSTANT_POOL(tables) int32_t tvmgen_split_bias[CONSTANT_COUNT] = {
		100,
		-200,
		300,
		-400,
};
static const _Alignas(16) int32_t tvmgen_split_shift[CONSTANT_COUNT] = {4, 5, 6, 7};

static void multiply(int32_t *sums, const int8_t *input)
{
	for (int i = 0; i < COUNT; i++) {
		sums[i] = input[i] * tvmgen_split_weights[i % WEIGHTS_COUNT];
	}
}

static void add(int8_t *output, const int32_t *sums)
{
	for (int i = 0; i < COUNT; i++) {
		int32_t sum = sums[i] + tvmgen_split_bias[i % CONSTANT_COUNT];
		int32_t scaled = sum >> tvmgen_split_shift[i % CONSTANT_COUNT];

		output[i] = (int8_t)(scaled > 127 ? 127 : scaled < -128 ? -128 : scaled);
	}
}

static int32_t run_layer(uint32_t layer, uint8_t *const *pools)
{
	int32_t *sums = (int32_t *)(void *)(pools[DTCM] + SUMS_OFFSET);

	switch (layer) {
	case 1:
		multiply(sums, (const int8_t *)pools[GLOBAL] + INPUT_OFFSET);
		return 0;
	case 2:
		add((int8_t *)pools[GLOBAL] + OUTPUT_OFFSET, sums);
		return 0;
	default:
		return -1;
	}
}

static const struct microtvm_pool pools_of_split[] = {
	[GLOBAL] = {"global_workspace", GLOBAL_SIZE},
	[DTCM] = {"dtcm", DTCM_SIZE},
};
static const struct microtvm_tensor tensors[] = {
	{"input", INPUT_OFFSET, COUNT, 0, 1, MICROTVM_DTYPE_INT8, GLOBAL},
	{"sums", SUMS_OFFSET, 4 * COUNT, 1, 2, MICROTVM_DTYPE_INT32, DTCM},
	{"output", OUTPUT_OFFSET, COUNT, 2, 2, MICROTVM_DTYPE_INT8, GLOBAL},
};
static const uint16_t inputs[] = {0};
static const uint16_t outputs[] = {2};

const struct microtvm_model tvmgen_split_model = {
	.name = "split",
	.checksum = 0x53504c54,
	.tensor_count = 3,
	.input_count = 1,
	.output_count = 1,
	.layer_count = 2,
	.pool_count = 2,
	.pools = pools_of_split,
	.tensors = tensors,
	.inputs = inputs,
	.outputs = outputs,
	.run_layer = run_layer,
};
