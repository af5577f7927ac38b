// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/x86/kernel/pci-dma.c and kernel/dma/direct.c: the paper's section 4. Where the device sees all of the arena nothing
 * is copied. Bus addresses are the back end's (ddekit/dma.h). Each mapping is traced and kept in a table (check/mappings.c) until it is unmapped.
 * Callable in any context; the tables are protected by the interrupt flag.
 */
#include <linux/dma-map-ops.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/version.h>
#include <ddekit/dma.h>
#include <ddet/ddetrace.h>

#include "../check/buffers.h"
#include "../check/faults.h"
#include "../check/mappings.h"
#include "../check/ownership.h"
#include "../observe/frames.h"

/* Our caller is the core's dma_map_page_attrs() or the like, so one frame further up. */
#define API_CALLER() dde_caller_up(1)

enum { KIND_SINGLE = 0, KIND_SG = 2 }; /* dma_kind of the event table */

static u32 dev_trace_id(struct device *dev)
{
	return dev_is_pci(dev) ? pci_dev_id(to_pci_dev(dev)) : 0xffff;
}

static bool in_arena(const void *cpu, size_t size)
{
	phys_addr_t phys = dde_virt_to_phys(cpu);

	return phys >= memory_start && phys < memory_end && size <= memory_end - phys;
}

static bool below_mask(struct device *dev, dma_addr_t addr, size_t size)
{
	return addr + size - 1 <= min_not_zero(dev->dma_mask ? *dev->dma_mask : DMA_BIT_MASK(32), dev->bus_dma_limit);
}

static dma_addr_t bus_address(const void *cpu)
{
	return dde_virt_to_phys(cpu) + ddekit_dma_limits.offset;
}

/* The bus address; DMA_MAPPING_ERROR when the device cannot have the memory. */
static dma_addr_t give(struct device *dev, void *cpu, size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	unsigned long long bus = bus_address(cpu);

	if (ddekit_dma_limits.reach == DDEKIT_DMA_ALL)
		return bus;
	if (ddekit_dma_map(cpu, size, (enum ddekit_dma_direction)dir, !!(attrs & DMA_ATTR_SKIP_CPU_SYNC), &bus))
		return DMA_MAPPING_ERROR;
	if (below_mask(dev, bus, size))
		return bus;
	ddekit_dma_unmap(bus, size, (enum ddekit_dma_direction)dir, true);
	return DMA_MAPPING_ERROR;
}

static bool give_coherent(void *cpu, size_t size, u64 mask, dma_addr_t *handle)
{
	unsigned long long bus = bus_address(cpu);

	if (ddekit_dma_limits.reach != DDEKIT_DMA_ALL && ddekit_dma_alloc(cpu, size, &bus))
		return false;
	*handle = bus;
	if (bus + size - 1 <= mask)
		return true;
	if (ddekit_dma_limits.reach != DDEKIT_DMA_ALL)
		ddekit_dma_free(cpu, size, bus);
	return false;
}

static void *ops_alloc(struct device *dev, size_t size, dma_addr_t *handle, gfp_t gfp, unsigned long attrs)
{
	u32 id, caller;
	void *cpu;

	size = PAGE_ALIGN(size);
	/* The zone is ours to choose, and these pages are never compound: sound drivers ask for both. */
	gfp = (gfp & ~(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM | __GFP_COMP)) | __GFP_ZERO;
	if (dev->coherent_dma_mask <= DMA_BIT_MASK(24))
		gfp |= GFP_DMA;
again:
	cpu = alloc_pages_exact(size, gfp);
	if (!cpu)
		return NULL;
	if (!give_coherent(cpu, size, dev->coherent_dma_mask, handle)) {
		free_pages_exact(cpu, size);
		if (gfp & GFP_DMA)
			return NULL;
		gfp |= GFP_DMA;
		goto again;
	}
	caller = API_CALLER();
	id = dde_live_add(dev, cpu, *handle, size, DMA_BIDIRECTIONAL, true, caller);
	ddet_dma_alloc(id, *handle, (unsigned long)cpu, size, caller, dev_trace_id(dev));
	return cpu;
}

