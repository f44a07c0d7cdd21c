/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The registry over the models that sources.cmake found. pools.inc has one line
 * MICROTVM_MEMORY(memory, pool, size) for each piece of memory, models.inc one line
 * MICROTVM_MODEL(name, layer_count, number, MICROTVM_POOL(memory) ...) for each
 * model, and the number is the same for models that share memory.
 */
#include <microtvm/models.h>
#include <microtvm/placement.h>

#define AT_LEAST_ONE(n) ((n) > 0 ? (n) : 1)

#define MICROTVM_MEMORY(memory, pool, size)                                                        \
	static _Alignas(MICROTVM_WORKSPACE_ALIGNMENT) MICROTVM_WORKSPACE_POOL(pool)                \
		uint8_t pool_##memory[AT_LEAST_ONE(size)];
#include "pools.inc"
#undef MICROTVM_MEMORY

#define MICROTVM_MODEL(name, layer_count, number, memories)                                        \
	extern const struct microtvm_model tvmgen_##name##_model;
#include "models.inc"
#undef MICROTVM_MODEL

#define MICROTVM_MODEL(name, layer_count, number, memories)                                        \
	static uint8_t *const pools_of_##name[] = {memories};
#define MICROTVM_POOL(memory) pool_##memory,
#include "models.inc"
#undef MICROTVM_POOL
#undef MICROTVM_MODEL

#define MICROTVM_MODEL(name, layer_count, number, memories)                                        \
	static const uint32_t sizes_of_##name[] = {memories};
#define MICROTVM_POOL(memory) sizeof(pool_##memory),
#include "models.inc"
#undef MICROTVM_POOL
#undef MICROTVM_MODEL

/* A union is as large as its largest member: no other arithmetic is needed. */
union numbers {
#define MICROTVM_MODEL(name, layer_count, number, memories) uint8_t up_to_##name[(number) + 1];
#include "models.inc"
#undef MICROTVM_MODEL
};

static struct microtvm_contents contents[sizeof(union numbers)];

static const struct microtvm_entry entries[] = {
#define MICROTVM_MODEL(name, layer_count, number, memories)                                        \
	{                                                                                          \
		.model = &tvmgen_##name##_model,                                                   \
		.contents = &contents[number],                                                     \
		.pool_count = sizeof(sizes_of_##name) / sizeof(sizes_of_##name[0]),                \
		.pools = pools_of_##name,                                                          \
		.pool_sizes = sizes_of_##name,                                                     \
	},
#include "models.inc"
#undef MICROTVM_MODEL
};

union ticks {
#define MICROTVM_MODEL(name, layer_count, number, memories)                                        \
	uint32_t ticks_of_##name[AT_LEAST_ONE(layer_count)];
#include "models.inc"
#undef MICROTVM_MODEL
};

static union ticks layer_ticks;

static const struct microtvm_registry registry = {
	.entries = entries,
	.model_count = sizeof(entries) / sizeof(entries[0]),
	.layer_capacity = sizeof(layer_ticks) / sizeof(uint32_t),
	.workspace_size = 0
#define MICROTVM_MEMORY(memory, pool, size) +sizeof(pool_##memory)
#include "pools.inc"
#undef MICROTVM_MEMORY
	,
	.layer_ticks = (uint32_t *)&layer_ticks,
};

const struct microtvm_registry *microtvm_registry(void)
{
	return &registry;
}

static int pools_fit(const struct microtvm_entry *entry)
{
	const struct microtvm_model *model = entry->model;

	if (model->pool_count != entry->pool_count) {
		return 0;
	}
	for (uint32_t i = 0; i < model->pool_count; i++) {
		if (model->pools[i].size > entry->pool_sizes[i]) {
			return 0;
		}
	}
	return 1;
}

static int tensor_fits(const struct microtvm_model *model, const struct microtvm_tensor *tensor)
{
	uint32_t size = tensor->pool < model->pool_count ? model->pools[tensor->pool].size : 0;

	return tensor->size <= size && tensor->offset <= size - tensor->size;
}

int microtvm_model_fits(const struct microtvm_registry *owner, const struct microtvm_entry *entry)
{
	const struct microtvm_model *model = entry->model;

	if (!pools_fit(entry) || model->layer_count > owner->layer_capacity ||
	    model->input_count > MICROTVM_MAX_INPUTS) {
		return 0;
	}
	for (uint32_t i = 0; i < model->tensor_count; i++) {
		if (!tensor_fits(model, &model->tensors[i])) {
			return 0;
		}
	}
	for (uint32_t i = 0; i < model->input_count; i++) {
		if (model->inputs[i] >= model->tensor_count) {
			return 0;
		}
	}
	return 1;
}
