/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/* CRC-32 as in zlib and Ethernet: reflected, polynomial 0x04C11DB7. */
#ifndef MICROTVM_CRC32_H_
#define MICROTVM_CRC32_H_

#include <stddef.h>
#include <stdint.h>

/* Continues `crc` (0 at the start) over `size` bytes. */
uint32_t microtvm_crc32(uint32_t crc, const uint8_t *data, size_t size);

#endif /* MICROTVM_CRC32_H_ */