static void ops_free(struct device *dev, size_t size, void *cpu, dma_addr_t handle, unsigned long attrs)
{
	u32 id, caller = API_CALLER();

	size = PAGE_ALIGN(size);
	id = dde_live_del(dev, handle, size, DMA_BIDIRECTIONAL, true, caller);
	ddet_dma_free(id, handle, (unsigned long)cpu, size, caller, dev_trace_id(dev));
	if (ddekit_dma_limits.reach != DDEKIT_DMA_ALL && id)
		ddekit_dma_free(cpu, size, handle);
	free_pages_exact(cpu, size);
}

static struct page *ops_alloc_pages(struct device *dev, size_t size, dma_addr_t *handle, enum dma_data_direction dir,
				    gfp_t gfp)
{
	void *cpu = ops_alloc(dev, size, handle, gfp, 0);

	return cpu ? virt_to_page(cpu) : NULL;
}

static void ops_free_pages(struct device *dev, size_t size, struct page *page, dma_addr_t handle,
			   enum dma_data_direction dir)
{
	ops_free(dev, size, page_address(page), handle, 0);
}

static dma_addr_t map_one(struct device *dev, struct page *page, unsigned long offset, size_t size,
			  enum dma_data_direction dir, unsigned long attrs, u32 kind, u32 caller)
{
	void *cpu = page_address(page) + offset;
	dma_addr_t dma = bus_address(cpu);
	u32 id;

	dde_buffer_check(cpu, size, caller);
	if (unlikely(!in_arena(cpu, size) || (ddekit_dma_limits.reach != DDEKIT_DMA_GIVEN && !below_mask(dev, dma, size)))) {
		dev_err_once(dev, "DMA address %pad+%zu outside mask %llx or arena\n", &dma, size,
			     dev->dma_mask ? *dev->dma_mask : 0);
		return DMA_MAPPING_ERROR;
	}
	if (dde_dma_fails(size, caller))
		return DMA_MAPPING_ERROR;
	dma = give(dev, cpu, size, dir, attrs);
	if (dma == DMA_MAPPING_ERROR)
		return dma;
	id = dde_live_add(dev, cpu, dma, size, dir, false, caller);
	ddet_dma_map(id, dma, (unsigned long)cpu, size, dir, kind, caller, dev_trace_id(dev));
	return dma;
}

static void unmap_one(struct device *dev, dma_addr_t dma, size_t size, enum dma_data_direction dir, unsigned long attrs, u32 kind,
		      u32 caller)
{
	u32 id;

	if (dde_dma_is_error(dma, size, caller))
		return;
	id = dde_live_del(dev, dma, size, dir, false, caller);
	if (ddekit_dma_limits.reach != DDEKIT_DMA_ALL && id)
		ddekit_dma_unmap(dma, size, (enum ddekit_dma_direction)dir, !!(attrs & DMA_ATTR_SKIP_CPU_SYNC));
	ddet_dma_unmap(id, dma, size, dir, kind, caller, dev_trace_id(dev), 0);
}

static void sync_one(struct device *dev, dma_addr_t dma, size_t size, enum dma_data_direction dir, u32 target, u32 caller)
{
	if (dde_dma_is_error(dma, size, caller))
		return;
	/* What the back end copies it must be able to read or write: --dma strict takes it away after that, and gives it back before. */
	if (target && ddekit_dma_limits.reach == DDEKIT_DMA_GIVEN)
		ddekit_dma_sync(dma, size, true);
	if (unlikely(dde_dma_strict))
		dde_live_sync(dev, dma, size, target, caller);
	if (!target && ddekit_dma_limits.reach == DDEKIT_DMA_GIVEN)
		ddekit_dma_sync(dma, size, false);
	ddet_dma_sync(0, dma, size, dir, target, caller, dev_trace_id(dev), 0);
}

