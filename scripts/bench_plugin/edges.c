/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "edges.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory) {
		fputs("the counting plugin has no memory left\n", stderr);
		abort();
	}
	return memory;
}

void edges_init(struct edges *edges)
{
	memset(edges, 0, sizeof(*edges));
	edges->current = &edges->start;
}

struct block *edges_find_block(struct edges *edges, uint32_t address, uint32_t last_byte,
			       uint32_t instructions)
{
	struct block **bucket = &edges->buckets[(address >> 1) % EDGES_BUCKETS];
	struct block *block;

	for (block = *bucket; block; block = block->next_in_bucket) {
		if (block->address == address && block->instructions == instructions) {
			return block;
		}
	}
	block = allocate(sizeof(*block));
	block->index = edges->block_count++;
	block->address = address;
	block->last_byte = last_byte;
	block->instructions = instructions;
	block->next_in_bucket = *bucket;
	*bucket = block;
	if (edges->last) {
		edges->last->next = block;
	} else {
		edges->first = block;
	}
	edges->last = block;
	return block;
}

/* The edge between two blocks, moved to the front of the first one's list. */
static struct edge *find_edge(struct block *from, struct block *to)
{
	struct edge **link = &from->edges;
	struct edge *edge;

	while (*link && (*link)->to != to) {
		link = &(*link)->next;
	}
	edge = *link;
	if (edge) {
		*link = edge->next;
	} else {
		edge = allocate(sizeof(*edge));
		edge->to = to;
	}
	edge->next = from->edges;
	from->edges = edge;
	return edge;
}

void edges_follow(struct edges *edges, struct block *block)
{
	struct edge *edge = edges->current->edges;

	if (!edge || edge->to != block) {
		edge = find_edge(edges->current, block);
	}
	edge->count++;
	edges->current = block;
}

static void print_and_clear_block(struct block *block, int64_t index, FILE *file)
{
	for (struct edge *edge = block->edges; edge; edge = edge->next) {
		if (edge->count) {
			fprintf(file, "edge %" PRId64 " %" PRIu32 " %" PRIu64 "\n", index,
				edge->to->index, edge->count);
			edge->count = 0;
		}
	}
}

void edges_print_and_clear(struct edges *edges, FILE *file)
{
	print_and_clear_block(&edges->start, -1, file);
	for (struct block *block = edges->first; block; block = block->next) {
		print_and_clear_block(block, block->index, file);
	}
}

void edges_print_blocks(const struct edges *edges, FILE *file)
{
	for (const struct block *block = edges->first; block; block = block->next) {
		fprintf(file, "block %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", block->index,
			block->address, block->instructions);
	}
}
