/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is known of earlier starts of the firmware: how many there were, and the
 * fault that ended the last one. It lies in the RAM that no start changes,
 * microtvm_platform_kept(), and a CRC tells whether that still holds it.
 */
#ifndef MICROTVM_FAULT_RECORD_H_
#define MICROTVM_FAULT_RECORD_H_

#include <stddef.h>
#include <stdint.h>

#include <microtvm/platform.h>

/* The most bytes of a fault in the protocol: numbers, thread and reason. */
#define MICROTVM_FAULT_PAYLOAD 128

/* Faults in a row, without a request that was answered, after which a device stays stopped. */
#define MICROTVM_MOST_FAULTS 5

struct microtvm_fault_record {
	uint32_t magic;
	uint32_t crc; /* of all that follows */
	uint32_t starts;
	uint32_t faulted_start; /* the value of `starts` when the fault came */
	uint8_t faults_in_a_row;
	uint8_t size; /* of the payload, 0 if there was no fault */
	uint8_t unused[2];
	uint8_t payload[MICROTVM_FAULT_PAYLOAD]; /* as the protocol has it */
};

/* The record, which is a new one if the RAM does not hold any. */
struct microtvm_fault_record *microtvm_fault_record(void);

/* Counts a start. */
void microtvm_fault_record_start(struct microtvm_fault_record *record);

/* Takes down a fault, and that there was one more. */
void microtvm_fault_record_put(struct microtvm_fault_record *record,
			       const struct microtvm_fault *fault);

/* A request was answered: the next fault is the first in a row. */
void microtvm_fault_record_answered(struct microtvm_fault_record *record);

/* Bytes of the fault that ended the start before this one, 0 if none did. */
size_t microtvm_fault_record_last(const struct microtvm_fault_record *record);

#endif /* MICROTVM_FAULT_RECORD_H_ */
