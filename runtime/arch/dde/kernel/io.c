// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/include/asm/io.h: every access to a device passes here, is traced, goes to the back end, and is a
 * delivery point for interrupts. ioremap is the identity; addresses below 64 KiB are I/O ports (pci_iomap of an I/O BAR).
 */
#include <linux/export.h>
#include <linux/io.h>
#include <ddekit/pci.h>
#include <ddekit/irq.h>
#include <ddet/ddetrace.h>

#include "../check/mapped.h"
#include "../check/strays.h"
#include "../observe/registers.h"
#include "dde.h"

u32 (*dde_v2p_walk)(const void *addr);

static __always_inline u64 mmio_read(const volatile void __iomem *addr, unsigned int size, unsigned long caller)
{
	unsigned long a = (unsigned long)addr;
	u64 v;

	dde_mapped_watch(a, false, caller);
	v = a < 0x10000 ? ddekit_pio_read(a, size) : ddekit_mmio_read(a, size);

	DDE_REGISTER_EVENT(mmio_read, a, v, size, caller);
	dde_irqs_check();
	return v;
}

static __always_inline void mmio_write(u64 v, volatile void __iomem *addr, unsigned int size, unsigned long caller)
{
	unsigned long a = (unsigned long)addr;

	dde_mapped_watch(a, true, caller);
	DDE_REGISTER_EVENT(mmio_write, a, v, size, caller);
	dde_stray_watch(v, caller);
	if (a < 0x10000)
		ddekit_pio_write(a, size, v);
	else
		ddekit_mmio_write(a, size, v);
	dde_irqs_check();
}

#define ACCESS(bits)                                                                             \
	u##bits dde_mmio_read##bits(const volatile void __iomem *addr)                           \
	{                                                                                        \
		return mmio_read(addr, bits / 8, DDET_CALLER());                                 \
	}                                                                                        \
	EXPORT_SYMBOL(dde_mmio_read##bits);                                                      \
	void dde_mmio_write##bits(u##bits v, volatile void __iomem *addr)                        \
	{                                                                                        \
		mmio_write(v, addr, bits / 8, DDET_CALLER());                                    \
	}                                                                                        \
	EXPORT_SYMBOL(dde_mmio_write##bits)

ACCESS(8);
ACCESS(16);
ACCESS(32);
ACCESS(64);

/* As wide as both sides are aligned, like the x86 versions; the rest in bytes. */
static bool words(const volatile void __iomem *io, const void *mem, size_t n)
{
	return n >= 4 && !(((unsigned long)io | (unsigned long)mem) & 3);
}

void dde_memcpy_fromio(void *to, const volatile void __iomem *from, size_t n)
{
	for (; words(from, to, n); n -= 4, to += 4, from += 4)
		*(u32 *)to = dde_mmio_read32(from);
	for (; n; n--, to++, from++)
		*(u8 *)to = dde_mmio_read8(from);
}
EXPORT_SYMBOL(dde_memcpy_fromio);

void dde_memcpy_toio(volatile void __iomem *to, const void *from, size_t n)
{
	for (; words(to, from, n); n -= 4, to += 4, from += 4)
		dde_mmio_write32(*(const u32 *)from, to);
	for (; n; n--, to++, from++)
		dde_mmio_write8(*(const u8 *)from, to);
}
EXPORT_SYMBOL(dde_memcpy_toio);

void dde_memset_io(volatile void __iomem *to, int value, size_t n)
{
	u32 pattern = (u8)value * 0x01010101U;

	for (; words(to, NULL, n); n -= 4, to += 4)
		dde_mmio_write32(pattern, to);
	for (; n; n--, to++)
		dde_mmio_write8(value, to);
}
EXPORT_SYMBOL(dde_memset_io);

u32 dde_pio_in(unsigned long port, unsigned int size)
{
	u32 v = ddekit_pio_read(port, size);

	DDE_REGISTER_EVENT(pio_read, port, v, size, DDET_CALLER());
	dde_irqs_check();
	return v;
}
EXPORT_SYMBOL(dde_pio_in);

void dde_pio_out(u32 v, unsigned long port, unsigned int size)
{
	DDE_REGISTER_EVENT(pio_write, port, v, size, DDET_CALLER());
	dde_stray_watch(v, DDET_CALLER());
	ddekit_pio_write(port, size, v);
	dde_irqs_check();
}
EXPORT_SYMBOL(dde_pio_out);

void __iomem *ioremap(phys_addr_t offset, size_t size)
{
	dde_mapped_add(offset, size);
	return (void __iomem *)(unsigned long)offset;
}
EXPORT_SYMBOL(ioremap);

void iounmap(volatile void __iomem *addr)
{
	dde_mapped_remove((unsigned long)addr);
}
EXPORT_SYMBOL(iounmap);

/* Constant time by construction; the paper's list walk is the case study that shows what happens otherwise. */
phys_addr_t dde_virt_to_phys(const volatile void *addr)
{
	u32 cost = unlikely(dde_v2p_walk) ? dde_v2p_walk((const void *)addr) : 0;

	ddet_virt_to_phys((unsigned long)addr, DDET_CALLER(), cost, __pa(addr));
	return __pa(addr);
}
EXPORT_SYMBOL(dde_virt_to_phys);

void *dde_phys_to_virt(phys_addr_t phys)
{
	ddet_phys_to_virt((unsigned long)__va(phys), DDET_CALLER(), 0, phys);
	return __va(phys);
}
EXPORT_SYMBOL(dde_phys_to_virt);
