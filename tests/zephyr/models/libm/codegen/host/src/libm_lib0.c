/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A model that calls the C library's float functions, as generated code does. */
#include <math.h>

#include <microtvm/model.h>

/* Volatile, so that the compiler cannot know the results. */
static volatile const float arguments[] = {1.0f, 0.5f, 2.0f};

static int32_t run_layer(uint32_t layer, uint8_t *const *pools)
{
	float *results = (void *)pools[0];

	(void)layer;
	results[0] = expf(arguments[0]);
	results[1] = tanhf(arguments[1]);
	results[2] = powf(arguments[2], arguments[1]);
	return 0;
}

static const struct microtvm_tensor tensors[] = {
	{"unused", 0, 4, 0, 1, MICROTVM_DTYPE_FLOAT32, 0},
	{"results", 0, 12, 1, 1, MICROTVM_DTYPE_FLOAT32, 0},
};
static const struct microtvm_pool pools_of_libm[] = {{"global_workspace", 16}};
static const uint16_t inputs[] = {0};
static const uint16_t outputs[] = {1};

extern const struct microtvm_model tvmgen_libm_model;
const struct microtvm_model tvmgen_libm_model = {
	.name = "libm",
	.checksum = 0x6c69626d,
	.tensor_count = 2,
	.input_count = 1,
	.output_count = 1,
	.layer_count = 1,
	.pool_count = 1,
	.pools = pools_of_libm,
	.tensors = tensors,
	.inputs = inputs,
	.outputs = outputs,
	.run_layer = run_layer,
};
