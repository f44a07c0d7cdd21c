/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The one owner of the pools: what is in them, what may be read, what may run. */
#include <microtvm/execution.h>

#include <string.h>

#include <microtvm/platform.h>

void microtvm_execution_init(struct microtvm_execution *execution,
			     const struct microtvm_registry *registry)
{
	memset(execution, 0, sizeof(*execution));
	execution->registry = registry;
	for (uint32_t i = 0; i < registry->model_count; i++) {
		memset(registry->entries[i].contents, 0, sizeof(struct microtvm_contents));
	}
}

static int has_pools(const struct microtvm_entry *entry)
{
	return entry->contents->model == entry->model;
}

static void take_pools(const struct microtvm_entry *entry)
{
	if (!has_pools(entry)) {
		memset(entry->contents, 0, sizeof(*entry->contents));
	}
	entry->contents->model = entry->model;
	entry->contents->done = 0;
}

/* Bytes of an input, counted among the inputs, that are whole. */
static uint32_t written(const struct microtvm_entry *entry, uint32_t input)
{
	return has_pools(entry) ? entry->contents->written[input] : 0;
}

/* The tensor's place among the inputs, or -1. */
static int input_place(const struct microtvm_model *model, uint32_t tensor)
{
	for (int i = 0; i < model->input_count; i++) {
		if (model->inputs[i] == tensor) {
			return i;
		}
	}
	return -1;
}

static enum microtvm_status check_range(const struct microtvm_tensor *tensor, uint32_t offset,
					uint32_t size)
{
	if (size > tensor->size || offset > tensor->size - size) {
		return MICROTVM_STATUS_OUT_OF_RANGE;
	}
	return MICROTVM_STATUS_OK;
}

enum microtvm_status microtvm_execution_write(struct microtvm_execution *execution,
					      const struct microtvm_entry *entry, uint32_t tensor,
					      uint32_t offset, const uint8_t *data, uint32_t size)
{
	const struct microtvm_model *model = entry->model;
	int place;

	if (!microtvm_model_fits(execution->registry, entry)) {
		return MICROTVM_STATUS_BAD_MODEL;
	}
	if (tensor >= model->tensor_count) {
		return MICROTVM_STATUS_NO_SUCH_TENSOR;
	}
	place = input_place(model, tensor);
	if (place < 0) {
		return MICROTVM_STATUS_NOT_AN_INPUT;
	}
	if (offset > written(entry, (uint32_t)place) ||
	    check_range(&model->tensors[tensor], offset, size) != 0) {
		return MICROTVM_STATUS_OUT_OF_RANGE;
	}
	take_pools(entry);
	memcpy(microtvm_tensor_data(entry, tensor) + offset, data, size);
	entry->contents->written[place] = offset + size;
	return MICROTVM_STATUS_OK;
}

static int inputs_are_whole(const struct microtvm_entry *entry)
{
	const struct microtvm_model *model = entry->model;

	for (uint32_t i = 0; i < model->input_count; i++) {
		if (written(entry, i) != model->tensors[model->inputs[i]].size) {
			return 0;
		}
	}
	return 1;
}

static int is_alive(const struct microtvm_entry *entry, uint32_t tensor)
{
	const struct microtvm_model *model = entry->model;
	int place = input_place(model, tensor);

	if (!has_pools(entry)) {
		return 0;
	}
	if (place >= 0) {
		return written(entry, (uint32_t)place) == model->tensors[tensor].size;
	}
	return entry->contents->done >= model->tensors[tensor].alive_from &&
	       entry->contents->done <= model->tensors[tensor].alive_to;
}

uint32_t microtvm_execution_done(const struct microtvm_entry *entry)
{
	return has_pools(entry) ? entry->contents->done : 0;
}

enum microtvm_status microtvm_execution_read(const struct microtvm_entry *entry, uint32_t tensor,
					     uint32_t offset, uint32_t size, const uint8_t **data)
{
	const struct microtvm_model *model = entry->model;

	if (tensor >= model->tensor_count) {
		return MICROTVM_STATUS_NO_SUCH_TENSOR;
	}
	if (check_range(&model->tensors[tensor], offset, size) != MICROTVM_STATUS_OK) {
		return MICROTVM_STATUS_OUT_OF_RANGE;
	}
	if (!is_alive(entry, tensor)) {
		return MICROTVM_STATUS_NOT_ALIVE;
	}
	*data = microtvm_tensor_data(entry, tensor) + offset;
	return MICROTVM_STATUS_OK;
}

enum microtvm_status microtvm_execution_check(const struct microtvm_execution *execution,
					      const struct microtvm_entry *entry, uint32_t layer)
{
	const struct microtvm_model *model = entry->model;

	if (!microtvm_model_fits(execution->registry, entry)) {
		return MICROTVM_STATUS_BAD_MODEL;
	}
	if (layer < 1 || layer > model->layer_count) {
		return MICROTVM_STATUS_NO_SUCH_LAYER;
	}
	if (layer == 1) {
		return inputs_are_whole(entry) ? MICROTVM_STATUS_OK
					       : MICROTVM_STATUS_INPUTS_MISSING;
	}
	if (layer != microtvm_execution_done(entry) + 1) {
		return MICROTVM_STATUS_OUT_OF_ORDER;
	}
	return MICROTVM_STATUS_OK;
}

static void start_inference(struct microtvm_execution *execution,
			    const struct microtvm_entry *entry)
{
	const struct microtvm_registry *registry = execution->registry;

	take_pools(entry);
	execution->ticks_from = entry;
	memset(registry->layer_ticks, 0, registry->layer_capacity * sizeof(uint32_t));
}

static void forget_overwritten_inputs(const struct microtvm_entry *entry)
{
	const struct microtvm_model *model = entry->model;

	for (uint32_t i = 0; i < model->input_count; i++) {
		if (model->tensors[model->inputs[i]].alive_to < entry->contents->done) {
			entry->contents->written[i] = 0;
		}
	}
}

enum microtvm_status microtvm_execution_run_layer(struct microtvm_execution *execution,
						  const struct microtvm_entry *entry,
						  uint32_t layer)
{
	enum microtvm_status status = microtvm_execution_check(execution, entry, layer);
	uint32_t start;
	int32_t ret;

	if (status != MICROTVM_STATUS_OK) {
		return status;
	}
	if (layer == 1) {
		start_inference(execution, entry);
	}
	execution->running = layer;
	microtvm_platform_watch(1);
	start = microtvm_platform_ticks();
	ret = entry->model->run_layer(layer, entry->pools);
	execution->registry->layer_ticks[layer - 1] = microtvm_platform_ticks() - start;
	microtvm_platform_watch(0);
	if (ret != 0) {
		entry->contents->model = NULL;
		return MICROTVM_STATUS_LAYER_FAILED;
	}
	entry->contents->done = layer;
	forget_overwritten_inputs(entry);
	return MICROTVM_STATUS_OK;
}
