/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/msr.h: the time stamp is real; model-specific registers are the host kernel's: named at link. */
#ifndef _ASM_DDE_MSR_H
#define _ASM_DDE_MSR_H
#include <asm/msr-index.h>
#ifndef __ASSEMBLY__
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <asm/cpumask.h>

struct msr {
	union {
		struct {
			u32 l;
			u32 h;
		};
		u64 q;
	};
};
struct msr_info {
	u32 msr_no;
	struct msr reg;
	struct msr *msrs;
	int err;
};
struct msr_regs_info {
	u32 *regs;
	int err;
};

#define DECLARE_ARGS(val, low, high) unsigned long low, high
#define EAX_EDX_VAL(val, low, high) ((low) | (high) << 32)
#define EAX_EDX_RET(val, low, high) "=a" (low), "=d" (high)

static __always_inline unsigned long long rdtsc(void)
{
	return __builtin_ia32_rdtsc();
}
static __always_inline unsigned long long rdtsc_ordered(void)
{
	asm volatile("lfence" ::: "memory");
	return __builtin_ia32_rdtsc();
}

unsigned long long native_read_msr(unsigned int msr);
unsigned long long native_read_msr_safe(unsigned int msr, int *err);
void native_write_msr(unsigned int msr, u32 low, u32 high);
int native_write_msr_safe(unsigned int msr, u32 low, u32 high);
unsigned long long native_read_pmc(int counter);

#define rdmsr(msr, low, high)					\
do {								\
	u64 __val = native_read_msr(msr);			\
	(void)((low) = (u32)__val);				\
	(void)((high) = (u32)(__val >> 32));			\
} while (0)
#define rdmsrl(msr, val) ((val) = native_read_msr(msr))
#define wrmsr(msr, low, high) native_write_msr(msr, low, high)
#define wrmsrl(msr, val) native_write_msr(msr, (u32)((u64)(val)), (u32)((u64)(val) >> 32))
#define wrmsr_safe(msr, low, high) native_write_msr_safe(msr, low, high)
#define wrmsrl_safe(msr, val) native_write_msr_safe(msr, (u32)((u64)(val)), (u32)((u64)(val) >> 32))
#define rdpmcl(counter, val) ((val) = native_read_pmc(counter))
#define rdmsr_safe(msr, low, high)				\
({								\
	int __err;						\
	u64 __val = native_read_msr_safe(msr, &__err);		\
	*(low) = (u32)__val;					\
	*(high) = (u32)(__val >> 32);				\
	__err;							\
})
static inline int rdmsrl_safe(unsigned int msr, unsigned long long *p)
{
	int err;

	*p = native_read_msr_safe(msr, &err);
	return err;
}

struct msr *msrs_alloc(void);
void msrs_free(struct msr *msrs);
int msr_set_bit(u32 msr, u8 bit);
int msr_clear_bit(u32 msr, u8 bit);
int rdmsr_on_cpu(unsigned int cpu, u32 msr_no, u32 *l, u32 *h);
int wrmsr_on_cpu(unsigned int cpu, u32 msr_no, u32 l, u32 h);
int rdmsrl_on_cpu(unsigned int cpu, u32 msr_no, u64 *q);
int wrmsrl_on_cpu(unsigned int cpu, u32 msr_no, u64 q);
void rdmsr_on_cpus(const struct cpumask *mask, u32 msr_no, struct msr *msrs);
void wrmsr_on_cpus(const struct cpumask *mask, u32 msr_no, struct msr *msrs);
int rdmsr_safe_on_cpu(unsigned int cpu, u32 msr_no, u32 *l, u32 *h);
int wrmsr_safe_on_cpu(unsigned int cpu, u32 msr_no, u32 l, u32 h);
int rdmsrl_safe_on_cpu(unsigned int cpu, u32 msr_no, u64 *q);
int wrmsrl_safe_on_cpu(unsigned int cpu, u32 msr_no, u64 q);
#endif
#endif
