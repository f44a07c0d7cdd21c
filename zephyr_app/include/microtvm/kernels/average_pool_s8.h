/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Averages of the windows of NHWC images, halves away from zero. Padding does not count. */
#ifndef MICROTVM_KERNELS_AVERAGE_POOL_S8_H_
#define MICROTVM_KERNELS_AVERAGE_POOL_S8_H_

#include "microtvm/kernels/average.h"
#include "microtvm/kernels/channel_sums.h"
#include "microtvm/kernels/pool_s8.h"

/* A function of its own, so that its inner loops have all registers. */
static __attribute__((noinline, unused)) void
microtvm_average_window(const struct microtvm_pixels *window, int8_t *out)
{
	const struct microtvm_average average = microtvm_average_by(window->rows * window->columns);

	microtvm_sums_run(window, out, microtvm_average_of, &average);
}

MICROTVM_DEFINE_POOL(average_pool, microtvm_average_window)

#endif /* MICROTVM_KERNELS_AVERAGE_POOL_S8_H_ */
