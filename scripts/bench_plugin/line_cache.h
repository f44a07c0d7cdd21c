/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A small cache before a flash memory: fully associative lines, the one that
 * was used longest ago is replaced, and each word of a line is read from the
 * flash when it is first asked for.
 */
#ifndef LINE_CACHE_H_
#define LINE_CACHE_H_

#include <stdint.h>

#define LINE_CACHE_MAX_LINES 1024
#define LINE_CACHE_MAX_WORDS 32

struct line_cache_line {
	uint32_t number; /* address / line_bytes */
	uint32_t filled; /* one bit a word */
	uint64_t used;	 /* when, in touches */
};

struct line_cache {
	uint32_t line_bytes;
	uint32_t word_bytes;
	uint32_t line_count;
	uint64_t touches;
	uint64_t reads; /* words read from the flash */
	uint32_t last_word;
	struct line_cache_line lines[LINE_CACHE_MAX_LINES];
};

/* Empties the cache. Returns 0, or -1 for a geometry that it cannot have. */
int line_cache_init(struct line_cache *cache, uint32_t bytes, uint32_t line_bytes,
		    uint32_t word_bytes);

/* Asks for the bytes from first to last, both included. */
void line_cache_touch(struct line_cache *cache, uint32_t first, uint32_t last);

#endif /* LINE_CACHE_H_ */
