/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs a generated model on the inputs of a file and compares what each layer
 * writes. The file has, in words, the count of inputs, then the places in the
 * workspace of the input and of each layer's output, as an offset and a size in
 * bytes; then, for each input, its bytes and those of each output.
 */
#include <stddef.h>
#include <stdint.h>

#include "microtvm/model.h"

#include "machine.h"

__asm(".section .rodata\n"
      ".balign 4\n"
      ".global cases_file\n"
      "cases_file: .incbin \"" CASES_FILE "\"\n"
      ".previous\n");
extern const int32_t cases_file[];
extern const struct microtvm_model tvmgen_default_model;

struct place {
	int32_t offset;
	int32_t size;
};

static uint8_t *take_workspace(size_t size)
{
	uint8_t *memory = machine_take(size + MICROTVM_WORKSPACE_ALIGNMENT);

	return memory + (0 - (uintptr_t)memory) % MICROTVM_WORKSPACE_ALIGNMENT;
}

static int is_expected(const uint8_t *workspace, struct place place, const uint8_t *expected,
		       int32_t number, int32_t layer)
{
	for (int32_t i = 0; i < place.size; i++) {
		if (workspace[place.offset + i] != expected[i]) {
			machine_print("case %, layer %, byte %: % instead of %\n",
				      (const int32_t[]){number, layer, i,
							workspace[place.offset + i], expected[i]});
			return 0;
		}
	}
	return 1;
}

/* Returns what follows the case, or NULL. */
static const uint8_t *run_case(const struct place *places, const uint8_t *bytes, int32_t number)
{
	const struct microtvm_model *model = &tvmgen_default_model;
	uint8_t *workspace = take_workspace(model->pools[0].size);

	for (int32_t i = 0; i < places[0].size; i++) {
		workspace[places[0].offset + i] = bytes[i];
	}
	bytes += places[0].size;
	for (int32_t layer = 1; layer <= model->layer_count; layer++) {
		if (model->run_layer((uint32_t)layer, &workspace) != 0 ||
		    !is_expected(workspace, places[layer], bytes, number, layer)) {
			return NULL;
		}
		bytes += places[layer].size;
	}
	return bytes;
}

int run_cases(void)
{
	const struct place *places = (const struct place *)(cases_file + 1);
	const uint8_t *bytes = (const uint8_t *)(places + 1 + tvmgen_default_model.layer_count);

	for (int32_t number = 0; number < cases_file[0]; number++) {
		machine_begin();
		bytes = run_case(places, bytes, number);
		if (bytes == NULL || !machine_is_whole()) {
			return 1;
		}
		machine_end();
	}
	machine_print("% cases, % layers\n",
		      (const int32_t[]){cases_file[0], tvmgen_default_model.layer_count});
	return 0;
}
