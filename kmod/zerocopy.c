// SPDX-License-Identifier: GPL-2.0-only
/*
 * Zero-copy mode (section 4.2 of the paper): the user's own pages, pinned, behind the IOMMU, at
 * contiguous DMA addresses. The device gets a domain of its own: nothing but what the session
 * maps can be reached, whatever the default domain of the system is.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "uio_dma.h"

static int count_device(struct device *dev, void *data)
{
	++*(unsigned int *)data;
	return 0;
}

/* uio_dma_zerocopy_possible() - behind a coherent IOMMU, and alone in its group? */
bool uio_dma_zerocopy_possible(struct pci_dev *pdev)
{
	struct iommu_group *group = iommu_group_get(&pdev->dev);
	unsigned int devices = 0;

	if (!group)
		return false;
	iommu_group_for_each_dev(group, &devices, count_device);
	iommu_group_put(group);
	return devices == 1 && device_iommu_capable(&pdev->dev, IOMMU_CAP_CACHE_COHERENCY);
}

static int zerocopy_start(struct uio_dma_file *file)
{
	struct device *dev = &file->dev->pdev->dev;
	struct iommu_group *group = iommu_group_get(dev);
	int error;

	if (!group)
		return -EOPNOTSUPP;
	iommu_group_put(group);
	if (!uio_dma_zerocopy_possible(file->dev->pdev))
		return -EBUSY;
	file->domain = uio_dma_domain_alloc(dev);
	if (!file->domain)
		return -EOPNOTSUPP;
	error = uio_dma_windows_init(file);
	if (!error)
		error = iommu_attach_device(file->domain, dev);
	if (error) {
		uio_dma_windows_free(file);
		iommu_domain_free(file->domain);
		file->domain = NULL;
	}
	return error;
}

static void zerocopy_stop(struct uio_dma_file *file)
{
	iommu_detach_device(file->domain, &file->dev->pdev->dev);
	uio_dma_windows_free(file);
	iommu_domain_free(file->domain);
	file->domain = NULL;
}

static int zerocopy_prepare(struct uio_dma_file *file, struct uio_dma_mapping *map)
{
	return uio_dma_pin(map);
}

static int zerocopy_attach(struct uio_dma_file *file, struct uio_dma_mapping *map)
{
	struct uio_dma_window *window;
	int error;

	window = uio_dma_window_get(file, map->user & PAGE_MASK, map->pages, map->page_count,
				    map->writable, map->flags & UIO_DMA_MAP_ARENA);
	if (IS_ERR(window))
		return PTR_ERR(window);
	/* The window takes over the pins, also of an attempt that fails. */
	error = uio_dma_window_map(file, window, map->user & PAGE_MASK, map->pages,
				   map->page_count, map->writable);
	kvfree(map->pages);
	map->pages = NULL;
	if (error) {
		uio_dma_window_put(file, window);
		return error;
	}
	map->window = window;
	map->node.start = uio_dma_window_address(window, map->user);
	map->node.last = map->node.start + map->length - 1;
	return 0;
}

static void zerocopy_detach(struct uio_dma_file *file, struct uio_dma_mapping *map)
{
	uio_dma_window_unmap(file, map->window, map->user & PAGE_MASK, map->page_count);
	uio_dma_window_put(file, map->window);
	map->window = NULL;
}

static int zerocopy_finish(struct uio_dma_mapping *map)
{
	return 0;
}

static void zerocopy_release(struct uio_dma_mapping *map)
{
	if (!map->pages)
		return;
	uio_dma_unpin(map->pages, map->page_count, false);
	kvfree(map->pages);
}

/* The device sees the user's own memory, and snoops the caches. */
static int zerocopy_sync(struct uio_dma_file *file, struct uio_dma_mapping *map, u64 offset,
			 u64 length)
{
	return 0;
}

static int map_vmalloc(struct uio_dma_file *file, void *cpu, size_t size, dma_addr_t iova)
{
	size_t done;
	int error;

	for (done = 0; done < size; done += PAGE_SIZE) {
		error = uio_dma_iommu_map(file->domain, iova + done,
					  PFN_PHYS(vmalloc_to_pfn(cpu + done)), PAGE_SIZE,
					  IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE);
		if (error) {
			if (done)
				iommu_unmap(file->domain, iova, done);
			return error;
		}
	}
	return 0;
}

/* The DMA API's coherent memory would not be mapped in the domain of the session. */
static void *zerocopy_coherent_alloc(struct uio_dma_file *file, size_t size, unsigned long user,
				     dma_addr_t *dma)
{
	struct uio_dma_window *window;
	void *cpu;

	cpu = __vmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!cpu)
		return NULL;
	window = uio_dma_window_new(file, user, size, true);
	if (IS_ERR(window))
		goto free;
	*dma = uio_dma_window_address(window, user);
	if (!map_vmalloc(file, cpu, size, *dma))
		return cpu;
	uio_dma_window_put(file, window);
free:
	vfree(cpu);
	return NULL;
}

static void zerocopy_coherent_free(struct uio_dma_file *file, void *cpu, size_t size,
				   dma_addr_t dma)
{
	iommu_unmap(file->domain, dma, size);
	uio_dma_window_put(file, uio_dma_window_at(file, dma));
	vfree(cpu);
}

const struct uio_dma_backend uio_dma_zerocopy = {
	.mode = UIO_DMA_MODE_ZEROCOPY,
	.start = zerocopy_start,
	.stop = zerocopy_stop,
	.prepare = zerocopy_prepare,
	.attach = zerocopy_attach,
	.detach = zerocopy_detach,
	.finish = zerocopy_finish,
	.release = zerocopy_release,
	.for_cpu = zerocopy_sync,
	.for_device = zerocopy_sync,
	.coherent_alloc = zerocopy_coherent_alloc,
	.coherent_free = zerocopy_coherent_free,
	.max_map = 4ULL << 30,
};
