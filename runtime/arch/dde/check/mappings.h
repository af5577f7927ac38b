/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of live DMA mappings: a hash by bus address, constant time however many are live. */
#ifndef ARCH_DDE_MAPPINGS_H
#define ARCH_DDE_MAPPINGS_H
#include <linux/dma-direction.h>
#include <linux/types.h>

struct device;
/** Set before the first mapping by who needs the list of all mappings: dde.dma=strict, dde.case=linear-v2p. */
extern bool dde_live_listed;
/** Remember a mapping; returns its id (never 0; 0 when the table is out of memory). */
u32 dde_live_add(struct device *dev, void *cpu, dma_addr_t dma, size_t size, enum dma_data_direction dir, bool coherent,
		 unsigned long caller);
/** Forget a mapping; returns its id, 0 when there is none (the driver's fault: reported once per call site). */
u32 dde_live_del(struct device *dev, dma_addr_t dma, size_t size, enum dma_data_direction dir, bool coherent,
		 unsigned long caller);
/** The mapping at @dma is the first of a list of @nents (dma_map_sg). */
void dde_live_list_made(struct device *dev, dma_addr_t dma, int nents);
/** How many mappings the list that begins at @dma has; tells when the driver, which unmaps it, says another number (@nents). */
int dde_live_list(struct device *dev, dma_addr_t dma, int nents, u32 caller);
/** The mapping that holds @addr and that the device owns now: strict mode only. @caller: who made it. */
bool dde_live_owned(unsigned long addr, enum dma_data_direction *dir, size_t *size, u32 *caller);
/** A sync of (a part of) a mapping: who owns it from now on. Strict mode only. Reports what went back to the device without one. */
void dde_live_sync(struct device *dev, dma_addr_t dma, size_t size, bool to_device, u32 caller);
/** The CPU writes to what it got by a sync: strict mode only, in a signal handler. */
void dde_live_written(unsigned long addr);
/** Memory that begins at @cpu is being freed, at @caller: told if the device still has it. */
void dde_live_freed(unsigned long cpu, u32 caller);
/** A register gets a value: told if it is the address of a mapping that was ended lately. */
void dde_live_given(u64 value, u32 caller);
/** Streaming and coherent DMA that is still mapped. */
unsigned int dde_dma_live(void);
/** Prints and reports each mapping of @dev (NULL: of all); returns how many. */
unsigned int dde_dma_report_leaks(struct device *dev);
/** For the report of a crash: how many there are, and the newest ones. Allocates nothing; ends also when the table is damaged. */
void dde_dma_tell(void);
/** True when the address lies in a mapping: by walking the list that is kept for dde.case=linear-v2p only. */
bool dde_live_walk(const void *cpu);
#endif
