/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/apic.h: interrupts come from DDEKit; an interrupt controller's registers are named at link. */
#ifndef _ASM_DDE_APIC_H
#define _ASM_DDE_APIC_H
#include <linux/types.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <asm/msr.h>
u32 native_apic_mem_read(u32 reg);
void native_apic_mem_write(u32 reg, u32 v);
#define apic_read native_apic_mem_read
#define apic_write native_apic_mem_write
#define x2apic_enabled() 0
#endif
