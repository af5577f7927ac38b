/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may touch a page of the arena: the strict DMA mode takes pages away from the CPU while a device owns memory in them.
 * An access that is not allowed is told to the kernel side, then carried out, so that data beside the device's can be used.
 * Does not work under a debugger's single steps nor under Valgrind.
 */
#ifndef DDEKIT_OWN_H
#define DDEKIT_OWN_H

enum ddekit_access { DDEKIT_ACCESS_NONE, DDEKIT_ACCESS_READ, DDEKIT_ACCESS_ALL };

/** Called in a signal handler on the accessing thread, before the access is carried out. Set it before the first protect. */
extern void (*ddekit_on_access)(unsigned long addr, unsigned long pc, unsigned long frame, int write);
/** What the CPU may do with the page that holds an address of the arena; 0 or -errno. */
int ddekit_protect(unsigned long page, enum ddekit_access access);

#endif
