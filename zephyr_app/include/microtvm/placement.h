/* SPDX-FileCopyrightText: The microtvm authors */
/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which memory region of a board an array goes to. The sections are named for
 * pools; the linker scripts of the firmware put each into the region that its pool is mapped to.
 */
#ifndef MICROTVM_PLACEMENT_H_
#define MICROTVM_PLACEMENT_H_

#if defined(__arm__) && defined(__ELF__)
#define MICROTVM_SECTION(name) __attribute__((section(name)))
#else
#define MICROTVM_SECTION(name)
#endif

/*
 * Before the name of a constant array: it belongs to a pool of constants. In a
 * region of RAM, start-up copies it there from flash before main() runs.
 */
#define MICROTVM_CONSTANT_POOL(pool) MICROTVM_SECTION(".microtvm.constants." #pool)

/* The same for an array of a workspace; nothing gives it a value before main(). */
#define MICROTVM_WORKSPACE_POOL(pool) MICROTVM_SECTION(".microtvm.pools." #pool)

/* Copies them; a port's start-up calls it, where the firmware has such constants. */
void microtvm_copy_constants(void);

#endif /* MICROTVM_PLACEMENT_H_ */
