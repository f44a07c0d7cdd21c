/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Any function of one int8, by its table of 256 bytes, which begins with that of -128. */
#ifndef MICROTVM_KERNELS_LOOK_UP_S8_H_
#define MICROTVM_KERNELS_LOOK_UP_S8_H_

#include <stdint.h>

/* One element; the meaning of the kernel calls this. */
static inline int8_t microtvm_look_up_element(int8_t x, const int8_t *table)
{
	return table[x + 128];
}

/* The output may be the data. Loads go together: on a Cortex-M4 one right after another is free. */
static __attribute__((noinline, unused)) void
microtvm_look_up_s8(int8_t *out, const int8_t *data, const int8_t *table, int32_t count)
{
	const int8_t *middle = table + 128;

	for (; count >= 4; count -= 4, data += 4, out += 4) {
		const int8_t inputs[4] = {data[0], data[1], data[2], data[3]};
		const int8_t outputs[4] = {middle[inputs[0]], middle[inputs[1]], middle[inputs[2]],
					   middle[inputs[3]]};

		out[0] = outputs[0];
		out[1] = outputs[1];
		out[2] = outputs[2];
		out[3] = outputs[3];
	}
	for (; count > 0; count--) {
		*out++ = microtvm_look_up_element(*data++, table);
	}
}

#endif /* MICROTVM_KERNELS_LOOK_UP_S8_H_ */
