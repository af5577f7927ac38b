/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arena: all memory that Linux manages, one mapping at a fixed address, O(1) from virtual to physical and back. As on a machine
 * the physical addresses are low, above the holes of a PC's first MiB, so that devices with 24 to 32 address bits reach it, and a
 * pointer is none: a device that is given one by mistake finds no memory there. Which bus address a physical one has is the back
 * end's to say (dma.h). The virtual address suits Valgrind (its own image is at 0x58000000) and is below 4 GiB.
 */
#ifndef DDEKIT_ARENA_H
#define DDEKIT_ARENA_H

#ifdef __ASSEMBLY__
#define DDEKIT_ARENA_OFFSET 0x60000000
#define DDEKIT_ARENA_PHYS 0x100000
#else
/** Virtual minus physical: a multiple of the largest block of pages, so that what is aligned in one is aligned in the other. */
#define DDEKIT_ARENA_OFFSET 0x60000000UL
#define DDEKIT_ARENA_PHYS 0x100000UL
#endif
#define DDEKIT_ARENA_BASE (DDEKIT_ARENA_OFFSET + DDEKIT_ARENA_PHYS)
#define DDEKIT_ARENA_MAX 0x20000000UL /* bytes */

#endif
