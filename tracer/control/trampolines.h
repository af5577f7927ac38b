/* SPDX-License-Identifier: GPL-2.0-only */
/* Trampolines of triggers, for C and for the assembler. */
#ifndef DDET_TRAMPOLINES_H
#define DDET_TRAMPOLINES_H

/* Sites that a process can ever give a trigger. A trampoline belongs to its site for good (trigger.c). */
#define DDET_TRAMPOLINES 4096
#define DDET_TRAMPOLINE_BYTES 16

#endif
