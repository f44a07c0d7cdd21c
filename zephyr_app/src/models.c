/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The registry over the models that sources.cmake found: models.inc has one
 * line MICROTVM_MODEL(name, workspace_size, layer_count) for each.
 */
#include <microtvm/models.h>

#ifndef MICROTVM_WORKSPACE_SIZE
#define MICROTVM_WORKSPACE_SIZE 0
#endif

#define AT_LEAST_ONE(n) ((n) > 0 ? (n) : 1)

#define MICROTVM_MODEL(name, workspace_size, layer_count)                                          \
	extern const struct microtvm_model tvmgen_##name##_model;
#include "models.inc"
#undef MICROTVM_MODEL

static const struct microtvm_model *const models[] = {
#define MICROTVM_MODEL(name, workspace_size, layer_count) &tvmgen_##name##_model,
#include "models.inc"
#undef MICROTVM_MODEL
};

/* A union is as large as its largest member: no other arithmetic is needed. */
union arena {
#define MICROTVM_MODEL(name, workspace_size, layer_count)                                          \
	uint8_t bytes_of_##name[AT_LEAST_ONE(workspace_size)];
#include "models.inc"
#undef MICROTVM_MODEL
	uint8_t configured_size[AT_LEAST_ONE(MICROTVM_WORKSPACE_SIZE)];
};

union ticks {
#define MICROTVM_MODEL(name, workspace_size, layer_count)                                          \
	uint32_t ticks_of_##name[AT_LEAST_ONE(layer_count)];
#include "models.inc"
#undef MICROTVM_MODEL
};

static _Alignas(MICROTVM_WORKSPACE_ALIGNMENT) union arena arena;
static union ticks layer_ticks;

static const struct microtvm_registry registry = {
	.models = models,
	.model_count = sizeof(models) / sizeof(models[0]),
	.layer_capacity = sizeof(layer_ticks) / sizeof(uint32_t),
	.arena_size = sizeof(arena),
	.arena = (uint8_t *)&arena,
	.layer_ticks = (uint32_t *)&layer_ticks,
};

const struct microtvm_registry *microtvm_registry(void)
{
	return &registry;
}

int microtvm_model_fits(const struct microtvm_registry *owner, const struct microtvm_model *model)
{
	if (model->workspace_size > owner->arena_size ||
	    model->layer_count > owner->layer_capacity ||
	    model->input_count > MICROTVM_MAX_INPUTS) {
		return 0;
	}
	for (uint32_t i = 0; i < model->tensor_count; i++) {
		const struct microtvm_tensor *tensor = &model->tensors[i];

		if (tensor->size > model->workspace_size ||
		    tensor->offset > model->workspace_size - tensor->size) {
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
