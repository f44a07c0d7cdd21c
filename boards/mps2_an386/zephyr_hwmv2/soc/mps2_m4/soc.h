/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* All that CMSIS must know of the core follows from Kconfig. */
#ifndef MICROTVM_BOARDS_MPS2_M4_SOC_H_
#define MICROTVM_BOARDS_MPS2_M4_SOC_H_

#include <cmsis_core_m_defaults.h>

#endif /* MICROTVM_BOARDS_MPS2_M4_SOC_H_ */
