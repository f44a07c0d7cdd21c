/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a test program of kernels needs of the machine that it runs on: this host, or QEMU. */
#ifndef MICROTVM_TESTS_MACHINE_H_
#define MICROTVM_TESTS_MACHINE_H_

#include <stddef.h>
#include <stdint.h>

/* The test; returns the program's exit code. */
int run_cases(void);

/* Memory until machine_end(), at a multiple of 8; what lies right behind it is watched. */
void *machine_take(size_t size);
void machine_begin(void);
void machine_end(void);

/* Whether nothing was written behind the memory that was taken. */
int machine_is_whole(void);

/* Stands around what is measured. */
void machine_mark(void);

/* The most stack that was in use below the caller's between two marks. */
size_t machine_stack_used(void);

/* Prints a text; each % becomes the next number. */
void machine_print(const char *text, const int32_t *numbers);

#endif /* MICROTVM_TESTS_MACHINE_H_ */
