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

SYS_INIT(copy_constants, PRE_KERNEL_1, 0);
