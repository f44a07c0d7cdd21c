/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The models of this firmware and the memory of their pools. Models that name
 * the same pool share its memory, since one model runs at a time: it is as
 * large as the largest of them needs. Or, if the build is told so, each model
 * has memory of its own, in which its tensors outlast the runs of the others.
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

/* Which tensors are whole in the memory of pools. Models that share one share the other. */
struct microtvm_contents {
	const struct microtvm_model *model;    /* whose tensors they are, or NULL */
	uint32_t done;			       /* layers of `model` that have run */
	uint32_t written[MICROTVM_MAX_INPUTS]; /* bytes of each input that are whole */
};

/* A model and the memory that it runs in. */
struct microtvm_entry {
	const struct microtvm_model *model;
	struct microtvm_contents *contents; /* kept by who runs the model */
	uint16_t pool_count;
	uint8_t *const *pools;	    /* aligned to MICROTVM_WORKSPACE_ALIGNMENT */
	const uint32_t *pool_sizes; /* bytes; at least what the model asks for */
};

struct microtvm_registry {
	const struct microtvm_entry *entries;
	uint16_t model_count;
	uint16_t layer_capacity; /* entries of layer_ticks: the most layers that a model has */
	uint32_t workspace_size; /* bytes of all pools of the firmware */
	uint32_t *layer_ticks;	 /* of the last run, written by who runs the model */
};

const struct microtvm_registry *microtvm_registry(void);

/*
 * Whether a model fits the memory of its entry and its tensors lie within their
 * pools: what a program checks once before it trusts a descriptor.
 */
int microtvm_model_fits(const struct microtvm_registry *registry,
			const struct microtvm_entry *entry);

/* Where a tensor of a model that fits is. */
static inline uint8_t *microtvm_tensor_data(const struct microtvm_entry *entry, uint32_t tensor)
{
	const struct microtvm_tensor *placed = &entry->model->tensors[tensor];

	return entry->pools[placed->pool] + placed->offset;
}

#ifdef __cplusplus
}
#endif

#endif /* MICROTVM_MODELS_H_ */
