/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What each request does: between the server, which knows frames, and the execution. */
#ifndef MICROTVM_RPC_REQUESTS_H_
#define MICROTVM_RPC_REQUESTS_H_

#include <microtvm/rpc_server.h>

struct microtvm_request {
	const uint8_t *data;
	size_t size;
};

struct microtvm_reply {
	uint8_t *data; /* room for MICROTVM_MAX_PAYLOAD bytes */
	size_t size;
};

/* Executes a request of a known or unknown kind; `reply` starts out empty. */
enum microtvm_status microtvm_execute_request(struct microtvm_server *server, uint8_t kind,
					      struct microtvm_request request,
					      struct microtvm_reply *reply);

/* Tells the host that the request is still at work, unless it was told just now. */
void microtvm_server_report_progress(struct microtvm_server *server);

#endif /* MICROTVM_RPC_REQUESTS_H_ */
