/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The port to a process with two pipes. Each time the program asks for bytes
 * and has taken all, it gets the next chunk (a length of four bytes, then the
 * bytes) and everything that it has written since leaves in the same form. So
 * the one who writes chunks knows what came of each without waiting.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microtvm/bytes.h>
#include <microtvm/platform.h>

#define CHUNK_MAX  (1 << 20)
#define OUTPUT_MAX (8 << 20)

#define KEPT_VARIABLE "MICROTVM_KEPT"

static uint8_t chunk[CHUNK_MAX];
static size_t chunk_size;
static size_t chunk_taken;
static uint8_t output[OUTPUT_MAX];
static size_t output_size;
static uint32_t ticks;
static const char *own_path;

static const struct microtvm_platform_info info = {
	.board = "host",
	.cpu = "host",
	.clock_hz = 0,
	.tick_hz = 20,
	.stack_size = 65536,
	.receive_buffer = 4096,
};

static void fail(const char *message)
{
	fprintf(stderr, "%s\n", message);
	exit(2);
}

static void send_output(void)
{
	uint8_t length[4];

	microtvm_put_u32(length, (uint32_t)output_size);
	if (fwrite(length, 1, 4, stdout) != 4 ||
	    fwrite(output, 1, output_size, stdout) != output_size || fflush(stdout) != 0) {
		fail("nobody reads");
	}
	output_size = 0;
}

static void take_chunk(void)
{
	uint8_t length[4];

	if (fread(length, 1, 4, stdin) != 4) {
		exit(0);
	}
	chunk_size = microtvm_get_u32(length);
	chunk_taken = 0;
	if (chunk_size > CHUNK_MAX || fread(chunk, 1, chunk_size, stdin) != chunk_size) {
		fail("a bad chunk");
	}
}

int microtvm_platform_init(void)
{
	own_path = "/proc/self/exe";
	(void)setvbuf(stdin, NULL, _IONBF, 0); /* a reset must find the next chunk unread */
	return 0;
}

const struct microtvm_platform_info *microtvm_platform_info(void)
{
	return &info;
}

size_t microtvm_platform_read(uint8_t *buffer, size_t size, uint32_t timeout_ms)
{
	static int started;
	size_t count;

	(void)timeout_ms;
	if (chunk_taken == chunk_size) {
		if (started) {
			send_output();
		}
		started = 1;
		take_chunk();
	}
	count = chunk_size - chunk_taken < size ? chunk_size - chunk_taken : size;
	memcpy(buffer, chunk + chunk_taken, count);
	chunk_taken += count;
	return count;
}

void microtvm_platform_write(const uint8_t *data, size_t size)
{
	if (size > OUTPUT_MAX - output_size) {
		fail("too much output for one chunk");
	}
	memcpy(output + output_size, data, size);
	output_size += size;
}

/* Each look takes a tick: times are the same in each run. */
uint32_t microtvm_platform_ticks(void)
{
	return ticks++;
}

uint32_t microtvm_platform_stack_used(void)
{
	return 1234;
}

/* Nothing ends a layer of this process but who started it. */
void microtvm_platform_watch(int layer_runs)
{
	(void)layer_runs;
}

/* The bytes that this process was given by the one that it was before a reset. */
void *microtvm_platform_kept(void)
{
	static uint32_t kept[MICROTVM_KEPT_BYTES / 4];
	static int known;
	const char *given = getenv(KEPT_VARIABLE);
	uint8_t *bytes = (uint8_t *)kept;

	for (size_t i = 0; given && !known && i < sizeof(kept); i++) {
		unsigned int byte = 0;

		(void)sscanf(given + 2 * i, "%2x", &byte);
		bytes[i] = (uint8_t)byte;
	}
	known = 1;
	return kept;
}

void microtvm_platform_keep(void)
{
	const uint8_t *bytes = microtvm_platform_kept();
	char text[2 * MICROTVM_KEPT_BYTES + 1];

	for (size_t i = 0; i < MICROTVM_KEPT_BYTES; i++) {
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	}
	(void)setenv(KEPT_VARIABLE, text, 1);
}

/* Starts the program again; what was left of the chunk is lost. */
_Noreturn void microtvm_platform_reset(void)
{
	send_output();
	execl(own_path, own_path, (char *)NULL);
	fail("cannot start again");
	abort();
}

_Noreturn void microtvm_platform_exit(int status)
{
	send_output();
	exit(status);
}
