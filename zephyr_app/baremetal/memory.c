/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * memcpy and memmove that never touch a word at an odd address, for builds in
 * which that is a fault. Elsewhere the C library's, which are faster, serve.
 */
#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);

static int share_alignment(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & 3) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	if (share_alignment(to, from)) {
		for (; size >= 4; size -= 4, in += 4, out += 4) {
			*(word *)(void *)out = *(const word *)(const void *)in;
		}
	}
	while (size-- > 0) {
		*out++ = *in++;
	}
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	if (out < in) {
		for (size_t i = 0; i < size; i++) {
			out[i] = in[i];
		}
	} else {
		for (size_t i = size; i > 0; i--) {
			out[i - 1] = in[i - 1];
		}
	}
	return to;
}
