/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Products of two int8 tensors, exactly as TFLite rounds them: of pairs of
 * 16-bit numbers less their zero points, then rescaled as rescale.h tells. The
 * form "any" takes scales of 1/2 and above. microtvm/compiler/packing_multiply.py
 * makes the parameters.
 */
#ifndef MICROTVM_KERNELS_MULTIPLY_S8_H_
#define MICROTVM_KERNELS_MULTIPLY_S8_H_

#include "microtvm/kernels/binary_s8.h"
#include "microtvm/kernels/rescale.h"
#include "microtvm/kernels/simd_halves.h"

/* As they are packed; the zero points are pairs of the negative number. */
struct microtvm_multiply {
	uint32_t first, second;
	int32_t rescale[MICROTVM_RESCALE_WORDS];
};

static inline int32_t microtvm_multiply_of(int8_t first, int8_t second,
					   const struct microtvm_multiply *parameters)
{
	return (first + microtvm_low(parameters->first)) *
	       (second + microtvm_low(parameters->second));
}

/* One element in each form; the meanings of the kernels call these, too. */
static inline int8_t microtvm_multiply_element_any(int8_t first, int8_t second,
						   const int32_t *packed)
{
	const struct microtvm_multiply *parameters = (const struct microtvm_multiply *)packed;

	return microtvm_rescale_any(microtvm_multiply_of(first, second, parameters),
				    parameters->rescale, 0);
}

static inline int8_t microtvm_multiply_element_twice(int8_t first, int8_t second,
						     const int32_t *packed)
{
	const struct microtvm_multiply *parameters = (const struct microtvm_multiply *)packed;

	return microtvm_rescale_twice(2 * microtvm_multiply_of(first, second, parameters),
				      parameters->rescale);
}

/* Bytes 0 and 2, then 1 and 3 of the output, from the same of the operands; `first` is doubled. */
static inline void microtvm_multiply_pairs(int8_t *out, uint32_t first, uint32_t second,
					   const int32_t *rescale)
{
	out[0] = microtvm_rescale_twice(microtvm_smulbb(first, second), rescale);
	out[2] = microtvm_rescale_twice(microtvm_smultt(first, second), rescale);
}

static inline void microtvm_multiply_words_twice(int8_t *out, const int8_t *first,
						 const int8_t *second, const int32_t *packed,
						 int32_t count)
{
	const struct microtvm_multiply p = *(const struct microtvm_multiply *)packed;

	for (const int8_t *end = first + count; first < end; first += 4, second += 4, out += 4) {
		uint32_t a = microtvm_load_word(first), b = microtvm_load_word(second);
		uint32_t even = microtvm_sxtab16(p.first, a);
		uint32_t odd = microtvm_sxtab16_ror8(p.first, a);

		microtvm_multiply_pairs(out, microtvm_sadd16(even, even),
					microtvm_sxtab16(p.second, b), p.rescale);
		microtvm_multiply_pairs(out + 1, microtvm_sadd16(odd, odd),
					microtvm_sxtab16_ror8(p.second, b), p.rescale);
	}
}

/* The same where all elements have one second operand. */
static inline void microtvm_multiply_words_with_twice(int8_t *out, const int8_t *first,
						      const int8_t *second, const int32_t *packed,
						      int32_t count)
{
	const struct microtvm_multiply p = *(const struct microtvm_multiply *)packed;
	const int32_t factor = 2 * (*second + microtvm_low(p.second));
	const uint32_t factors = microtvm_pkhbt(factor, factor);

	for (const int8_t *end = first + count; first < end; first += 4, out += 4) {
		uint32_t a = microtvm_load_word(first);

		microtvm_multiply_pairs(out, microtvm_sxtab16(p.first, a), factors, p.rescale);
		microtvm_multiply_pairs(out + 1, microtvm_sxtab16_ror8(p.first, a), factors,
					p.rescale);
	}
}

/*
 * microtvm_multiply_s8_<form>(...), and microtvm_multiply_with_s8_<form>(...)
 * for rows whose second operand is one element.
 */
MICROTVM_DEFINE_BINARY(multiply_s8_twice, microtvm_multiply_words_twice,
		       microtvm_multiply_element_twice, 1)
MICROTVM_DEFINE_BINARY(multiply_with_s8_twice, microtvm_multiply_words_with_twice,
		       microtvm_multiply_element_twice, 0)
MICROTVM_DEFINE_BINARY(multiply_s8_any, NULL, microtvm_multiply_element_any, 1)
MICROTVM_DEFINE_BINARY(multiply_with_s8_any, NULL, microtvm_multiply_element_any, 0)

#endif /* MICROTVM_KERNELS_MULTIPLY_S8_H_ */
