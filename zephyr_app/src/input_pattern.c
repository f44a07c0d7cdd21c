/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A linear congruential generator: short, and easy to write again in any language. */
#include <microtvm/input_pattern.h>

#include <string.h>

static uint8_t next_byte(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint8_t)(*state >> 24);
}

static void fill_float32(uint32_t *state, uint8_t *data, uint32_t size)
{
	for (uint32_t i = 0; i + sizeof(float) <= size; i += sizeof(float)) {
		float value = (float)(next_byte(state) - 128) / 128.0f;

		memcpy(data + i, &value, sizeof(value));
	}
}

void microtvm_fill_pattern(uint32_t *state, const struct microtvm_tensor *tensor, uint8_t *data)
{
	uint8_t mask = tensor->dtype == MICROTVM_DTYPE_BOOL ? 1 : 0xff;

	if (tensor->dtype == MICROTVM_DTYPE_FLOAT32) {
		fill_float32(state, data, tensor->size);
		return;
	}
	for (uint32_t i = 0; i < tensor->size; i++) {
		data[i] = next_byte(state) & mask;
	}
}
