/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A model whose input says how its only layer goes wrong. */
#include <microtvm/model.h>

#ifdef __ZEPHYR__
#include <zephyr/sys/__assert.h>
#else
#define __ASSERT_NO_MSG(test)
#endif

enum ailment {
	AILMENT_NONE,
	AILMENT_ERROR,
	AILMENT_UNALIGNED,
	AILMENT_NO_MEMORY,
	AILMENT_DIVISION,
	AILMENT_RECURSION,
	AILMENT_SLOW,
	AILMENT_FRAMES_OF_480,
	AILMENT_FRAMES_OF_448,
	AILMENT_FRAMES_OF_400,
	AILMENT_JUMP_UNMAPPED,
	AILMENT_JUMP_TO_THE_TOP,
	AILMENT_HANG,
	AILMENT_FAILED_CHECK,
};

#define SLOW_ROUNDS 20000000

static int recurse(volatile const uint8_t *depth)
{
	volatile uint8_t frame[64];

	frame[0] = depth[0];
	return frame[0] == AILMENT_NONE ? 0 : recurse(frame) + frame[0];
}

/* They use their frames so little that one of them steps over a small guard below the stack. */
#define RECURSE_BY(size)                                                                           \
	__attribute__((noinline)) static int recurse_by_##size(volatile const uint8_t *depth)      \
	{                                                                                          \
		volatile uint8_t frame[size];                                                      \
                                                                                                   \
		frame[size - 1] = depth[0];                                                        \
		return frame[size - 1] == AILMENT_NONE ? 0                                         \
						       : recurse_by_##size(frame + size - 1) + 1;  \
	}
RECURSE_BY(480)
RECURSE_BY(448)
RECURSE_BY(400)

static uint32_t spin(uint32_t rounds)
{
	volatile uint32_t count = 0;

	while (count < rounds) {
		count = count + 1;
	}
	return count;
}

static int call(volatile uint32_t address)
{
	return ((int (*)(void))(uintptr_t)address)() + 1;
}

__attribute__((noinline)) static void hang(volatile uint8_t *bytes)
{
	while (bytes[0] == AILMENT_HANG) {
	}
}

static int32_t run_layer(uint32_t layer, uint8_t *const *pools)
{
	volatile uint8_t *bytes = pools[0];
	volatile uint32_t zero = 0;

	(void)layer;
	switch (bytes[0]) {
	case AILMENT_ERROR:
		return -5;
	case AILMENT_UNALIGNED:
		zero = *(volatile uint32_t *)(void *)(pools[0] + 1);
		break;
	case AILMENT_NO_MEMORY:
		zero = *(volatile uint32_t *)0x90000000;
		break;
	case AILMENT_DIVISION:
		zero = 1000 / zero;
		break;
	case AILMENT_RECURSION:
		zero = (uint32_t)recurse(bytes);
		break;
	case AILMENT_FRAMES_OF_480:
		zero = (uint32_t)recurse_by_480(bytes);
		break;
	case AILMENT_FRAMES_OF_448:
		zero = (uint32_t)recurse_by_448(bytes);
		break;
	case AILMENT_FRAMES_OF_400:
		zero = (uint32_t)recurse_by_400(bytes);
		break;
	case AILMENT_SLOW:
		zero = spin(SLOW_ROUNDS) == 0;
		break;
	case AILMENT_JUMP_UNMAPPED:
		zero = (uint32_t)call(0x90000001);
		break;
	case AILMENT_JUMP_TO_THE_TOP:
		zero = (uint32_t)call(0xfffffffe);
		break;
	case AILMENT_HANG:
		hang(bytes);
		break;
	case AILMENT_FAILED_CHECK:
		__ASSERT_NO_MSG(zero != 0);
		break;
	default:
		break;
	}
	bytes[16] = 7;
	return 0;
}

static const struct microtvm_tensor tensors[] = {
	{"ailment", 0, 1, 0, 1, MICROTVM_DTYPE_UINT8, 0},
	{"seven", 16, 1, 1, 1, MICROTVM_DTYPE_UINT8, 0},
};
static const struct microtvm_pool pools_of_faulty[] = {{"global_workspace", 32}};
static const uint16_t inputs[] = {0};
static const uint16_t outputs[] = {1};

const struct microtvm_model tvmgen_faulty_model = {
	.name = "faulty",
	.checksum = 0x4641494c,
	.tensor_count = 2,
	.input_count = 1,
	.output_count = 1,
	.layer_count = 1,
	.pool_count = 1,
	.pools = pools_of_faulty,
	.tensors = tensors,
	.inputs = inputs,
	.outputs = outputs,
	.run_layer = run_layer,
};
