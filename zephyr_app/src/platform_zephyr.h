/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the files of the port to Zephyr share. */
#ifndef MICROTVM_PLATFORM_ZEPHYR_H_
#define MICROTVM_PLATFORM_ZEPHYR_H_

#include <stdbool.h>

/* Whether the program is ending: a fault then means that there is no emulator to leave. */
extern bool microtvm_zephyr_leaving;

/* Starts the timer that microtvm_platform_watch() needs. */
void microtvm_zephyr_start_watch(void);

#endif /* MICROTVM_PLATFORM_ZEPHYR_H_ */
