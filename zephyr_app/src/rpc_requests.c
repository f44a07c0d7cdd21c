/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* One function a request, and the table that finds it. */
#include <microtvm/rpc_requests.h>

#include <string.h>

#include <microtvm/bytes.h>
#include <microtvm/crc32.h>

#ifndef MICROTVM_FIRMWARE_VERSION
#define MICROTVM_FIRMWARE_VERSION "0.1.0"
#endif

#define MAX_STRING 63 /* three of them and the numbers fit the smallest payload */

static void add_u16(struct microtvm_reply *reply, uint16_t value)
{
	microtvm_put_u16(reply->data + reply->size, value);
	reply->size += 2;
}

static void add_u32(struct microtvm_reply *reply, uint32_t value)
{
	microtvm_put_u32(reply->data + reply->size, value);
	reply->size += 4;
}

static void add_string(struct microtvm_reply *reply, const char *text)
{
	size_t length = strnlen(text, MAX_STRING);

	reply->data[reply->size++] = (uint8_t)length;
	memcpy(reply->data + reply->size, text, length);
	reply->size += length;
}

/* The model that a request's first two bytes name, or NULL. */
static const struct microtvm_entry *find_entry(const struct microtvm_server *server,
					       struct microtvm_request request)
{
	const struct microtvm_registry *registry = server->execution.registry;
	uint16_t index = microtvm_get_u16(request.data);

	return index < registry->model_count ? &registry->entries[index] : NULL;
}

static enum microtvm_status device_info(struct microtvm_server *server,
					struct microtvm_request request,
					struct microtvm_reply *reply)
{
	const struct microtvm_platform_info *info = microtvm_platform_info();
	const struct microtvm_registry *registry = server->execution.registry;

	(void)request;
	add_u16(reply, MICROTVM_PROTOCOL_VERSION);
	add_u16(reply, MICROTVM_MAX_PAYLOAD);
	add_u16(reply, registry->model_count);
	add_u32(reply, info->clock_hz);
	add_u32(reply, info->tick_hz);
	add_u32(reply, info->stack_size);
	add_u32(reply, registry->workspace_size);
	add_u32(reply, server->record->starts);
	add_u32(reply, info->receive_buffer);
	add_u32(reply, MICROTVM_LAYER_TIMEOUT_MS);
	add_string(reply, MICROTVM_FIRMWARE_VERSION);
	add_string(reply, info->board);
	add_string(reply, info->cpu);
	return MICROTVM_STATUS_OK;
}

static enum microtvm_status model_info(struct microtvm_server *server,
				       struct microtvm_request request,
				       struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);
	const struct microtvm_model *model;

	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	model = entry->model;
	add_u32(reply, model->checksum);
	add_u16(reply, model->tensor_count);
	add_u16(reply, model->input_count);
	add_u16(reply, model->output_count);
	add_u16(reply, model->layer_count);
	add_u16(reply, model->pool_count);
	add_string(reply, model->name);
	return MICROTVM_STATUS_OK;
}

static enum microtvm_status pool_info(struct microtvm_server *server,
				      struct microtvm_request request, struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);
	uint16_t pool = microtvm_get_u16(request.data + 2);

	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	if (pool >= entry->model->pool_count || pool >= entry->pool_count) {
		return MICROTVM_STATUS_NO_SUCH_POOL;
	}
	add_u32(reply, entry->model->pools[pool].size);
	add_u32(reply, entry->pool_sizes[pool]);
	add_string(reply, entry->model->pools[pool].name);
	return MICROTVM_STATUS_OK;
}

static enum microtvm_status tensor_write(struct microtvm_server *server,
					 struct microtvm_request request,
					 struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);

	(void)reply;
	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	return microtvm_execution_write(
		&server->execution, entry, microtvm_get_u16(request.data + 2),
		microtvm_get_u32(request.data + 4), request.data + 8, (uint32_t)(request.size - 8));
}

/* Reads, and on a tensor that is not alive says how far the model has run. */
static enum microtvm_status read_part(struct microtvm_server *server,
				      struct microtvm_request request, uint32_t offset,
				      uint32_t size, const uint8_t **data,
				      struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);
	enum microtvm_status status;

	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	status = microtvm_execution_read(entry, microtvm_get_u16(request.data + 2), offset, size,
					 data);
	if (status == MICROTVM_STATUS_NOT_ALIVE) {
		add_u16(reply, (uint16_t)microtvm_execution_done(entry));
	}
	return status;
}

static enum microtvm_status tensor_read(struct microtvm_server *server,
					struct microtvm_request request,
					struct microtvm_reply *reply)
{
	uint32_t size = microtvm_get_u32(request.data + 8);
	enum microtvm_status status;
	const uint8_t *data;

	if (size > MICROTVM_MAX_PAYLOAD) {
		return MICROTVM_STATUS_OUT_OF_RANGE;
	}
	status = read_part(server, request, microtvm_get_u32(request.data + 4), size, &data, reply);
	if (status == MICROTVM_STATUS_OK) {
		memcpy(reply->data, data, size);
		reply->size = size;
	}
	return status;
}

