/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The application core at its rated 128 MHz; it starts at 64 MHz, and Zephyr leaves it there. */
#include <hal/nrf_clock.h>
#include <zephyr/init.h>

static int run_at_rated_clock(void)
{
	nrf_clock_hfclk_div_set(NRF_CLOCK, NRF_CLOCK_HFCLK_DIV_1);
	return 0;
}

SYS_INIT(run_at_rated_clock, PRE_KERNEL_1, CONFIG_KERNEL_INIT_PRIORITY_DEFAULT);
