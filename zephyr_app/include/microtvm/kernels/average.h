/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Averages of int8, halves away from zero, without a division an average: the
 * nearest integer to sum * factor / 2^32, where the factor is the least integer
 * above 2^32 / count. So products are farther from zero than they should be, by
 * less than |sum|, and halves are rounded away from it. Nothing else is rounded
 * otherwise, as a quotient that is no half is farther from any than
 * 2^32 / (2 * count), as long as 128 * count is less than that: up to 4,095
 * elements. More are divided.
 */
#ifndef MICROTVM_KERNELS_AVERAGE_H_
#define MICROTVM_KERNELS_AVERAGE_H_

#include "microtvm/kernels/simd.h"

#define MICROTVM_AVERAGE_LARGEST 4095

struct microtvm_average {
	int32_t count;
	/* The factor, less 2^32 if it is 2^31 or more. Then the sum is added, and `whole` is -1. */
	int32_t factor;
	int32_t whole;
};

static inline struct microtvm_average microtvm_average_by(int32_t count)
{
	/* For a power of two the quotient of 2^32 - 1 is one short of that of 2^32. */
	uint32_t quotient = UINT32_MAX / (uint32_t)count;
	uint32_t factor = quotient + (count & (count - 1) ? 1 : 2);

	return (struct microtvm_average){count, (int32_t)factor, count < 3 ? -1 : 0};
}

static inline int8_t microtvm_average_of(int32_t sum, const void *average)
{
	const struct microtvm_average *by = average;

	if (by->count > MICROTVM_AVERAGE_LARGEST) {
		return (int8_t)((sum > 0 ? sum + by->count / 2 : sum - by->count / 2) / by->count);
	}
	return (int8_t)microtvm_smmlar(sum, by->factor, sum & by->whole);
}

#endif /* MICROTVM_KERNELS_AVERAGE_H_ */
