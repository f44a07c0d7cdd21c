/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Frames of a session: each request is executed once, however often it
 * arrives, since its reply is kept until another request comes.
 */
#include <microtvm/rpc_server.h>

#include <string.h>

#include <microtvm/bytes.h>
#include <microtvm/join.h>
#include <microtvm/rpc_requests.h>

#define PROGRESS_PER_SECOND 10
#define FAULTS_PER_SECOND   4
/* An emulator takes far longer over a look at a timer than over a loop. */
#define LOOPS_BETWEEN_LOOKS 1000

static void send(struct microtvm_server *server, const struct microtvm_encoder *encoder)
{
	microtvm_platform_write(encoder->bytes, encoder->size);
	server->last_sent = microtvm_platform_ticks();
}

static void send_notice(struct microtvm_server *server, uint32_t sequence, uint8_t kind,
			enum microtvm_status status, size_t size)
{
	microtvm_encoder_finish(&server->notice, sequence, kind, (uint8_t)status, size);
	send(server, &server->notice);
}

void microtvm_server_init(struct microtvm_server *server, const struct microtvm_registry *registry)
{
	memset(server, 0, sizeof(*server));
	microtvm_execution_init(&server->execution, registry);
	microtvm_decoder_reset(&server->decoder);
	microtvm_encoder_init(&server->encoder, server->reply_bytes, MICROTVM_MAX_PAYLOAD);
	microtvm_encoder_init(&server->notice, server->notice_bytes, MICROTVM_NOTICE_PAYLOAD);
	server->record = microtvm_fault_record();
	microtvm_fault_record_start(server->record);
	microtvm_put_u32(microtvm_encoder_payload(&server->notice), server->record->starts);
	send_notice(server, 0, MICROTVM_KIND_START, MICROTVM_STATUS_OK, 4);
}

void microtvm_server_report_progress(struct microtvm_server *server)
{
	uint32_t silent = microtvm_platform_ticks() - server->last_sent;

	if (silent >= microtvm_platform_info()->tick_hz / PROGRESS_PER_SECOND) {
		send_notice(server, server->last_sequence, MICROTVM_KIND_REPLY,
			    MICROTVM_STATUS_PENDING, 0);
	}
}

static void send_fault(struct microtvm_server *server)
{
	const struct microtvm_fault_record *record = server->record;

	/* The server may not have come to life yet. */
	microtvm_encoder_init(&server->notice, server->notice_bytes, MICROTVM_NOTICE_PAYLOAD);
	memcpy(microtvm_encoder_payload(&server->notice), record->payload, record->size);
	send_notice(server, 0, MICROTVM_KIND_FAULT, MICROTVM_STATUS_OK, record->size);
}

/* The port does not know what it watched. */
static void put_timeout(struct microtvm_server *server, const struct microtvm_fault *fault)
{
	char bytes[48];
	struct microtvm_text reason = {bytes, sizeof(bytes), 0};
	struct microtvm_fault told = *fault;

	microtvm_join(&reason, "no end of layer ");
	microtvm_join_unsigned(&reason, server->execution.running);
	microtvm_join(&reason, " within ");
	microtvm_join_unsigned(&reason, MICROTVM_LAYER_TIMEOUT_MS);
	microtvm_join(&reason, " ms");
	told.reason = bytes;
	microtvm_fault_record_put(server->record, &told);
}

int microtvm_server_report_fault(struct microtvm_server *server, const struct microtvm_fault *fault)
{
	server->record = microtvm_fault_record();
	if (fault->timed_out) {
		put_timeout(server, fault);
	} else {
		microtvm_fault_record_put(server->record, fault);
	}
	send_fault(server);
	return server->record->faults_in_a_row < MICROTVM_MOST_FAULTS;
}

void microtvm_server_repeat_fault(struct microtvm_server *server)
{
	uint32_t period = microtvm_platform_info()->tick_hz / FAULTS_PER_SECOND;

	while (microtvm_platform_ticks() - server->last_sent < period) {
		for (volatile uint32_t i = 0; i < LOOPS_BETWEEN_LOOKS; i++) {
		}
	}
	send_fault(server);
}

static int is_repeated(const struct microtvm_server *server, const struct microtvm_frame *frame)
{
	return server->has_reply && frame->sequence == server->last_sequence &&
	       frame->crc == server->last_crc;
}

static void answer(struct microtvm_server *server, const struct microtvm_frame *frame)
{
	struct microtvm_request request = {frame->payload, frame->size};
	struct microtvm_reply reply = {microtvm_encoder_payload(&server->encoder), 0};
	enum microtvm_status status;

	server->has_reply = 0;
	server->last_sequence = frame->sequence;
	server->last_crc = frame->crc;
	server->last_sent = microtvm_platform_ticks();
	status = microtvm_execute_request(server, frame->kind, request, &reply);
	microtvm_encoder_finish(&server->encoder, frame->sequence,
				MICROTVM_KIND_REPLY | frame->kind, (uint8_t)status, reply.size);
	server->has_reply = 1;
}

static void handle(struct microtvm_server *server, const struct microtvm_frame *frame)
{
	if (frame->kind & MICROTVM_KIND_REPLY) {
		return; /* an echo of what this device sent */
	}
	if (!is_repeated(server, frame)) {
		answer(server, frame);
	}
	send(server, &server->encoder);
	microtvm_fault_record_answered(server->record);
	if (server->reset_wanted) {
		microtvm_platform_reset();
	}
}

void microtvm_server_feed(struct microtvm_server *server, const uint8_t *data, size_t size)
{
	struct microtvm_frame frame;

	for (size_t i = 0; i < size; i++) {
		switch (microtvm_decoder_feed(&server->decoder, data[i], &frame)) {
		case MICROTVM_DECODED_FRAME:
			handle(server, &frame);
			break;
		case MICROTVM_DECODED_BROKEN:
			send_notice(server, 0, MICROTVM_KIND_REPLY, MICROTVM_STATUS_CORRUPT_FRAME,
				    0);
			break;
		case MICROTVM_DECODED_NOTHING:
			break;
		}
	}
}
