/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The models of this firmware and the memory that they share: one arena, as
 * large as the largest workspace, since one model runs at a time.
 */
#ifndef MICROTVM_MODELS_H_
#define MICROTVM_MODELS_H_

#include <stddef.h>
#include <stdint.h>

#include <microtvm/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most inputs of a model. */
#define MICROTVM_MAX_INPUTS 32

struct microtvm_registry {
	const struct microtvm_model *const *models;
	uint16_t model_count;
	uint16_t layer_capacity; /* entries of layer_ticks: the most layers that a model has */
	uint32_t arena_size;	 /* bytes */
	uint8_t *arena;		 /* aligned to MICROTVM_WORKSPACE_ALIGNMENT */
	uint32_t *layer_ticks;	 /* of the last run, written by who runs the model */
};

const struct microtvm_registry *microtvm_registry(void);

/*
 * Whether a model fits the registry's memory and its tensors lie within the
 * arena: what a program checks once before it trusts a descriptor.
 */
int microtvm_model_fits(const struct microtvm_registry *registry,
			const struct microtvm_model *model);

#ifdef __cplusplus
}
#endif

#endif /* MICROTVM_MODELS_H_ */
