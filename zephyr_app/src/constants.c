/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Copies the constants that belong into RAM from where they are stored.
 * constants.inc has one line MICROTVM_COPIED(region) for each such region, of
 * which the linker script, constants.ld.in, gives places and size.
 */
#include <stdint.h>
#include <string.h>

#include <microtvm/placement.h>

#define MICROTVM_COPIED(region)                                                                    \
	extern uint8_t __microtvm_constants_##region##_start[];                                    \
	extern const uint8_t __microtvm_constants_##region##_load[];                               \
	extern const uint8_t __microtvm_constants_##region##_size[]; /* its address is the size */
#include "constants.inc"
#undef MICROTVM_COPIED

void microtvm_copy_constants(void)
{
#define MICROTVM_COPIED(region)                                                                    \
	memcpy(__microtvm_constants_##region##_start, __microtvm_constants_##region##_load,        \
	       (uintptr_t)__microtvm_constants_##region##_size);
#include "constants.inc"
#undef MICROTVM_COPIED
}
