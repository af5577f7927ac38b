/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/io.h: device access is a call, the one place for tracing, delivery and back ends. */
#ifndef _ASM_DDE_IO_H
#define _ASM_DDE_IO_H
#include <linux/types.h>

u8 dde_mmio_read8(const volatile void __iomem *addr);
u16 dde_mmio_read16(const volatile void __iomem *addr);
u32 dde_mmio_read32(const volatile void __iomem *addr);
u64 dde_mmio_read64(const volatile void __iomem *addr);
void dde_mmio_write8(u8 v, volatile void __iomem *addr);
void dde_mmio_write16(u16 v, volatile void __iomem *addr);
void dde_mmio_write32(u32 v, volatile void __iomem *addr);
void dde_mmio_write64(u64 v, volatile void __iomem *addr);
u32 dde_pio_in(unsigned long port, unsigned int size);
void dde_pio_out(u32 v, unsigned long port, unsigned int size);
phys_addr_t dde_virt_to_phys(const volatile void *addr);
void *dde_phys_to_virt(phys_addr_t phys);

#define __raw_readb dde_mmio_read8
#define __raw_readw dde_mmio_read16
#define __raw_readl dde_mmio_read32
#define __raw_readq dde_mmio_read64
#define __raw_writeb dde_mmio_write8
#define __raw_writew dde_mmio_write16
#define __raw_writel dde_mmio_write32
#define __raw_writeq dde_mmio_write64

/* A posted write is ordered by the transport; barriers between CPU and device are the compiler's. */
#define inb(port) ((u8)dde_pio_in(port, 1))
#define inw(port) ((u16)dde_pio_in(port, 2))
#define inl(port) dde_pio_in(port, 4)
#define outb(v, port) dde_pio_out((u8)(v), port, 1)
#define outw(v, port) dde_pio_out((u16)(v), port, 2)
#define outl(v, port) dde_pio_out(v, port, 4)

#define insb insb
static inline void insb(unsigned long port, void *buf, unsigned int n)
{
	for (u8 *p = buf; n; n--)
		*p++ = inb(port);
}
#define insw insw
static inline void insw(unsigned long port, void *buf, unsigned int n)
{
	for (u16 *p = buf; n; n--)
		*p++ = inw(port);
}
#define insl insl
static inline void insl(unsigned long port, void *buf, unsigned int n)
{
	for (u32 *p = buf; n; n--)
		*p++ = inl(port);
}
#define outsb outsb
static inline void outsb(unsigned long port, const void *buf, unsigned int n)
{
	for (const u8 *p = buf; n; n--)
		outb(*p++, port);
}
#define outsw outsw
static inline void outsw(unsigned long port, const void *buf, unsigned int n)
{
	for (const u16 *p = buf; n; n--)
		outw(*p++, port);
}
#define outsl outsl
static inline void outsl(unsigned long port, const void *buf, unsigned int n)
{
	for (const u32 *p = buf; n; n--)
		outl(*p++, port);
}

#define virt_to_phys virt_to_phys
static inline unsigned long virt_to_phys(volatile void *addr)
{
	return dde_virt_to_phys(addr);
}
#define phys_to_virt phys_to_virt
static inline void *phys_to_virt(unsigned long phys)
{
	return dde_phys_to_virt(phys);
}

/* pci_iomap() of an I/O BAR gives the port number: below 64 KiB the access hooks do port I/O. */
#define IO_SPACE_LIMIT 0xffff
#define PCI_IOBASE ((void __iomem *)0)

/* Device memory cannot be dereferenced: block copies are made of register accesses. */
void dde_memcpy_fromio(void *to, const volatile void __iomem *from, size_t n);
void dde_memcpy_toio(volatile void __iomem *to, const void *from, size_t n);
void dde_memset_io(volatile void __iomem *to, int value, size_t n);
#define memcpy_fromio dde_memcpy_fromio
#define memcpy_toio dde_memcpy_toio
#define memset_io dde_memset_io

/* Functions, so that who maps and unmaps is seen. */
void __iomem *ioremap(phys_addr_t offset, size_t size);
void iounmap(volatile void __iomem *addr);
#define ioremap ioremap
#define iounmap iounmap
#define ioremap_wc ioremap
#define ioremap_np ioremap

#include <asm-generic/io.h>
#endif
