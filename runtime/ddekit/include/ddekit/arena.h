/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arena: all memory that Linux manages, one mapping at a fixed address. Virtual, physical and bus address are the same
 * number, below 4 GiB, so a device with a 32-bit DMA mask reaches all of it and virt_to_phys is O(1).
 * The address suits QEMU (guest-physical RAM up to 2 GiB) and Valgrind (its own image is at 0x58000000).
 */
#ifndef DDEKIT_ARENA_H
#define DDEKIT_ARENA_H

#ifdef __ASSEMBLY__
#define DDEKIT_ARENA_BASE 0x60000000
#else
#define DDEKIT_ARENA_BASE 0x60000000UL
#endif
#define DDEKIT_ARENA_MAX 0x20000000UL /* bytes */

#endif
