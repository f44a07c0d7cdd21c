/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* From Zephyr 4.2 on the UART's driver asks for a pin controller. QEMU's has none. */
#ifndef MICROTVM_BOARDS_MPS2_M4_PINCTRL_SOC_H_
#define MICROTVM_BOARDS_MPS2_M4_PINCTRL_SOC_H_

#include <stdint.h>

typedef uint8_t pinctrl_soc_pin_t;

#define Z_PINCTRL_STATE_PINS_INIT(node_id, prop)                                                   \
	{                                                                                          \
	}

#endif /* MICROTVM_BOARDS_MPS2_M4_PINCTRL_SOC_H_ */
