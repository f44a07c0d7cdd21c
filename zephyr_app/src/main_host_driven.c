/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The program that a host drives: bytes from the port to the server, for ever. */
#include <microtvm/models.h>
#include <microtvm/platform.h>
#include <microtvm/rpc_server.h>

#define WAIT_MS 1000

static struct microtvm_server server;

int main(void)
{
	uint8_t received[256];

	if (microtvm_platform_init() < 0) {
		microtvm_platform_exit(1);
	}
	microtvm_server_init(&server, microtvm_registry());
	for (;;) {
		size_t count = microtvm_platform_read(received, sizeof(received), WAIT_MS);

		microtvm_server_feed(&server, received, count);
	}
}

void microtvm_on_fault(const struct microtvm_fault *fault)
{
	int starts_again = microtvm_server_report_fault(&server, fault);

	while (!starts_again) {
		microtvm_server_repeat_fault(&server);
	}
	microtvm_platform_reset();
}
