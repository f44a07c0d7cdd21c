/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What generated code offers to a program that knows its model only at run
 * time: one descriptor a model. A program that knows its model when it is
 * compiled uses tvmgen_<name>.h instead. Nothing here allocates or blocks.
 */
#ifndef MICROTVM_MODEL_H_
#define MICROTVM_MODEL_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Alignment, in bytes, that each pool of a model's workspace must have. */
#define MICROTVM_WORKSPACE_ALIGNMENT 16

enum microtvm_dtype {
	MICROTVM_DTYPE_INT8 = 1,
	MICROTVM_DTYPE_UINT8 = 2,
	MICROTVM_DTYPE_INT16 = 3,
	MICROTVM_DTYPE_INT32 = 4,
	MICROTVM_DTYPE_INT64 = 5,
	MICROTVM_DTYPE_FLOAT32 = 6,
	MICROTVM_DTYPE_BOOL = 7,
};

/*
 * A part of the workspace: memory of its own, which may lie in another region
 * of the board than the other pools.
 */
struct microtvm_pool {
	const char *name;
	uint32_t size; /* bytes */
};

/*
 * A tensor in the workspace. Layers are counted from 1, in the order in which
 * they run; 0 stands for "before the first layer". The tensor's bytes are whole
 * from the end of layer alive_from (0 for a model input) to the end of layer
 * alive_to (layer_count for a model output), both included.
 */
struct microtvm_tensor {
	const char *name;
	uint32_t offset; /* bytes from its pool's start */
	uint32_t size;	 /* bytes */
	uint16_t alive_from;
	uint16_t alive_to;
	uint8_t dtype; /* enum microtvm_dtype */
	uint8_t pool;  /* index into the model's pools */
};

struct microtvm_model {
	const char *name;
	uint32_t checksum; /* CRC-32 that metadata.json repeats: same model, same options */
	uint16_t tensor_count;
	uint16_t input_count;
	uint16_t output_count;
	uint16_t layer_count;
	uint16_t pool_count;
	const struct microtvm_pool *pools;
	const struct microtvm_tensor *tensors;
	const uint16_t *inputs;	 /* indices into tensors */
	const uint16_t *outputs; /* indices into tensors */

	/*
	 * Runs one layer, 1 to layer_count. Layers must run in order; the inputs
	 * must have been written to their pools first. `pools` has the start of
	 * each pool, in the order above.
	 * Returns 0, or -1 if there is no such layer.
	 */
	int32_t (*run_layer)(uint32_t layer, uint8_t *const *pools);
};

#ifdef __cplusplus
}
#endif

#endif /* MICROTVM_MODEL_H_ */
