/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Text on the port's output, without printf and its kilobytes. */
#ifndef MICROTVM_TEXT_H_
#define MICROTVM_TEXT_H_

#include <stdint.h>

void microtvm_print(const char *text);
void microtvm_print_unsigned(uint64_t value);
void microtvm_print_signed(int64_t value);
void microtvm_print_hex(uint32_t value); /* as 0x00000000 */

#endif /* MICROTVM_TEXT_H_ */
