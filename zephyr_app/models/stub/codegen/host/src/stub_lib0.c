/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The stub model's descriptor and entry point. */
#include <tvmgen_stub.h>

#include <string.h>

#define INPUT_OFFSET  0
#define HIDDEN_OFFSET 16
#define OUTPUT_OFFSET 0 /* the input is read for the last time before it is written */

void tvmgen_stub_layer_1_relu(const int8_t *input, int8_t *hidden);
void tvmgen_stub_layer_2_add(const int8_t *hidden, int8_t *output);

static int32_t run_layer(uint32_t layer, uint8_t *const *pools)
{
	int8_t *at = (int8_t *)pools[0];

	switch (layer) {
	case 1:
		tvmgen_stub_layer_1_relu(at + INPUT_OFFSET, at + HIDDEN_OFFSET);
		return 0;
	case 2:
		tvmgen_stub_layer_2_add(at + HIDDEN_OFFSET, at + OUTPUT_OFFSET);
		return 0;
	default:
		return -1;
	}
}

static const struct microtvm_tensor tensors[] = {
	{"input", INPUT_OFFSET, 8, 0, 1, MICROTVM_DTYPE_INT8, 0},
	{"hidden", HIDDEN_OFFSET, 8, 1, 2, MICROTVM_DTYPE_INT8, 0},
	{"output", OUTPUT_OFFSET, 8, 2, 2, MICROTVM_DTYPE_INT8, 0},
};
static const struct microtvm_pool pools_of_stub[] = {
	{"global_workspace", TVMGEN_STUB_WORKSPACE_SIZE},
};
static const uint16_t inputs[] = {0};
static const uint16_t outputs[] = {2};

const struct microtvm_model tvmgen_stub_model = {
	.name = "stub",
	.checksum = 0x53545542,
	.tensor_count = 3,
	.input_count = 1,
	.output_count = 1,
	.layer_count = 2,
	.pool_count = 1,
	.pools = pools_of_stub,
	.tensors = tensors,
	.inputs = inputs,
	.outputs = outputs,
	.run_layer = run_layer,
};

struct tvmgen_stub_inputs tvmgen_stub_map_inputs(struct tvmgen_stub_workspace_pools *pools)
{
	return (struct tvmgen_stub_inputs){(int8_t *)pools->global_workspace + INPUT_OFFSET};
}

struct tvmgen_stub_outputs tvmgen_stub_map_outputs(struct tvmgen_stub_workspace_pools *pools)
{
	return (struct tvmgen_stub_outputs){(int8_t *)pools->global_workspace + OUTPUT_OFFSET};
}

int32_t tvmgen_stub_run(struct tvmgen_stub_inputs *given, struct tvmgen_stub_outputs *wanted,
			struct tvmgen_stub_workspace_pools *pools)
{
	uint8_t *workspace = pools->global_workspace;

	memmove(workspace + INPUT_OFFSET, given->input, TVMGEN_STUB_INPUT_SIZE);
	for (uint32_t layer = 1; layer <= tvmgen_stub_model.layer_count; layer++) {
		int32_t ret = run_layer(layer, &workspace);

		if (ret != 0) {
			return ret;
		}
	}
	memmove(wanted->output, workspace + OUTPUT_OFFSET, TVMGEN_STUB_OUTPUT_SIZE);
	return 0;
}
