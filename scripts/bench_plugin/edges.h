/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Blocks of instructions, and how often each followed which. A block is known
 * by its address and its number of instructions: QEMU may translate it again,
 * or cut it at another place.
 */
#ifndef EDGES_H_
#define EDGES_H_

#include <stdint.h>
#include <stdio.h>

struct edge;

struct block {
	uint32_t index;
	uint32_t address;
	uint32_t last_byte; /* of its code */
	uint32_t instructions;
	struct edge *edges; /* to its successors, the last one used first */
	struct block *next_in_bucket;
	struct block *next;
};

struct edge {
	struct block *to;
	uint64_t count;
	struct edge *next;
};

#define EDGES_BUCKETS 4096

struct edges {
	struct block start; /* stands before the first block; is not printed */
	struct block *current;
	struct block *first;
	struct block *last;
	uint32_t block_count;
	struct block *buckets[EDGES_BUCKETS];
};

void edges_init(struct edges *edges);

/* The block with this address and size. Does not return if there is no memory. */
struct block *edges_find_block(struct edges *edges, uint32_t address, uint32_t last_byte,
			       uint32_t instructions);

/* Counts the edge from the block before to this one. */
void edges_follow(struct edges *edges, struct block *block);

/* Prints "edge FROM TO COUNT" for each edge that was followed, and clears the counts. */
void edges_print_and_clear(struct edges *edges, FILE *file);

/* Prints "block INDEX ADDRESS INSTRUCTIONS" for each block. */
void edges_print_blocks(const struct edges *edges, FILE *file);

#endif /* EDGES_H_ */
