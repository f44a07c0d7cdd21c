/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The model that the application holds until a project brings its own: two
 * layers over eight int8 values. Written by hand in the form of generated code.
 */
#ifndef TVMGEN_STUB_H_
#define TVMGEN_STUB_H_

#include <stdint.h>

#include <microtvm/model.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TVMGEN_STUB_INPUT_SIZE	   8
#define TVMGEN_STUB_OUTPUT_SIZE	   8
#define TVMGEN_STUB_WORKSPACE_SIZE 32

struct tvmgen_stub_inputs {
	void *input;
};

struct tvmgen_stub_outputs {
	void *output;
};

struct tvmgen_stub_workspace_pools {
	void *global_workspace; /* TVMGEN_STUB_WORKSPACE_SIZE bytes */
};

/* Where the inputs and outputs lie in the workspace. */
struct tvmgen_stub_inputs tvmgen_stub_map_inputs(struct tvmgen_stub_workspace_pools *pools);
struct tvmgen_stub_outputs tvmgen_stub_map_outputs(struct tvmgen_stub_workspace_pools *pools);

/* Runs all layers. Returns 0, or the error of the layer that failed. */
int32_t tvmgen_stub_run(struct tvmgen_stub_inputs *inputs, struct tvmgen_stub_outputs *outputs,
			struct tvmgen_stub_workspace_pools *pools);

extern const struct microtvm_model tvmgen_stub_model;

#ifdef __cplusplus
}
#endif

#endif /* TVMGEN_STUB_H_ */
