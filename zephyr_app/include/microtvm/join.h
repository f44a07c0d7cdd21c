/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Texts of words and numbers, in an array that may be too short for them. */
#ifndef MICROTVM_JOIN_H_
#define MICROTVM_JOIN_H_

#include <stddef.h>
#include <stdint.h>

/* A text in `size` bytes, of which `used` stand; the last one is always a zero. */
struct microtvm_text {
	char *bytes;
	size_t size;
	size_t used;
};

static inline void microtvm_join(struct microtvm_text *text, const char *words)
{
	while (*words != '\0' && text->used + 1 < text->size) {
		text->bytes[text->used++] = *words++;
	}
	text->bytes[text->used] = '\0';
}

static inline void microtvm_join_unsigned(struct microtvm_text *text, uint32_t value)
{
	char digits[11]; /* 2^32 has 10 */
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	microtvm_join(text, at);
}

#endif /* MICROTVM_JOIN_H_ */
