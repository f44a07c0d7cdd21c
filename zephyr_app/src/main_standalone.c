/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The program without a host: runs each model once on the built-in input and
 * prints its outputs, its ticks and the stack used, then ends.
 */
#include <string.h>

#include <microtvm/crc32.h>
#include <microtvm/input_pattern.h>
#include <microtvm/models.h>
#include <microtvm/platform.h>
#include <microtvm/text.h>

#define VALUES_SHOWN 10

static uint32_t element_size(uint8_t dtype)
{
	switch (dtype) {
	case MICROTVM_DTYPE_INT16:
		return 2;
	case MICROTVM_DTYPE_INT32:
	case MICROTVM_DTYPE_FLOAT32:
		return 4;
	case MICROTVM_DTYPE_INT64:
		return 8;
	default:
		return 1;
	}
}

/* Prints one element: whole numbers in decimal, float32 as its bits. */
static void print_value(uint8_t dtype, const uint8_t *data)
{
	uint64_t bits = 0;
	uint32_t size = element_size(dtype);

	for (uint32_t i = 0; i < size; i++) {
		bits |= (uint64_t)data[i] << (8 * i);
	}
	if (dtype == MICROTVM_DTYPE_FLOAT32) {
		microtvm_print_hex((uint32_t)bits);
	} else if (dtype == MICROTVM_DTYPE_UINT8 || dtype == MICROTVM_DTYPE_BOOL) {
		microtvm_print_unsigned(bits);
	} else {
		uint32_t unused = 64 - 8 * size;

		microtvm_print_signed((int64_t)(bits << unused) >> unused);
	}
}

static void print_output(const struct microtvm_tensor *tensor, const uint8_t *data)
{
	uint32_t step = element_size(tensor->dtype);

	microtvm_print("output ");
	microtvm_print(tensor->name);
	microtvm_print(" crc32 ");
	microtvm_print_hex(microtvm_crc32(0, data, tensor->size));
	microtvm_print(" first");
	for (uint32_t i = 0; i < VALUES_SHOWN && (i + 1) * step <= tensor->size; i++) {
		microtvm_print(" ");
		print_value(tensor->dtype, data + i * step);
	}
	microtvm_print("\n");
}

static void print_ticks(const char *what, uint64_t ticks)
{
	microtvm_print(what);
	microtvm_print(" ticks ");
	microtvm_print_unsigned(ticks);
	microtvm_print("\n");
}

/* Runs all layers; returns 0, or the number of the layer that failed. */
static uint32_t run_layers(const struct microtvm_registry *registry,
			   const struct microtvm_entry *entry)
{
	const struct microtvm_model *model = entry->model;

	for (uint32_t layer = 1; layer <= model->layer_count; layer++) {
		uint32_t start;
		int32_t ret;

		microtvm_platform_watch(1);
		start = microtvm_platform_ticks();
		ret = model->run_layer(layer, entry->pools);
		registry->layer_ticks[layer - 1] = microtvm_platform_ticks() - start;
		microtvm_platform_watch(0);
		if (ret != 0) {
			return layer;
		}
	}
	return 0;
}

static void print_results(const struct microtvm_registry *registry,
			  const struct microtvm_entry *entry)
{
	const struct microtvm_model *model = entry->model;
	uint64_t total = 0;

	for (uint32_t i = 0; i < model->output_count; i++) {
		uint16_t tensor = model->outputs[i];

		print_output(&model->tensors[tensor], microtvm_tensor_data(entry, tensor));
	}
	for (uint32_t i = 0; i < model->layer_count; i++) {
		microtvm_print("layer ");
		microtvm_print_unsigned(i + 1);
		print_ticks("", registry->layer_ticks[i]);
		total += registry->layer_ticks[i];
	}
	print_ticks("total", total);
}

static int run_model(const struct microtvm_registry *registry, const struct microtvm_entry *entry)
{
	const struct microtvm_model *model = entry->model;
	uint32_t state = MICROTVM_PATTERN_SEED;
	uint32_t failed;

	microtvm_print("model ");
	microtvm_print(model->name);
	microtvm_print(" checksum ");
	microtvm_print_hex(model->checksum);
	microtvm_print("\n");
	if (!microtvm_model_fits(registry, entry)) {
		microtvm_print("error the model does not fit the firmware\n");
		return 1;
	}
	for (uint32_t i = 0; i < model->input_count; i++) {
		uint16_t tensor = model->inputs[i];

		microtvm_fill_pattern(&state, &model->tensors[tensor],
				      microtvm_tensor_data(entry, tensor));
	}
	failed = run_layers(registry, entry);
	if (failed != 0) {
		microtvm_print("error the model failed in layer ");
		microtvm_print_unsigned(failed);
		microtvm_print("\n");
		return 1;
	}
	print_results(registry, entry);
	return 0;
}

static void print_platform(const struct microtvm_platform_info *info)
{
	microtvm_print("board ");
	microtvm_print(info->board);
	microtvm_print(" cpu ");
	microtvm_print(info->cpu);
	microtvm_print(" tick_hz ");
	microtvm_print_unsigned(info->tick_hz);
	microtvm_print("\n");
}

static void print_stack(const struct microtvm_platform_info *info)
{
	microtvm_print("stack used ");
	microtvm_print_unsigned(microtvm_platform_stack_used());
	microtvm_print(" of ");
	microtvm_print_unsigned(info->stack_size);
	microtvm_print("\n");
}

int main(void)
{
	const struct microtvm_registry *registry = microtvm_registry();
	int failures = 0;

	if (microtvm_platform_init() < 0) {
		microtvm_platform_exit(1);
	}
	print_platform(microtvm_platform_info());
	for (uint32_t i = 0; i < registry->model_count; i++) {
		failures += run_model(registry, &registry->entries[i]);
	}
	print_stack(microtvm_platform_info());
	microtvm_print(failures == 0 ? "done\n" : "failed\n");
	microtvm_platform_exit(failures == 0 ? 0 : 1);
}

void microtvm_on_fault(const struct microtvm_fault *fault)
{
	microtvm_print("\nfault ");
	microtvm_print(fault->reason);
	microtvm_print(" thread ");
	microtvm_print(fault->thread);
	microtvm_print(" pc ");
	microtvm_print_hex(fault->registers[MICROTVM_PC]);
	microtvm_print(" lr ");
	microtvm_print_hex(fault->registers[MICROTVM_LR]);
	microtvm_print(" status ");
	microtvm_print_hex(fault->fault_status);
	microtvm_print(" address ");
	microtvm_print_hex(fault->address);
	microtvm_print("\n");
	microtvm_platform_exit(1);
}
