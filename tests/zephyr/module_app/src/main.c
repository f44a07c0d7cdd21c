/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a model by its own interface, and counts the models by the registry. */
#include <zephyr/kernel.h>

#include <microtvm/models.h>
#include <tvmgen_stub.h>

int main(void)
{
	static uint8_t workspace[TVMGEN_STUB_WORKSPACE_SIZE];
	int8_t input[TVMGEN_STUB_INPUT_SIZE] = {1, 2, 3, 4, 5, 6, 7, -8};
	int8_t output[TVMGEN_STUB_OUTPUT_SIZE];
	struct tvmgen_stub_inputs given = {input};
	struct tvmgen_stub_outputs wanted = {output};
	struct tvmgen_stub_workspace_pools pools = {workspace};
	int32_t status = tvmgen_stub_run(&given, &wanted, &pools);

	printk("%d models, status %d, output %d to %d\n", microtvm_registry()->model_count,
	       (int)status, output[0], output[TVMGEN_STUB_OUTPUT_SIZE - 1]);
	return 0;
}
