/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The RAMs of an STM32H7's second domain have clocks of their own, which are off
 * after a reset (RCC_AHB2ENR), and Zephyr leaves them off.
 */
#include <stm32_ll_bus.h>
#include <zephyr/init.h>

static int start_memory_clocks(void)
{
	uint32_t memories = 0;

#ifdef LL_AHB2_GRP1_PERIPH_D2SRAM1
	memories |= LL_AHB2_GRP1_PERIPH_D2SRAM1;
#endif
#ifdef LL_AHB2_GRP1_PERIPH_D2SRAM2
	memories |= LL_AHB2_GRP1_PERIPH_D2SRAM2;
#endif
#ifdef LL_AHB2_GRP1_PERIPH_D2SRAM3
	memories |= LL_AHB2_GRP1_PERIPH_D2SRAM3;
#endif
	LL_AHB2_GRP1_EnableClock(memories);
	return 0;
}

/* Before the constants are copied, at the next priority. */
SYS_INIT(start_memory_clocks, PRE_KERNEL_1, 0);