static dma_addr_t ops_map_page(struct device *dev, struct page *page, unsigned long offset, size_t size,
			       enum dma_data_direction dir, unsigned long attrs)
{
	return map_one(dev, page, offset, size, dir, attrs, KIND_SINGLE, API_CALLER());
}

static void ops_unmap_page(struct device *dev, dma_addr_t dma, size_t size, enum dma_data_direction dir,
			   unsigned long attrs)
{
	unmap_one(dev, dma, size, dir, attrs, KIND_SINGLE, API_CALLER());
}

static void ops_unmap_sg(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir,
			 unsigned long attrs)
{
	u32 caller = API_CALLER();
	struct scatterlist *sg;
	int i;

	/* A wrong number is told; to unmap by it would make a leak of what is one fault. */
	nents = dde_live_list(dev, sg_dma_address(sgl), nents, caller);
	for_each_sg(sgl, sg, nents, i)
		unmap_one(dev, sg_dma_address(sg), sg_dma_len(sg), dir, attrs, KIND_SG, caller);
}

static int ops_map_sg(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir,
		      unsigned long attrs)
{
	u32 caller = API_CALLER();
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		dma_addr_t dma = map_one(dev, sg_page(sg), sg->offset, sg->length, dir, attrs, KIND_SG, caller);

		if (dma == DMA_MAPPING_ERROR) {
			if (i > 0)
				ops_unmap_sg(dev, sgl, i, dir, attrs);
			return -EIO;
		}
		sg_dma_address(sg) = dma;
		sg_dma_len(sg) = sg->length;
	}
	if (nents > 0)
		dde_live_list_made(dev, sg_dma_address(sgl), nents);
	return nents;
}

static void ops_sync_cpu(struct device *dev, dma_addr_t dma, size_t size, enum dma_data_direction dir)
{
	sync_one(dev, dma, size, dir, 0, API_CALLER());
}

static void ops_sync_device(struct device *dev, dma_addr_t dma, size_t size, enum dma_data_direction dir)
{
	sync_one(dev, dma, size, dir, 1, API_CALLER());
}

static void sync_list(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir, u32 target, u32 caller)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		sync_one(dev, sg_dma_address(sg), sg_dma_len(sg), dir, target, caller);
}

static void ops_sync_sg_cpu(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir)
{
	sync_list(dev, sgl, nents, dir, 0, API_CALLER());
}

static void ops_sync_sg_device(struct device *dev, struct scatterlist *sgl, int nents, enum dma_data_direction dir)
{
	sync_list(dev, sgl, nents, dir, 1, API_CALLER());
}

static int ops_supported(struct device *dev, u64 mask)
{
	/* The lowest 16 MiB are a zone of their own, for devices that reach no more; what is above fails when it is mapped. */
	if (ddekit_dma_limits.reach != DDEKIT_DMA_GIVEN && mask >= min_t(u64, DMA_BIT_MASK(24), memory_end - 1) + ddekit_dma_limits.offset)
		return 1;
	return !ddekit_dma_width(fls64(mask));
}

static u64 ops_required_mask(struct device *dev)
{
	return DMA_BIT_MASK(32);
}

const struct dma_map_ops dde_dma_ops = {
	.alloc = ops_alloc,
	.free = ops_free,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	.alloc_pages = ops_alloc_pages,
#else
	.alloc_pages_op = ops_alloc_pages,
#endif
	.free_pages = ops_free_pages,
	.map_page = ops_map_page,
	.unmap_page = ops_unmap_page,
	.map_sg = ops_map_sg,
	.unmap_sg = ops_unmap_sg,
	.sync_single_for_cpu = ops_sync_cpu,
	.sync_single_for_device = ops_sync_device,
	.sync_sg_for_cpu = ops_sync_sg_cpu,
	.sync_sg_for_device = ops_sync_sg_device,
	.dma_supported = ops_supported,
	.get_required_mask = ops_required_mask,
};
EXPORT_SYMBOL(dde_dma_ops);
