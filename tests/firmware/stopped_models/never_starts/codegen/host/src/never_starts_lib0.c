/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A model with code that runs at each start of the firmware, before main(), and divides by zero. */
#include <microtvm/model.h>

__attribute__((noinline)) static void divide_at_start(void)
{
	volatile uint32_t zero = 0;

	zero = 1000 / zero;
}

#ifdef __ZEPHYR__
#include <zephyr/init.h>

static int start(void)
{
	divide_at_start();
	return 0;
}

SYS_INIT(start, APPLICATION, 0);
#else
/* Called by startup.c where there is such a function. */
void microtvm_copy_constants(void);

void microtvm_copy_constants(void)
{
	divide_at_start();
}
#endif

static int32_t run_layer(uint32_t layer, uint8_t *const *pools)
{
	(void)layer;
	(void)pools;
	return 0;
}

static const struct microtvm_tensor tensors[] = {
	{"input", 0, 1, 0, 1, MICROTVM_DTYPE_UINT8, 0},
	{"output", 16, 1, 1, 1, MICROTVM_DTYPE_UINT8, 0},
};
static const struct microtvm_pool pools_of_never_starts[] = {{"global_workspace", 32}};
static const uint16_t inputs[] = {0};
static const uint16_t outputs[] = {1};

const struct microtvm_model tvmgen_never_starts_model = {
	.name = "never_starts",
	.checksum = 0x4e535452,
	.tensor_count = 2,
	.input_count = 1,
	.output_count = 1,
	.layer_count = 1,
	.pool_count = 1,
	.pools = pools_of_never_starts,
	.tensors = tensors,
	.inputs = inputs,
	.outputs = outputs,
	.run_layer = run_layer,
};
