/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Copies the constants that belong into RAM before main(), in any application. */
#include <zephyr/init.h>

#include <microtvm/placement.h>

static int copy_constants(void)
{
	microtvm_copy_constants();
	return 0;
}

/* Priority 0 is for what the memories need to work. */
SYS_INIT(copy_constants, PRE_KERNEL_1, 1);
