/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of control/ share. */
#ifndef DDET_CONTROL_H
#define DDET_CONTROL_H

/* Has the process come to a safe point soon. Any signal handler. */
void ddet__raise_kick(void);
/* A new list of triggers from the control page; sites whose trigger changes are switched off for ddet__sites_apply() to switch on. */
void ddet__trigger_apply(void);
/* Where site @i goes while it is on: the trampoline of its trigger, else 0 (its cell). */
unsigned long ddet__trigger_entry(unsigned int i);
/* Measures what the tracer itself costs, into the control page. Cells are made, ddet_busy is set. */
void ddet_measure_cost(void);

#endif
