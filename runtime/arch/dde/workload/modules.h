/* SPDX-License-Identifier: GPL-2.0-only */
/* Out-of-tree modules that are linked into the image. */
#ifndef DDE_MODULES_H
#define DDE_MODULES_H
#include <linux/types.h>

/* Starts them all; 0 or the first error. *drivers: whether one registered a pci_driver (also true when there is no module). */
int dde_modules_start(bool *drivers);
/* Ends them in the opposite order; a module that is in use stays. */
void dde_modules_end(void);
#endif
