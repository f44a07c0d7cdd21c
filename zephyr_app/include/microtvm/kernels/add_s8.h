/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Sums and differences of two int8 tensors, exactly as TFLite rounds them.
 * microtvm/compiler/packing_add.py makes the parameters, and has tried each of
 * the 65,536 pairs of inputs before it chooses one of the fast forms:
 *
 *   near: out = (first * a + second * b + offset) >> 20, saturated
 *   ties: the same, but halves are rounded away from zero: `offset` makes the
 *         sum 0 where the real number is 0, and `rounding` is added to it, less
 *         1 where it is negative
 *   any:  TFLite's steps, for any scales
 *
 * A factor has 28 fractional bits, and an input is the upper byte of a number
 * of 16 bits: SMLAWB adds the upper 32 bits of their product of 48.
 */
#ifndef MICROTVM_KERNELS_ADD_S8_H_
#define MICROTVM_KERNELS_ADD_S8_H_

#include "microtvm/kernels/binary_s8.h"
#include "microtvm/kernels/requantize.h"

/* The parameters of the fast forms, as they are packed. */
struct microtvm_sum {
	int32_t first, second, offset, rounding;
};

/* Those of the other one; sign is 1 or -1. */
struct microtvm_sum_operand {
	int32_t zero_point, multiplier, shift, sign;
};

struct microtvm_sum_any {
	struct microtvm_sum_operand first, second;
	int32_t unit, multiplier, shift, zero_point;
};

static inline int32_t microtvm_sum_scaled(int8_t x, const struct microtvm_sum_operand *operand,
					  int32_t unit)
{
	int32_t whole = (x - operand->zero_point) * unit;

	return operand->sign * microtvm_requantize(whole, operand->multiplier, operand->shift);
}

/* One element in each form; the meanings of the kernels call these, too. */
static inline int8_t microtvm_add_element_any(int8_t first, int8_t second,
					      const int32_t *parameters)
{
	const struct microtvm_sum_any *sum = (const struct microtvm_sum_any *)parameters;
	int32_t total = microtvm_sum_scaled(first, &sum->first, sum->unit) +
			microtvm_sum_scaled(second, &sum->second, sum->unit);

	return microtvm_saturate_s8(microtvm_requantize(total, sum->multiplier, sum->shift) +
				    sum->zero_point);
}

/* An input as the upper byte of a number of 16 bits. */
static inline uint32_t microtvm_sum_upper(int8_t x)
{
	return (uint32_t)(uint8_t)x << 8;
}

static inline int32_t microtvm_sum_of(int8_t first, int8_t second, const struct microtvm_sum *sum)
{
	int32_t total = microtvm_smlawb(sum->second, microtvm_sum_upper(second), sum->offset);

	return microtvm_smlawb(sum->first, microtvm_sum_upper(first), total);
}

/* `ties` is a constant where it is called. */
static inline int8_t microtvm_sum_rounded(int32_t total, int32_t rounding, int ties)
{
	return microtvm_saturate_s8_after_20(ties ? total + (total >> 31) + rounding : total);
}

static inline int8_t microtvm_add_element_near(int8_t first, int8_t second,
					       const int32_t *parameters)
{
	const struct microtvm_sum *sum = (const struct microtvm_sum *)parameters;

	return microtvm_sum_rounded(microtvm_sum_of(first, second, sum), 0, 0);
}

static inline int8_t microtvm_add_element_ties(int8_t first, int8_t second,
					       const int32_t *parameters)
{
	const struct microtvm_sum *sum = (const struct microtvm_sum *)parameters;

	return microtvm_sum_rounded(microtvm_sum_of(first, second, sum), sum->rounding, 1);
}

/* MICROTVM_UPPER_BYTES in a register, where an AND can shift its other operand. */
static inline uint32_t microtvm_sum_mask(void)
{
	uint32_t mask = MICROTVM_UPPER_BYTES;

#if MICROTVM_DSP
	__asm("" : "+r"(mask));
#endif
	return mask;
}

