/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/processor.h: a kernel thread is a host thread. */
#ifndef _ASM_DDE_PROCESSOR_H
#define _ASM_DDE_PROCESSOR_H
#include <asm/ptrace.h>
#include <asm/page.h>
#include <asm/current.h>
#include <asm/cpufeature.h>
#include <linux/compiler.h>
#include <linux/types.h>

#ifndef __ASSEMBLY__
struct ddekit_thread;
struct dde_user;
struct task_struct;
struct thread_struct {
	struct ddekit_thread *host;
	int (*fn)(void *);
	void *arg;
	struct dde_user *user;
};
#define INIT_THREAD { .host = (void *)0 }
/* Of a program of the user, whose pointers come here (arch/dde/exec). */
#define TASK_SIZE 0x00007ffffffff000UL
#define TASK_UNMAPPED_BASE 0
#define STACK_TOP TASK_SIZE
#define STACK_TOP_MAX TASK_SIZE
#define task_pt_regs(tsk) ((struct pt_regs *)(task_stack_page(tsk) + THREAD_SIZE) - 1)
#define KSTK_EIP(tsk) 0UL
#define KSTK_ESP(tsk) 0UL
#define ARCH_HAS_PREFETCH
#define prefetch(x) __builtin_prefetch(x)
#define ARCH_HAS_PREFETCHW
#define prefetchw(x) __builtin_prefetch(x, 1)
void cpu_relax(void);
static inline void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp) { }
unsigned long __get_wchan(struct task_struct *p);

/* What drivers of x86 ask about the processor; the host's answers (cpu.c). */
#define X86_VENDOR_INTEL 0
#define X86_VENDOR_CYRIX 1
#define X86_VENDOR_AMD 2
#define X86_VENDOR_UMC 3
#define X86_VENDOR_CENTAUR 5
#define X86_VENDOR_TRANSMETA 7
#define X86_VENDOR_NSC 8
#define X86_VENDOR_HYGON 9
#define X86_VENDOR_ZHAOXIN 10
#define X86_VENDOR_VORTEX 11
#define X86_VENDOR_UNKNOWN 0xff
struct cpuinfo_x86 {
	__u8 x86;
	__u8 x86_vendor;
	__u8 x86_model;
	__u8 x86_stepping;
	int cpuid_level;
	char x86_vendor_id[16];
	char x86_model_id[64];
	__u8 x86_virt_bits;
	__u8 x86_phys_bits;
	__u16 x86_clflush_size;
	int x86_cache_alignment;
	int x86_cache_size;
	unsigned int x86_max_cores;
	unsigned int microcode;
};
extern struct cpuinfo_x86 boot_cpu_data;
#define cpu_data(cpu) boot_cpu_data

static inline void native_cpuid(unsigned int *eax, unsigned int *ebx, unsigned int *ecx, unsigned int *edx)
{
	asm volatile("cpuid" : "=a" (*eax), "=b" (*ebx), "=c" (*ecx), "=d" (*edx) : "0" (*eax), "2" (*ecx) : "memory");
}
static inline void cpuid_count(unsigned int op, int count, unsigned int *eax, unsigned int *ebx, unsigned int *ecx,
			       unsigned int *edx)
{
	*eax = op;
	*ecx = count;
	native_cpuid(eax, ebx, ecx, edx);
}
static inline void cpuid(unsigned int op, unsigned int *eax, unsigned int *ebx, unsigned int *ecx, unsigned int *edx)
{
	cpuid_count(op, 0, eax, ebx, ecx, edx);
}
#define DDE_CPUID(reg)						\
static inline unsigned int cpuid_##reg(unsigned int op)		\
{								\
	unsigned int eax, ebx, ecx, edx;			\
								\
	cpuid(op, &eax, &ebx, &ecx, &edx);			\
	return reg;						\
}
DDE_CPUID(eax)
DDE_CPUID(ebx)
DDE_CPUID(ecx)
DDE_CPUID(edx)
#undef DDE_CPUID

static __always_inline void rep_nop(void)
{
	asm volatile("rep; nop" ::: "memory");
}
#endif
#endif
