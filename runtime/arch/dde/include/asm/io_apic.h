/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/io_apic.h: there is none. */
#ifndef _ASM_DDE_IO_APIC_H
#define _ASM_DDE_IO_APIC_H
#include <linux/types.h>
#define nr_ioapics 0
#define arch_disable_smp_support() do { } while (0)
#endif
