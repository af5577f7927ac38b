/* SPDX-License-Identifier: GPL-2.0-only */
/* The strict DMA mode (dde.dma=strict): while a device owns a streaming mapping the CPU's accesses to it are told. */
#ifndef ARCH_DDE_OWN_H
#define ARCH_DDE_OWN_H
#include <linux/dma-direction.h>
#include <linux/types.h>

extern bool dde_dma_strict;
/** The device gets or gives back @size bytes at @addr. Only while dde_dma_strict; the interrupt flag protects the tables. */
void dde_own_take(unsigned long addr, size_t size, enum dma_data_direction dir);
void dde_own_give(unsigned long addr, size_t size, enum dma_data_direction dir);
#endif
