/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Starts and faults, kept over resets. */
#include <microtvm/fault_record.h>

#include <string.h>

#include <microtvm/bytes.h>
#include <microtvm/crc32.h>

#define MAGIC		0x4d54564du /* "MTVM" */
#define CRC_FROM	offsetof(struct microtvm_fault_record, starts)
#define MAX_THREAD_NAME 31

_Static_assert(sizeof(struct microtvm_fault_record) <= MICROTVM_KEPT_BYTES,
	       "a port keeps fewer bytes than the record has");

static uint32_t crc_of(const struct microtvm_fault_record *record)
{
	return microtvm_crc32(0, (const uint8_t *)record + CRC_FROM, sizeof(*record) - CRC_FROM);
}

static void keep(struct microtvm_fault_record *record)
{
	record->crc = crc_of(record);
	microtvm_platform_keep();
}

struct microtvm_fault_record *microtvm_fault_record(void)
{
	struct microtvm_fault_record *record = microtvm_platform_kept();

	if (record->magic != MAGIC || record->crc != crc_of(record) ||
	    record->size > MICROTVM_FAULT_PAYLOAD) {
		memset(record, 0, sizeof(*record));
		record->magic = MAGIC;
	}
	return record;
}

void microtvm_fault_record_start(struct microtvm_fault_record *record)
{
	record->starts++;
	keep(record);
}

static size_t put_text(uint8_t *to, size_t room, const char *text)
{
	size_t size = strnlen(text, room);

	memcpy(to, text, size);
	return size;
}

static size_t put_fault(uint8_t *payload, const struct microtvm_fault *fault, uint8_t in_a_row)
{
	const uint32_t others[] = {fault->fault_status, fault->hard_fault_status, fault->address,
				   microtvm_platform_info()->stack_size};
	size_t at = 0;
	size_t named;

	for (size_t i = 0; i < MICROTVM_REGISTERS; i++, at += 4) {
		microtvm_put_u32(payload + at, fault->registers[i]);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++, at += 4) {
		microtvm_put_u32(payload + at, others[i]);
	}
	payload[at++] = in_a_row;
	named = put_text(payload + at + 1, MAX_THREAD_NAME, fault->thread);
	payload[at] = (uint8_t)named;
	at += 1 + named;
	return at + put_text(payload + at, MICROTVM_FAULT_PAYLOAD - at, fault->reason);
}

void microtvm_fault_record_put(struct microtvm_fault_record *record,
			       const struct microtvm_fault *fault)
{
	if (record->faults_in_a_row < UINT8_MAX) {
		record->faults_in_a_row++;
	}
	record->faulted_start = record->starts;
	record->size = (uint8_t)put_fault(record->payload, fault, record->faults_in_a_row);
	keep(record);
}

void microtvm_fault_record_answered(struct microtvm_fault_record *record)
{
	if (record->faults_in_a_row != 0) {
		record->faults_in_a_row = 0;
		keep(record);
	}
}

size_t microtvm_fault_record_last(const struct microtvm_fault_record *record)
{
	return record->faulted_start + 1 == record->starts ? record->size : 0;
}
