/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The frame codec as a program that answers a line with a line, all bytes in
 * hexadecimal:
 *
 *	crc BYTES                                -> number
 *	encode SEQUENCE KIND STATUS PAYLOAD      -> bytes
 *	decode BYTES       -> for each frame "SEQUENCE KIND STATUS PAYLOAD;" or "broken;"
 *
 * An empty sequence of bytes is written as "-".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microtvm/crc32.h>
#include <microtvm/framing.h>

#define BYTES_MAX (1 << 20)

static char line[2 * BYTES_MAX + 64];
static struct microtvm_decoder decoder;
static struct microtvm_encoder encoder;
static uint8_t encoder_bytes[MICROTVM_ENCODER_BYTES(MICROTVM_MAX_PAYLOAD)];

static void print_bytes(const uint8_t *bytes, size_t size)
{
	if (size == 0) {
		putchar('-');
	}
	for (size_t i = 0; i < size; i++) {
		printf("%02x", bytes[i]);
	}
}

/* A copy of exactly the right size, so that reading past it is seen. */
static uint8_t *parse_bytes(const char *text, size_t *size)
{
	uint8_t *bytes;

	*size = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
	bytes = malloc(*size + (*size == 0));
	for (size_t i = 0; i < *size; i++) {
		unsigned int byte = 0;

		(void)sscanf(text + 2 * i, "%2x", &byte);
		bytes[i] = (uint8_t)byte;
	}
	return bytes;
}

static void decode(const uint8_t *bytes, size_t size)
{
	struct microtvm_frame frame;

	microtvm_decoder_reset(&decoder);
	for (size_t i = 0; i < size; i++) {
		switch (microtvm_decoder_feed(&decoder, bytes[i], &frame)) {
		case MICROTVM_DECODED_FRAME:
			printf("%lu %u %u ", (unsigned long)frame.sequence, frame.kind,
			       frame.status);
			print_bytes(frame.payload, frame.size);
			putchar(';');
			break;
		case MICROTVM_DECODED_BROKEN:
			printf("broken;");
			break;
		case MICROTVM_DECODED_NOTHING:
			break;
		}
	}
}

static void encode(uint32_t sequence, unsigned int kind, unsigned int status,
		   const uint8_t *payload, size_t size)
{
	if (size > MICROTVM_MAX_PAYLOAD) {
		printf("too long");
		return;
	}
	microtvm_encoder_init(&encoder, encoder_bytes, MICROTVM_MAX_PAYLOAD);
	memcpy(microtvm_encoder_payload(&encoder), payload, size);
	microtvm_encoder_finish(&encoder, sequence, (uint8_t)kind, (uint8_t)status, size);
	print_bytes(encoder.bytes, encoder.size);
}

static void answer(char *words[5], int count)
{
	size_t size;
	uint8_t *bytes = parse_bytes(words[count - 1], &size);

	if (strcmp(words[0], "crc") == 0) {
		printf("%lu", (unsigned long)microtvm_crc32(0, bytes, size));
	} else if (strcmp(words[0], "decode") == 0) {
		decode(bytes, size);
	} else if (strcmp(words[0], "encode") == 0 && count == 5) {
		encode((uint32_t)strtoul(words[1], NULL, 10),
		       (unsigned int)strtoul(words[2], NULL, 10),
		       (unsigned int)strtoul(words[3], NULL, 10), bytes, size);
	}
	free(bytes);
	putchar('\n');
	fflush(stdout);
}

int main(void)
{
	while (fgets(line, sizeof(line), stdin)) {
		char *words[5];
		int count = 0;

		for (char *word = strtok(line, " \n"); word && count < 5;
		     word = strtok(NULL, " \n")) {
			words[count++] = word;
		}
		if (count > 1) {
			answer(words, count);
		}
	}
	return 0;
}
