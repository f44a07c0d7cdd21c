/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "line_cache.h"

#include <string.h>

#define NO_NUMBER UINT32_MAX

int line_cache_init(struct line_cache *cache, uint32_t bytes, uint32_t line_bytes,
		    uint32_t word_bytes)
{
	if (word_bytes < 2 || line_bytes < word_bytes || line_bytes % word_bytes != 0 ||
	    line_bytes / word_bytes > LINE_CACHE_MAX_WORDS || bytes < line_bytes ||
	    bytes / line_bytes > LINE_CACHE_MAX_LINES) {
		return -1;
	}
	memset(cache, 0, sizeof(*cache));
	cache->line_bytes = line_bytes;
	cache->word_bytes = word_bytes;
	cache->line_count = bytes / line_bytes;
	cache->last_word = NO_NUMBER;
	for (uint32_t i = 0; i < cache->line_count; i++) {
		cache->lines[i].number = NO_NUMBER;
	}
	return 0;
}

/* The line with this number, taken from the oldest one if there is none. */
static struct line_cache_line *find_line(struct line_cache *cache, uint32_t number)
{
	struct line_cache_line *oldest = &cache->lines[0];

	for (uint32_t i = 0; i < cache->line_count; i++) {
		struct line_cache_line *line = &cache->lines[i];

		if (line->number == number) {
			return line;
		}
		if (line->used < oldest->used) {
			oldest = line;
		}
	}
	oldest->number = number;
	oldest->filled = 0;
	return oldest;
}

static void touch_word(struct line_cache *cache, uint32_t word)
{
	uint32_t words = cache->line_bytes / cache->word_bytes;
	uint32_t bit = UINT32_C(1) << (word % words);
	struct line_cache_line *line;

	if (word == cache->last_word) {
		return;
	}
	cache->last_word = word;
	line = find_line(cache, word / words);
	line->used = ++cache->touches;
	if (!(line->filled & bit)) {
		line->filled |= bit;
		cache->reads++;
	}
}

void line_cache_touch(struct line_cache *cache, uint32_t first, uint32_t last)
{
	for (uint32_t word = first / cache->word_bytes; word <= last / cache->word_bytes; word++) {
		touch_word(cache, word);
	}
}