/* To four sums, those of bytes 0, 2, 1 and 3, `factor` times these bytes. */
static inline void microtvm_sum_add(int32_t sums[4], int32_t factor, uint32_t bytes, uint32_t mask)
{
	uint32_t even = bytes << 8 & mask, odd = bytes & mask;

	sums[0] = microtvm_smlawb(factor, even, sums[0]);
	sums[1] = microtvm_smlawt(factor, even, sums[1]);
	sums[2] = microtvm_smlawb(factor, odd, sums[2]);
	sums[3] = microtvm_smlawt(factor, odd, sums[3]);
}

static inline void microtvm_sum_store(int8_t *out, const int32_t sums[4], int32_t rounding,
				      int ties)
{
	out[0] = microtvm_sum_rounded(sums[0], rounding, ties);
	out[2] = microtvm_sum_rounded(sums[1], rounding, ties);
	out[1] = microtvm_sum_rounded(sums[2], rounding, ties);
	out[3] = microtvm_sum_rounded(sums[3], rounding, ties);
}

static inline void microtvm_sum_words(int8_t *out, const int8_t *first, const int8_t *second,
				      const int32_t *parameters, int32_t count, int ties)
{
	const struct microtvm_sum sum = *(const struct microtvm_sum *)parameters;
	const uint32_t mask = microtvm_sum_mask();

	for (const int8_t *end = first + count; first < end; first += 4, second += 4, out += 4) {
		int32_t sums[4] = {sum.offset, sum.offset, sum.offset, sum.offset};
		uint32_t a = microtvm_load_word(first), b = microtvm_load_word(second);

		microtvm_sum_add(sums, sum.second, b, mask);
		microtvm_sum_add(sums, sum.first, a, mask);
		microtvm_sum_store(out, sums, sum.rounding, ties);
	}
}

/* The same where all elements have one second operand. */
static inline void microtvm_sum_words_with(int8_t *out, const int8_t *first, const int8_t *second,
					   const int32_t *parameters, int32_t count, int ties)
{
	const struct microtvm_sum sum = *(const struct microtvm_sum *)parameters;
	const int32_t start = microtvm_smlawb(sum.second, microtvm_sum_upper(*second), sum.offset);
	const uint32_t mask = microtvm_sum_mask();

	for (const int8_t *end = first + count; first < end; first += 4, out += 4) {
		int32_t sums[4] = {start, start, start, start};

		microtvm_sum_add(sums, sum.first, microtvm_load_word(first), mask);
		microtvm_sum_store(out, sums, sum.rounding, ties);
	}
}

/*
 * microtvm_add_s8_<form>(...), and microtvm_add_with_s8_<form>(...) for rows
 * whose second operand is one element.
 */
#define MICROTVM_DEFINE_ADD(form, ties)                                                            \
	static inline void microtvm_add_words_##form(int8_t *out, const int8_t *first,             \
						     const int8_t *second,                         \
						     const int32_t *parameters, int32_t count)     \
	{                                                                                          \
		microtvm_sum_words(out, first, second, parameters, count, ties);                   \
	}                                                                                          \
	static inline void microtvm_add_words_with_##form(                                         \
		int8_t *out, const int8_t *first, const int8_t *second, const int32_t *parameters, \
		int32_t count)                                                                     \
	{                                                                                          \
		microtvm_sum_words_with(out, first, second, parameters, count, ties);              \
	}                                                                                          \
	MICROTVM_DEFINE_BINARY(add_s8_##form, microtvm_add_words_##form,                           \
			       microtvm_add_element_##form, 1)                                     \
	MICROTVM_DEFINE_BINARY(add_with_s8_##form, microtvm_add_words_with_##form,                 \
			       microtvm_add_element_##form, 0)

MICROTVM_DEFINE_ADD(near, 0)
MICROTVM_DEFINE_ADD(ties, 1)
MICROTVM_DEFINE_BINARY(add_s8_any, NULL, microtvm_add_element_any, 1)
MICROTVM_DEFINE_BINARY(add_with_s8_any, NULL, microtvm_add_element_any, 0)

#endif /* MICROTVM_KERNELS_ADD_S8_H_ */
