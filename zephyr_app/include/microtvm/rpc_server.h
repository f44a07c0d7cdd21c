/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The device's side of a session: takes bytes from the host, executes each
 * request once, sends one reply to it. The messages are described in
 * microtvm/session/README.md of the project.
 */
#ifndef MICROTVM_RPC_SERVER_H_
#define MICROTVM_RPC_SERVER_H_

#include <stddef.h>
#include <stdint.h>

#include <microtvm/execution.h>
#include <microtvm/fault_record.h>
#include <microtvm/framing.h>
#include <microtvm/models.h>
#include <microtvm/platform.h>

#define MICROTVM_PROTOCOL_VERSION 4

/* Requests; the reply to a request has MICROTVM_KIND_REPLY added. */
enum microtvm_kind {
	MICROTVM_KIND_NONE = 0, /* only in a reply: to a frame that could not be read */
	MICROTVM_KIND_DEVICE_INFO = 1,
	MICROTVM_KIND_MODEL_INFO = 2,
	MICROTVM_KIND_TENSOR_WRITE = 3,
	MICROTVM_KIND_TENSOR_READ = 4,
	MICROTVM_KIND_TENSOR_CRC = 5,
	MICROTVM_KIND_RUN = 6,
	MICROTVM_KIND_RUN_LAYER = 7,
	MICROTVM_KIND_LAYER_TICKS = 8,
	MICROTVM_KIND_STACK = 9,
	MICROTVM_KIND_RESET = 10,
	MICROTVM_KIND_POOL_INFO = 11,
	MICROTVM_KIND_LAST_FAULT = 12,
	MICROTVM_KIND_REPLY = 0x80,
	MICROTVM_KIND_START = 0xfe, /* the program has started: not a reply */
	MICROTVM_KIND_FAULT = 0xff, /* the device stopped: not a reply */
};

/* The most bytes that go with a frame that is no reply: those of a fault. */
#define MICROTVM_NOTICE_PAYLOAD MICROTVM_FAULT_PAYLOAD

struct microtvm_server {
	struct microtvm_execution execution;
	struct microtvm_fault_record *record;
	struct microtvm_decoder decoder;
	struct microtvm_encoder encoder; /* keeps the last reply, to be sent again */
	struct microtvm_encoder notice;	 /* frames that are not kept */
	uint8_t reply_bytes[MICROTVM_ENCODER_BYTES(MICROTVM_MAX_PAYLOAD)];
	uint8_t notice_bytes[MICROTVM_ENCODER_BYTES(MICROTVM_NOTICE_PAYLOAD)];
	uint32_t last_sequence;
	uint32_t last_crc;  /* of the request that the last reply answers */
	uint32_t last_sent; /* ticks when a frame was last sent */
	uint8_t has_reply;
	uint8_t reset_wanted;
};

/* Counts the start and tells the host of it. */
void microtvm_server_init(struct microtvm_server *server, const struct microtvm_registry *registry);

/* Takes what the host sent; executes and answers each request that it completes. */
void microtvm_server_feed(struct microtvm_server *server, const uint8_t *data, size_t size);

/*
 * Keeps a fault and tells the host of it. May be called at any time, in a fault
 * too. Returns whether the device may start again: not if it has only stopped,
 * MICROTVM_MOST_FAULTS times.
 */
int microtvm_server_report_fault(struct microtvm_server *server,
				 const struct microtvm_fault *fault);

/* Waits, a quarter of a second after the last frame, and tells the host of the fault again. */
void microtvm_server_repeat_fault(struct microtvm_server *server);

#endif /* MICROTVM_RPC_SERVER_H_ */
