/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a device reached for memory that is none. */
#ifndef DDEKIT_QEMU_STRAYS_H
#define DDEKIT_QEMU_STRAYS_H
#include <ddekit/pci.h>

/** Where QEMU is to write what its devices complain about; reads it from now on. */
int qemu_strays_start(void);
/** QEMU has ended: passes on the rest of what it said. */
void qemu_strays_end(void);
/** The next one, oldest first; 0 when there is none. The runner only. */
int qemu_stray(struct ddekit_stray *s);
#endif
