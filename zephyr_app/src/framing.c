/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The frame codec: bytes in, frames out, and back. */
#include <microtvm/framing.h>

#include <microtvm/bytes.h>
#include <microtvm/crc32.h>

#define FULL_BLOCK 0xff /* code of a COBS block of 254 bytes, which no zero follows */

void microtvm_decoder_reset(struct microtvm_decoder *decoder)
{
	decoder->used = 0;
	decoder->code = 0;
	decoder->left = 0;
	decoder->broken = 0;
}

static void append(struct microtvm_decoder *decoder, uint8_t byte)
{
	if (decoder->used == sizeof(decoder->bytes)) {
		decoder->broken = 1;
		return;
	}
	decoder->bytes[decoder->used++] = byte;
}

static void start_block(struct microtvm_decoder *decoder, uint8_t code)
{
	if (decoder->code != 0 && decoder->code != FULL_BLOCK) {
		append(decoder, 0);
	}
	decoder->code = code;
	decoder->left = code - 1;
}

static enum microtvm_decoded parse(const struct microtvm_decoder *decoder,
				   struct microtvm_frame *frame)
{
	const uint8_t *bytes = decoder->bytes;
	size_t body = decoder->used - MICROTVM_FRAME_CRC;

	if (decoder->broken || decoder->left > 0 ||
	    decoder->used < MICROTVM_FRAME_HEADER + MICROTVM_FRAME_CRC) {
		return MICROTVM_DECODED_BROKEN;
	}
	frame->crc = microtvm_get_u32(bytes + body);
	if (microtvm_crc32(0, bytes, body) != frame->crc) {
		return MICROTVM_DECODED_BROKEN;
	}
	frame->sequence = microtvm_get_u32(bytes);
	frame->kind = bytes[4];
	frame->status = bytes[5];
	frame->payload = bytes + MICROTVM_FRAME_HEADER;
	frame->size = body - MICROTVM_FRAME_HEADER;
	return MICROTVM_DECODED_FRAME;
}

enum microtvm_decoded microtvm_decoder_feed(struct microtvm_decoder *decoder, uint8_t byte,
					    struct microtvm_frame *frame)
{
	enum microtvm_decoded result = MICROTVM_DECODED_NOTHING;

	if (byte == 0) {
		if (decoder->code != 0) {
			result = parse(decoder, frame);
		}
		microtvm_decoder_reset(decoder);
	} else if (decoder->broken) {
		return result;
	} else if (decoder->left == 0) {
		start_block(decoder, byte);
	} else {
		append(decoder, byte);
		decoder->left--;
	}
	return result;
}

/* `to` may lie in the same buffer, at least `size` / 254 + 2 bytes before `from`. */
static size_t cobs_encode(const uint8_t *from, size_t size, uint8_t *to)
{
	size_t code_at = 0;
	size_t used = 1;

	for (size_t i = 0; i < size; i++) {
		if (from[i] != 0) {
			to[used++] = from[i];
		}
		if (from[i] == 0 || (used - code_at == FULL_BLOCK && i + 1 < size)) {
			to[code_at] = (uint8_t)(used - code_at);
			code_at = used++;
		}
	}
	to[code_at] = (uint8_t)(used - code_at);
	return used;
}

void microtvm_encoder_init(struct microtvm_encoder *encoder, uint8_t *bytes, size_t payload)
{
	encoder->bytes = bytes;
	encoder->lead =
		1 + MICROTVM_COBS_LEAD(MICROTVM_FRAME_HEADER + payload + MICROTVM_FRAME_CRC);
	encoder->size = 0;
}

static uint8_t *plain_frame(const struct microtvm_encoder *encoder)
{
	return encoder->bytes + encoder->lead;
}

uint8_t *microtvm_encoder_payload(struct microtvm_encoder *encoder)
{
	return plain_frame(encoder) + MICROTVM_FRAME_HEADER;
}

void microtvm_encoder_finish(struct microtvm_encoder *encoder, uint32_t sequence, uint8_t kind,
			     uint8_t status, size_t size)
{
	uint8_t *frame = plain_frame(encoder);
	size_t body = MICROTVM_FRAME_HEADER + size;

	microtvm_put_u32(frame, sequence);
	frame[4] = kind;
	frame[5] = status;
	microtvm_put_u32(frame + body, microtvm_crc32(0, frame, body));
	encoder->bytes[0] = 0;
	encoder->size = 1 + cobs_encode(frame, body + MICROTVM_FRAME_CRC, encoder->bytes + 1);
	encoder->bytes[encoder->size++] = 0;
}
