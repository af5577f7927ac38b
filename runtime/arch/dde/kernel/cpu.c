// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/kernel/cpu/common.c: what drivers ask about the processor, answered by the host's CPUID. Differs from x86 in
 * that features are looked up when asked for: the core itself is compiled for the baseline and never asks.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/string.h>
#include <asm/cpufeatures.h>
#include <asm/processor.h>

struct cpuinfo_x86 boot_cpu_data = { .x86_vendor = X86_VENDOR_UNKNOWN, .x86_clflush_size = 64, .x86_cache_alignment = 64 };
EXPORT_SYMBOL(boot_cpu_data);

enum { EAX, EBX, ECX, EDX };

/* Where CPUID tells the words of asm/cpufeatures.h; words that Linux makes up itself are absent and read as 0. */
static const struct {
	u8 word, reg;
	u32 leaf;
} words[] = {
	{ 0, EDX, 1 },		{ 1, EDX, 0x80000001 }, { 4, ECX, 1 },	{ 6, ECX, 0x80000001 },
	{ 9, EBX, 7 },		{ 16, ECX, 7 },		{ 18, EDX, 7 },
};

bool dde_cpu_has(unsigned int bit)
{
	unsigned int i, r[4];

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].word != bit / 32)
			continue;
		if (cpuid_eax(words[i].leaf & 0x80000000) < words[i].leaf)
			return false;
		cpuid_count(words[i].leaf, 0, &r[EAX], &r[EBX], &r[ECX], &r[EDX]);
		return r[words[i].reg] >> bit % 32 & 1;
	}
	return false;
}
EXPORT_SYMBOL(dde_cpu_has);

static int __init identify_cpu(void)
{
	struct cpuinfo_x86 *c = &boot_cpu_data;
	u32 *id = (u32 *)c->x86_vendor_id, eax, ebx, ecx, edx;

	cpuid(0, &c->cpuid_level, &id[0], &id[2], &id[1]);
	if (!strcmp(c->x86_vendor_id, "GenuineIntel"))
		c->x86_vendor = X86_VENDOR_INTEL;
	else if (!strcmp(c->x86_vendor_id, "AuthenticAMD"))
		c->x86_vendor = X86_VENDOR_AMD;
	else if (!strcmp(c->x86_vendor_id, "HygonGenuine"))
		c->x86_vendor = X86_VENDOR_HYGON;
	cpuid(1, &eax, &ebx, &ecx, &edx);
	c->x86 = (eax >> 8 & 15) + ((eax >> 8 & 15) == 15 ? eax >> 20 & 255 : 0);
	c->x86_model = (eax >> 4 & 15) + (c->x86 >= 6 ? (eax >> 16 & 15) << 4 : 0);
	c->x86_stepping = eax & 15;
	c->x86_clflush_size = (ebx >> 8 & 255) * 8;
	c->x86_cache_alignment = c->x86_clflush_size;
	c->x86_max_cores = 1;
	if (cpuid_eax(0x80000000) >= 0x80000008) {
		eax = cpuid_eax(0x80000008);
		c->x86_phys_bits = eax & 255;
		c->x86_virt_bits = eax >> 8 & 255;
	}
	return 0;
}
pure_initcall(identify_cpu);
