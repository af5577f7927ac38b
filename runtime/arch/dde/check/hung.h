/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_DDE_HUNG_H
#define ARCH_DDE_HUNG_H

/** The driver is asked to do something that must return ("probe", "remove"); ends the process with a report when it does not. */
void dde_stage_begin(const char *name);
void dde_stage_end(void);
#endif
