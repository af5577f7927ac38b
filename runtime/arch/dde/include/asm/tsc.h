/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/tsc.h. The frequencies belong to Linux's own calibration, which is not here: named at link. */
#ifndef _ASM_DDE_TSC_H
#define _ASM_DDE_TSC_H
#include <asm/timex.h>
#include <asm/msr.h>
extern unsigned int cpu_khz;
extern unsigned int tsc_khz;
extern void mark_tsc_unstable(char *reason);
extern int check_tsc_unstable(void);
extern struct system_counterval_t convert_art_to_tsc(u64 art);
extern struct system_counterval_t convert_art_ns_to_tsc(u64 art_ns);
#endif
