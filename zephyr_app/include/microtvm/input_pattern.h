/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input of a program that has no host: the same bytes on every board. */
#ifndef MICROTVM_INPUT_PATTERN_H_
#define MICROTVM_INPUT_PATTERN_H_

#include <stdint.h>

#include <microtvm/model.h>

/* The state from which each run of a model starts. */
#define MICROTVM_PATTERN_SEED 1u

/*
 * Fills a tensor and moves the state on: x = x * 1664525 + 1013904223 a byte,
 * the byte being x >> 24. A float32 element takes one byte b and is
 * (b - 128) / 128, a bool one byte b and is b & 1; all other types take the
 * bytes as they come.
 */
void microtvm_fill_pattern(uint32_t *state, const struct microtvm_tensor *tensor, uint8_t *data);

#endif /* MICROTVM_INPUT_PATTERN_H_ */
