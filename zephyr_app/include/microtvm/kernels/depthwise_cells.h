/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Fills the plane of depthwise.h from an int8 image. Words are read where all
 * addresses are multiples of 4, bytes elsewhere.
 */
#ifndef MICROTVM_KERNELS_DEPTHWISE_CELLS_H_
#define MICROTVM_KERNELS_DEPTHWISE_CELLS_H_

#include "microtvm/kernels/depthwise_plane.h"

#if MICROTVM_DSP

/* A cell of two words, with loads in a group ahead of it. */
#define MICROTVM_CELL(upper, lower)                                                                \
	"pkhbt %[pair], " upper ", " lower ", lsl #16\n\t"                                         \
	"pkhtb " lower ", " lower ", " upper ", asr #16\n\t"                                       \
	"sxtb16 " upper ", %[pair]\n\t"                                                            \
	"sxtb16 %[pair], %[pair], ror #8\n\t"                                                      \
	"str " upper ", [%[cells]], #4\n\t"                                                        \
	"str %[pair], [%[cells]], #4\n\t"                                                          \
	"sxtb16 " upper ", " lower "\n\t"                                                          \
	"sxtb16 " lower ", " lower ", ror #8\n\t"                                                  \
	"str " upper ", [%[cells]], #4\n\t"                                                        \
	"str " lower ", [%[cells]], #4\n\t"

/* Twice as many cells as `count`; the source goes on. */
static inline uint32_t *microtvm_cells_twice(uint32_t *cells, struct microtvm_cell_source *source,
					     int32_t count)
{
	const int8_t *upper = source->upper;
	const int8_t *lower = source->lower;
	uint32_t a, b, c, d, pair;

	if (count == 0) {
		return cells;
	}
	__asm volatile("1:\n\t"
		       "ldr %[a], [%[upper]]\n\t"
		       "ldr %[b], [%[lower]]\n\t"
		       "ldr %[c], [%[upper], %[upper_step]]\n\t"
		       "ldr %[d], [%[lower], %[lower_step]]\n\t"
		       "add %[upper], %[upper], %[upper_step], lsl #1\n\t"
		       "add %[lower], %[lower], %[lower_step], lsl #1\n\t"
		       "subs %[count], #1\n\t" MICROTVM_CELL("%[a]", "%[b]")
			       MICROTVM_CELL("%[c]", "%[d]") "bne 1b\n\t"
		       : [cells] "+r"(cells), [upper] "+r"(upper), [lower] "+r"(lower),
			 [count] "+r"(count), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c),
			 [d] "=&r"(d), [pair] "=&r"(pair)
		       : [upper_step] "r"(source->upper_step), [lower_step] "r"(source->lower_step)
		       : "cc", "memory");
	source->upper = upper;
	source->lower = lower;
	return cells;
}

#endif /* MICROTVM_DSP */

/* Four channels, at multiples of 4. */
static inline void microtvm_cells_words(uint32_t *cells, struct microtvm_cell_source source,
					int32_t count)
{
	const int8_t *upper, *lower;

#if MICROTVM_DSP
	cells = microtvm_cells_twice(cells, &source, count / 2);
	count &= 1;
#endif
	upper = source.upper;
	lower = source.lower;
	for (; count > 0; count--, cells += MICROTVM_CELL_CHANNELS) {
		uint32_t a = microtvm_load_word(upper);
		uint32_t b = microtvm_load_word(lower);
		uint32_t c01 = microtvm_pkhbt((int32_t)a, (int32_t)b);
		uint32_t c23 = microtvm_pkhtb(a, b);

		cells[0] = microtvm_sxtb16(c01);
		cells[1] = microtvm_sxtb16_ror8(c01);
		cells[2] = microtvm_sxtb16(c23);
		cells[3] = microtvm_sxtb16_ror8(c23);
		upper += source.upper_step;
		lower += source.lower_step;
	}
}

/* Four channels anywhere. */
static inline void microtvm_cells_bytes(uint32_t *cells, struct microtvm_cell_source source,
					int32_t count)
{
	const int8_t *upper = source.upper;
	const int8_t *lower = source.lower;

	for (; count > 0; count--, cells += MICROTVM_CELL_CHANNELS) {
		int32_t a0 = upper[0], a1 = upper[1], a2 = upper[2], a3 = upper[3];
		int32_t b0 = lower[0], b1 = lower[1], b2 = lower[2], b3 = lower[3];

		cells[0] = microtvm_pkhbt(a0, b0);
		cells[1] = microtvm_pkhbt(a1, b1);
		cells[2] = microtvm_pkhbt(a2, b2);
		cells[3] = microtvm_pkhbt(a3, b3);
		upper += source.upper_step;
		lower += source.lower_step;
	}
}

/* The last channels, fewer than four. */
static inline void microtvm_cells_few(uint32_t *cells, struct microtvm_cell_source source,
				      int32_t count, int32_t channels)
{
	for (; count > 0; count--, cells += MICROTVM_CELL_CHANNELS) {
		for (int32_t i = 0; i < channels; i++) {
			cells[i] = microtvm_pkhbt(source.upper[i], source.lower[i]);
		}
		source.upper += source.upper_step;
		source.lower += source.lower_step;
	}
}

#endif /* MICROTVM_KERNELS_DEPTHWISE_CELLS_H_ */