static enum microtvm_status tensor_crc(struct microtvm_server *server,
				       struct microtvm_request request,
				       struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);
	uint16_t tensor = microtvm_get_u16(request.data + 2);
	const struct microtvm_model *model;
	enum microtvm_status status;
	const uint8_t *data;
	uint32_t size;

	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	model = entry->model;
	size = tensor < model->tensor_count ? model->tensors[tensor].size : 0;
	status = read_part(server, request, 0, size, &data, reply);
	if (status == MICROTVM_STATUS_OK) {
		add_u32(reply, microtvm_crc32(0, data, size));
	}
	return status;
}

static enum microtvm_status run(struct microtvm_server *server, struct microtvm_request request,
				struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);
	uint64_t ticks = 0;

	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	for (uint32_t layer = 1; layer <= entry->model->layer_count; layer++) {
		enum microtvm_status status =
			microtvm_execution_run_layer(&server->execution, entry, layer);

		if (status != MICROTVM_STATUS_OK) {
			return status;
		}
		ticks += server->execution.registry->layer_ticks[layer - 1];
		microtvm_server_report_progress(server);
	}
	add_u32(reply, (uint32_t)ticks);
	add_u32(reply, (uint32_t)(ticks >> 32));
	return MICROTVM_STATUS_OK;
}

static enum microtvm_status run_layer(struct microtvm_server *server,
				      struct microtvm_request request, struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);
	uint16_t layer = microtvm_get_u16(request.data + 2);
	enum microtvm_status status;

	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	status = microtvm_execution_run_layer(&server->execution, entry, layer);
	if (status == MICROTVM_STATUS_OK) {
		add_u32(reply, server->execution.registry->layer_ticks[layer - 1]);
	}
	return status;
}

static enum microtvm_status layer_ticks(struct microtvm_server *server,
					struct microtvm_request request,
					struct microtvm_reply *reply)
{
	const struct microtvm_entry *entry = find_entry(server, request);
	uint32_t first = microtvm_get_u16(request.data + 2);
	uint32_t count = microtvm_get_u16(request.data + 4);

	if (!entry) {
		return MICROTVM_STATUS_NO_SUCH_MODEL;
	}
	if (server->execution.ticks_from != entry) {
		return MICROTVM_STATUS_NOT_RUN;
	}
	if (first < 1 || first + count > entry->model->layer_count + 1u) {
		return MICROTVM_STATUS_NO_SUCH_LAYER;
	}
	if (count > MICROTVM_MAX_PAYLOAD / 4) {
		return MICROTVM_STATUS_OUT_OF_RANGE;
	}
	for (uint32_t i = 0; i < count; i++) {
		add_u32(reply, server->execution.registry->layer_ticks[first - 1 + i]);
	}
	return MICROTVM_STATUS_OK;
}

static enum microtvm_status stack(struct microtvm_server *server, struct microtvm_request request,
				  struct microtvm_reply *reply)
{
	(void)server;
	(void)request;
	add_u32(reply, microtvm_platform_info()->stack_size);
	add_u32(reply, microtvm_platform_stack_used());
	return MICROTVM_STATUS_OK;
}

static enum microtvm_status reset(struct microtvm_server *server, struct microtvm_request request,
				  struct microtvm_reply *reply)
{
	(void)request;
	(void)reply;
	server->reset_wanted = 1; /* once the reply is sent */
	return MICROTVM_STATUS_OK;
}

static enum microtvm_status last_fault(struct microtvm_server *server,
				       struct microtvm_request request,
				       struct microtvm_reply *reply)
{
	(void)request;
	reply->size = microtvm_fault_record_last(server->record);
	memcpy(reply->data, server->record->payload, reply->size);
	return MICROTVM_STATUS_OK;
}

struct rule {
	enum microtvm_status (*execute)(struct microtvm_server *, struct microtvm_request,
					struct microtvm_reply *);
	size_t min_size;
	size_t max_size;
};

static const struct rule rules[] = {
	[MICROTVM_KIND_DEVICE_INFO] = {device_info, 0, 0},
	[MICROTVM_KIND_MODEL_INFO] = {model_info, 2, 2},
	[MICROTVM_KIND_TENSOR_WRITE] = {tensor_write, 8, MICROTVM_MAX_PAYLOAD},
	[MICROTVM_KIND_TENSOR_READ] = {tensor_read, 12, 12},
	[MICROTVM_KIND_TENSOR_CRC] = {tensor_crc, 4, 4},
	[MICROTVM_KIND_RUN] = {run, 2, 2},
	[MICROTVM_KIND_RUN_LAYER] = {run_layer, 4, 4},
	[MICROTVM_KIND_LAYER_TICKS] = {layer_ticks, 6, 6},
	[MICROTVM_KIND_STACK] = {stack, 0, 0},
	[MICROTVM_KIND_RESET] = {reset, 0, 0},
	[MICROTVM_KIND_POOL_INFO] = {pool_info, 4, 4},
	[MICROTVM_KIND_LAST_FAULT] = {last_fault, 0, 0},
};

enum microtvm_status microtvm_execute_request(struct microtvm_server *server, uint8_t kind,
					      struct microtvm_request request,
					      struct microtvm_reply *reply)
{
	const struct rule *rule;

	if (kind >= sizeof(rules) / sizeof(rules[0]) || !rules[kind].execute) {
		return MICROTVM_STATUS_UNKNOWN_KIND;
	}
	rule = &rules[kind];
	if (request.size < rule->min_size || request.size > rule->max_size) {
		return MICROTVM_STATUS_BAD_REQUEST;
	}
	return rule->execute(server, request, reply);
}
