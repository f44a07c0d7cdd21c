/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What CMSIS must know of the core before its own header is included. The
 * rest has Zephyr's defaults.
 */
#ifndef MICROTVM_BOARDS_MPS2_AN386_SOC_H_
#define MICROTVM_BOARDS_MPS2_AN386_SOC_H_

#define __MPU_PRESENT 1
#define __FPU_PRESENT 1

#endif /* MICROTVM_BOARDS_MPS2_AN386_SOC_H_ */
