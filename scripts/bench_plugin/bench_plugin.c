/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A plugin for QEMU that counts, and leaves all judging to its reader: blocks
 * and the edges between them, words that a flash with line caches would have
 * had to read, unaligned accesses, and the lowest byte of stack written.
 *
 * Whenever the block at the address `mark` is about to run, the counts so far
 * are written to `out` and cleared; what follows is the next interval.
 *
 * Options: out=FILE, and numbers: mark, flash_start, flash_end, stack_start,
 * stack_end, code_bytes, data_bytes, line_bytes, word_bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edges.h"
#include "line_cache.h"
#include "qemu_plugin_api.h"

#ifndef BENCH_PLUGIN_API_VERSION
#define BENCH_PLUGIN_API_VERSION 1
#endif

#define PAGE_BYTES 1024u

PLUGIN_EXPORT int qemu_plugin_version = BENCH_PLUGIN_API_VERSION;

struct options {
	const char *out;
	uint32_t mark;
	uint32_t flash_start;
	uint32_t flash_end;
	uint32_t stack_start;
	uint32_t stack_end;
	uint32_t code_bytes;
	uint32_t data_bytes;
	uint32_t line_bytes;
	uint32_t word_bytes;
};

struct counter {
	struct options options;
	FILE *file;
	struct edges edges;
	struct line_cache code;
	struct line_cache data;
	uint64_t unaligned;
	uint32_t stack_low;
};

/* QEMU hands a plugin no place of its own to all of its callbacks. */
static struct counter counter;

static void write_interval(struct counter *c)
{
	edges_print_and_clear(&c->edges, c->file);
	fprintf(c->file, "interval %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32 "\n",
		c->code.reads, c->data.reads, c->unaligned, c->stack_low);
	c->code.reads = 0;
	c->data.reads = 0;
	c->unaligned = 0;
	c->stack_low = c->options.stack_end;
}

static int is_flash(const struct counter *c, uint32_t address)
{
	return address >= c->options.flash_start && address < c->options.flash_end;
}

static void on_block(unsigned int cpu, void *data)
{
	struct counter *c = &counter;
	struct block *block = data;

	(void)cpu;
	if (block->address == c->options.mark) {
		write_interval(c);
	}
	edges_follow(&c->edges, block);
	if (is_flash(c, block->address)) {
		line_cache_touch(&c->code, block->address, block->last_byte);
	}
}

static void on_access(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t at, void *data)
{
	struct counter *c = &counter;
	uint32_t address = (uint32_t)at;
	uint32_t size = UINT32_C(1) << qemu_plugin_mem_size_shift(info);

	(void)cpu;
	(void)data;
	if (address % (size > 4 ? 4 : size) != 0) {
		c->unaligned++;
	}
	if (qemu_plugin_mem_is_store(info)) {
		if (address >= c->options.stack_start && address < c->stack_low) {
			c->stack_low = address;
		}
	} else if (is_flash(c, address)) {
		line_cache_touch(&c->data, address, address + size - 1);
	}
}

/*
 * The last byte of a block's code. QEMU 7 may say that the last instruction
 * before the end of a page has four bytes where it has two: a block that goes
 * on into the next page has no other instruction.
 */
static uint32_t find_last_byte(const struct qemu_plugin_tb *tb, size_t instructions)
{
	const struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, instructions - 1);
	uint32_t start = (uint32_t)qemu_plugin_insn_vaddr(insn);
	uint32_t last = start + (uint32_t)qemu_plugin_insn_size(insn) - 1;
	uint32_t page_end = start | (PAGE_BYTES - 1);

	return instructions > 1 && last > page_end ? page_end : last;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	struct block *block;

	(void)id;
	block = edges_find_block(&counter.edges, (uint32_t)qemu_plugin_tb_vaddr(tb),
				 find_last_byte(tb, count), (uint32_t)count);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, block);
	for (size_t i = 0; i < count; i++) {
		qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), on_access,
						 QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
	}
}

static void on_exit(qemu_plugin_id_t id, void *data)
{
	struct counter *c = &counter;

	(void)id;
	(void)data;
	write_interval(c);
	edges_print_blocks(&c->edges, c->file);
	fputs("end\n", c->file);
	if (fclose(c->file) != 0) {
		perror(c->options.out);
	}
}

/* Reads "key=value"; returns -1 if the key is unknown or the value no number. */
static int read_option(struct options *options, const char *text)
{
	const struct {
		const char *key;
		uint32_t *number;
	} numbers[] = {
		{"mark=", &options->mark},
		{"flash_start=", &options->flash_start},
		{"flash_end=", &options->flash_end},
		{"stack_start=", &options->stack_start},
		{"stack_end=", &options->stack_end},
		{"code_bytes=", &options->code_bytes},
		{"data_bytes=", &options->data_bytes},
		{"line_bytes=", &options->line_bytes},
		{"word_bytes=", &options->word_bytes},
	};

	if (strncmp(text, "out=", 4) == 0) {
		options->out = strdup(text + 4); /* QEMU frees the text */
		return options->out ? 0 : -1;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		size_t length = strlen(numbers[i].key);
		char *end;

		if (strncmp(text, numbers[i].key, length) == 0) {
			*numbers[i].number = (uint32_t)strtoul(text + length, &end, 0);
			return end == text + length || *end ? -1 : 0;
		}
	}
	return -1;
}

static int init_counter(struct counter *c)
{
	const struct options *options = &c->options;

	edges_init(&c->edges);
	c->stack_low = options->stack_end;
	if (line_cache_init(&c->code, options->code_bytes, options->line_bytes,
			    options->word_bytes) < 0 ||
	    line_cache_init(&c->data, options->data_bytes, options->line_bytes,
			    options->word_bytes) < 0) {
		fputs("the counting plugin cannot have caches of these sizes\n", stderr);
		return -1;
	}
	if (!options->out) {
		fputs("the counting plugin needs out=FILE\n", stderr);
		return -1;
	}
	c->file = fopen(options->out, "w");
	if (!c->file) {
		perror(options->out);
		return -1;
	}
	return 0;
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
				      char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (read_option(&counter.options, argv[i]) < 0) {
			fprintf(stderr, "the counting plugin does not know '%s'\n", argv[i]);
			return -1;
		}
	}
	if (init_counter(&counter) < 0) {
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit, NULL);
	return 0;
}
