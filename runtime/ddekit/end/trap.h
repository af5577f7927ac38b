/* SPDX-License-Identifier: GPL-2.0-only */
/* Survives breakpoints that a killed debugger has left behind. */
#ifndef DDEKIT_END_TRAP_H
#define DDEKIT_END_TRAP_H

/** Call once, after all libraries are loaded. --dma strict takes the signal for itself later. */
void ddekit__trap_init(void);

#endif
