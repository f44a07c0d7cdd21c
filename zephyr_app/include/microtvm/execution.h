/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs models in their pools, layer by layer, and knows which tensors'
 * bytes are whole at the moment. Every access is checked; no I/O here.
 */
#ifndef MICROTVM_EXECUTION_H_
#define MICROTVM_EXECUTION_H_

#include <stdint.h>

#include <microtvm/models.h>
#include <microtvm/status.h>

struct microtvm_execution {
	const struct microtvm_registry *registry;
	const struct microtvm_entry *ticks_from; /* whose ticks are in the registry, or NULL */
	uint32_t running;			 /* the layer that runs, or ran last */
};

void microtvm_execution_init(struct microtvm_execution *execution,
			     const struct microtvm_registry *registry);

/*
 * Writes a part of an input. Parts come in order: a part may start where the
 * one before ended, or earlier. Writing makes the model ready for layer 1.
 */
enum microtvm_status microtvm_execution_write(struct microtvm_execution *execution,
					      const struct microtvm_entry *entry, uint32_t tensor,
					      uint32_t offset, const uint8_t *data, uint32_t size);

/* Gives a part of a tensor that is alive; `data` is valid until the next call. */
enum microtvm_status microtvm_execution_read(const struct microtvm_entry *entry, uint32_t tensor,
					     uint32_t offset, uint32_t size, const uint8_t **data);

/* Layers of the model that have run; 0 since its inputs were written or another took its memory. */
uint32_t microtvm_execution_done(const struct microtvm_entry *entry);

/* Whether run_layer() would run this layer now. */
enum microtvm_status microtvm_execution_check(const struct microtvm_execution *execution,
					      const struct microtvm_entry *entry, uint32_t layer);

/* Runs a layer, 1 or the one after the last that ran, and notes its ticks. */
enum microtvm_status microtvm_execution_run_layer(struct microtvm_execution *execution,
						  const struct microtvm_entry *entry,
						  uint32_t layer);

#endif /* MICROTVM_EXECUTION_H_ */
