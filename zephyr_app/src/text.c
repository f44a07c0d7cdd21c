/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers and words to bytes, and those to the port. */
#include <microtvm/text.h>

#include <string.h>

#include <microtvm/platform.h>

void microtvm_print(const char *text)
{
	microtvm_platform_write((const uint8_t *)text, strlen(text));
}

void microtvm_print_unsigned(uint64_t value)
{
	char digits[21]; /* 2^64 has 20 */
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	microtvm_print(at);
}

void microtvm_print_signed(int64_t value)
{
	if (value < 0) {
		microtvm_print("-");
		microtvm_print_unsigned(-(uint64_t)value);
	} else {
		microtvm_print_unsigned((uint64_t)value);
	}
}

void microtvm_print_hex(uint32_t value)
{
	char text[11] = "0x";

	for (int i = 0; i < 8; i++) {
		text[2 + i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
	}
	text[10] = '\0';
	microtvm_print(text);
}
