/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Frames in a byte stream that may lose, change and repeat bytes. A frame is
 *
 *	0x00  COBS( sequence u32 | kind u8 | status u8 | payload | CRC-32 u32 )  0x00
 *
 * all numbers little-endian, the CRC over everything before it. COBS leaves no
 * zero inside, so that a reader finds the next frame after any damage. No I/O
 * here, no allocation.
 */
#ifndef MICROTVM_FRAMING_H_
#define MICROTVM_FRAMING_H_

#include <stddef.h>
#include <stdint.h>

/* The most bytes of payload in a frame, which the host learns from the device. */
#ifndef MICROTVM_MAX_PAYLOAD
#define MICROTVM_MAX_PAYLOAD 1024
#endif

#if MICROTVM_MAX_PAYLOAD < 256 || MICROTVM_MAX_PAYLOAD > 32768
#error "MICROTVM_MAX_PAYLOAD must be 256 to 32768: the device information must fit"
#endif

#define MICROTVM_FRAME_HEADER	6
#define MICROTVM_FRAME_CRC	4
#define MICROTVM_FRAME_MAX	(MICROTVM_FRAME_HEADER + MICROTVM_MAX_PAYLOAD + MICROTVM_FRAME_CRC)
#define MICROTVM_COBS_MAX(size) ((size) + (size) / 254 + 1)

/* How far before its input the output of COBS must start if both share a buffer. */
#define MICROTVM_COBS_LEAD(size) ((size) / 254 + 2)

/* Bytes of an encoder's buffer, for payloads of up to `payload` bytes. */
#define MICROTVM_ENCODER_BYTES(payload)                                                            \
	(2 + MICROTVM_FRAME_HEADER + (payload) + MICROTVM_FRAME_CRC +                              \
	 MICROTVM_COBS_LEAD(MICROTVM_FRAME_HEADER + (payload) + MICROTVM_FRAME_CRC))

struct microtvm_frame {
	uint32_t sequence;
	uint8_t kind;
	uint8_t status;
	uint32_t crc;
	const uint8_t *payload; /* inside the decoder, until its next byte */
	size_t size;
};

struct microtvm_decoder {
	uint8_t bytes[MICROTVM_FRAME_MAX];
	size_t used;
	uint8_t code; /* of the COBS block being read, 0 before the first */
	uint8_t left; /* bytes of that block to come */
	uint8_t broken;
};

enum microtvm_decoded {
	MICROTVM_DECODED_NOTHING, /* no frame has ended */
	MICROTVM_DECODED_FRAME,
	MICROTVM_DECODED_BROKEN, /* something has ended that is no frame */
};

/* A frame under construction; the encoded form stays in it and can be sent again. */
struct microtvm_encoder {
	uint8_t *bytes;
	size_t lead; /* from bytes to the frame before it is encoded */
	size_t size; /* of the encoded frame, which starts at bytes[0] */
};

void microtvm_decoder_reset(struct microtvm_decoder *decoder);

/* Takes one byte; `frame` is set if the answer is MICROTVM_DECODED_FRAME. */
enum microtvm_decoded microtvm_decoder_feed(struct microtvm_decoder *decoder, uint8_t byte,
					    struct microtvm_frame *frame);

/* `bytes` has MICROTVM_ENCODER_BYTES(payload) bytes and is the encoder's from now on. */
void microtvm_encoder_init(struct microtvm_encoder *encoder, uint8_t *bytes, size_t payload);

/* Where the payload is to be written. */
uint8_t *microtvm_encoder_payload(struct microtvm_encoder *encoder);

/* Encodes a frame around the `size` bytes of payload that were written. */
void microtvm_encoder_finish(struct microtvm_encoder *encoder, uint32_t sequence, uint8_t kind,
			     uint8_t status, size_t size);

#endif /* MICROTVM_FRAMING_H_ */
