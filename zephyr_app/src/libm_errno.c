/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The one thing that newlib's libm asks of its C library, for firmware that
 * has another one. Nobody reads it: models run in one thread and look at
 * results alone.
 */
static int error_number;

int *__errno(void);

int *__errno(void)
{
	return &error_number;
}
