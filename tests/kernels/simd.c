/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Prints what each function of simd.h makes of a file of words: 1, a, b, c, 1, a, b, c, ..., 0. */
#include "microtvm/kernels/simd.h"

#include "machine.h"

__asm(".section .rodata\n"
      ".balign 4\n"
      ".global words_file\n"
      "words_file: .incbin \"" CASES_FILE "\"\n"
      ".previous\n");
extern const uint32_t words_file[];

static void print(uint32_t a, uint32_t b, uint32_t c)
{
	/* c and a are the sum's halves. */
	int64_t sum = microtvm_smlald(a, b, (int64_t)((uint64_t)a << 32 | c));
	const int32_t results[] = {
		(int32_t)microtvm_pkhbt((int32_t)a, (int32_t)b),
		(int32_t)microtvm_sxtb16(a),
		(int32_t)microtvm_sxtb16_ror8(a),
		(int32_t)microtvm_sxtab16(a, b),
		(int32_t)microtvm_sxtab16_ror8(a, b),
		microtvm_smlad(a, b, (int32_t)c),
		microtvm_smmla((int32_t)a, (int32_t)b, (int32_t)c),
		microtvm_smmlar((int32_t)a, (int32_t)b, (int32_t)c),
		microtvm_smmulr((int32_t)a, (int32_t)b),
		(int32_t)sum,
		(int32_t)(sum >> 32),
		microtvm_saturate_s8((int32_t)a),
		microtvm_saturate_s16((int32_t)a),
	};

	machine_print("% % % % % % % % % % % % %\n", results);
}

int run_cases(void)
{
	for (const uint32_t *word = words_file; *word; word += 4) {
		print(word[1], word[2], word[3]);
	}
	return 0;
}
