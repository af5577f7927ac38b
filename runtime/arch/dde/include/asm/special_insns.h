/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/special_insns.h: what user mode may do is done; the rest is named at link. */
#ifndef _ASM_DDE_SPECIAL_INSNS_H
#define _ASM_DDE_SPECIAL_INSNS_H
#include <linux/types.h>
#include <asm/processor.h>
unsigned long native_read_cr0(void);
void native_write_cr0(unsigned long val);
unsigned long native_read_cr2(void);
unsigned long native_read_cr4(void);
void native_write_cr4(unsigned long val);
unsigned long __native_read_cr3(void);
void native_write_cr3(unsigned long val);
void native_wbinvd(void);
void enqcmds_iosubmit(void);
#define read_cr0 native_read_cr0
#define write_cr0 native_write_cr0
#define read_cr2 native_read_cr2
#define __read_cr4 native_read_cr4
#define __write_cr4 native_write_cr4
#define __read_cr3 __native_read_cr3
#define write_cr3 native_write_cr3
#define wbinvd native_wbinvd
/* Posted 64-byte writes to a device: not what the back ends can do. */
void movdir64b(void __iomem *dst, const void *src);
int enqcmds(void __iomem *dst, const void *src);
static inline void clflush(volatile void *p)
{
	asm volatile("clflush %0" : "+m" (*(volatile char *)p));
}
#define clflushopt clflush
#define clwb clflush
#define nop() asm volatile("nop")
#endif
