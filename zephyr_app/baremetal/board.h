/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What the files of the bare-metal port share. */
#ifndef MICROTVM_BAREMETAL_BOARD_H_
#define MICROTVM_BAREMETAL_BOARD_H_

#include <stdint.h>

/* What a word of stack holds that was never used. */
#define BOARD_STACK_PAINT 0xa5a5a5a5u

/* Bytes below the stack where an access is a fault. */
#define BOARD_STACK_GUARD 0x100000u

extern uint32_t __main_stack_start[], __main_stack_end[];

/* MICROTVM_KEPT_BYTES at the end of the RAM. */
extern uint32_t __kept_start[];

/* On which start-up and faults run. */
#define BOARD_FAULT_STACK_WORDS 512
extern uint32_t board_fault_stack[BOARD_FAULT_STACK_WORDS];

/* Whether the program has ended: a fault then means that there is no emulator to leave. */
extern volatile uint8_t board_has_ended;

/* Of CMSDK timer 1, which watches over layers. */
#define BOARD_WATCH_IRQ 9

/* The handler of every exception that must not happen. */
void board_fault_entry(void);

#endif /* MICROTVM_BAREMETAL_BOARD_H_ */
