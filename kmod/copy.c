// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copy mode (section 4.1 of the paper): each mapping has a bounce buffer, physically contiguous,
 * mapped through the kernel's DMA API. Data for the device is copied at map, data from it at unmap
 * or sync. The pages of a bounce buffer hold nothing else: behind an IOMMU the device can reach
 * whole pages.
 */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "uio_dma.h"

/* The largest block of the page allocator in all the kernels. */
#define LARGEST (4UL << 20)

/* uio_dma_translated() - does an IOMMU translate the addresses of the kernel's DMA API? */
bool uio_dma_translated(struct pci_dev *pdev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(&pdev->dev);

	return domain && domain->type & __IOMMU_DOMAIN_PAGING;
}

/*
 * Memory that the device reaches without another bounce. Below 32 bits only the lowest zone is
 * sure to be reached; for what lies between, the DMA API has its own bounce buffers.
 */
static gfp_t zone(struct pci_dev *pdev)
{
	u64 mask = dma_get_mask(&pdev->dev);

	if (uio_dma_translated(pdev) || mask >= dma_get_required_mask(&pdev->dev))
		return 0;
	return mask < DMA_BIT_MASK(32) ? GFP_DMA : GFP_DMA32;
}

static bool writes(const struct uio_dma_mapping *map)
{
	return map->direction != UIO_DMA_TO_DEVICE;
}

static bool copies_in(const struct uio_dma_mapping *map)
{
	if (map->flags & UIO_DMA_MAP_KEEP)
		return true;
	return map->direction != UIO_DMA_FROM_DEVICE && !(map->flags & UIO_DMA_SKIP_SYNC);
}

static int copy_in(struct uio_dma_mapping *map, u64 offset, u64 length)
{
	void __user *from = u64_to_user_ptr(map->user + offset);

	return copy_from_user(map->bounce + offset, from, length) ? -EFAULT : 0;
}

static int copy_out(struct uio_dma_mapping *map, u64 offset, u64 length)
{
	void __user *to = u64_to_user_ptr(map->user + offset);

	return copy_to_user(to, map->bounce + offset, length) ? -EFAULT : 0;
}

static int copy_start(struct uio_dma_file *file)
{
	return 0;
}

static void copy_stop(struct uio_dma_file *file)
{
}

static int copy_prepare(struct uio_dma_file *file, struct uio_dma_mapping *map)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN | zone(file->dev->pdev);
	bool filled = copies_in(map);

	if (map->flags & UIO_DMA_MAP_ARENA)
		return -EOPNOTSUPP;
	map->bounce_size = PAGE_ALIGN(map->length);
	/* What is not copied in must not show what other memory held: the user may read it. */
	map->bounce = alloc_pages_exact(map->bounce_size, filled ? gfp : gfp | __GFP_ZERO);
	if (!map->bounce)
		return -ENOMEM;
	if (!filled)
		return 0;
	memset(map->bounce + map->length, 0, map->bounce_size - map->length);
	return copy_in(map, 0, map->length);
}

static enum dma_data_direction direction(const struct uio_dma_mapping *map)
{
	switch (map->direction) {
	case UIO_DMA_TO_DEVICE:
		return DMA_TO_DEVICE;
	case UIO_DMA_FROM_DEVICE:
		return DMA_FROM_DEVICE;
	}
	return DMA_BIDIRECTIONAL;
}

static int copy_attach(struct uio_dma_file *file, struct uio_dma_mapping *map)
{
	struct device *dev = &file->dev->pdev->dev;
	dma_addr_t dma = dma_map_single(dev, map->bounce, map->length, direction(map));

	if (dma_mapping_error(dev, dma))
		return -ENOSPC;
	map->node.start = dma;
	map->node.last = dma + map->length - 1;
	return 0;
}

/* Leaves the data in the bounce buffer, for copy_finish(). */
static void copy_detach(struct uio_dma_file *file, struct uio_dma_mapping *map)
{
	dma_unmap_single(&file->dev->pdev->dev, map->node.start, map->length, direction(map));
}

static int copy_finish(struct uio_dma_mapping *map)
{
	return writes(map) ? copy_out(map, 0, map->length) : 0;
}

static void copy_release(struct uio_dma_mapping *map)
{
	if (map->bounce)
		free_pages_exact(map->bounce, map->bounce_size);
}

static int copy_for_cpu(struct uio_dma_file *file, struct uio_dma_mapping *map, u64 offset,
			u64 length)
{
	int error = -ENOENT;

	if (!writes(map))
		return 0;
	mutex_lock(&file->dev->lock);
	if (map->mapped) {
		dma_sync_single_for_cpu(&file->dev->pdev->dev, map->node.start + offset, length,
					direction(map));
		error = 0;
	}
	mutex_unlock(&file->dev->lock);
	return error ? error : copy_out(map, offset, length);
}

static int copy_for_device(struct uio_dma_file *file, struct uio_dma_mapping *map, u64 offset,
			   u64 length)
{
	int error = 0;

	if (map->direction != UIO_DMA_FROM_DEVICE || map->flags & UIO_DMA_MAP_KEEP)
		error = copy_in(map, offset, length);
	if (error)
		return error;
	mutex_lock(&file->dev->lock);
	if (map->mapped)
		dma_sync_single_for_device(&file->dev->pdev->dev, map->node.start + offset,
					   length, direction(map));
	else
		error = -ENOENT;
	mutex_unlock(&file->dev->lock);
	return error;
}

static void *copy_coherent_alloc(struct uio_dma_file *file, size_t size, unsigned long user,
				 dma_addr_t *dma)
{
	if (size > LARGEST)
		return NULL;
	return dma_alloc_coherent(&file->dev->pdev->dev, size, dma, GFP_KERNEL | __GFP_NOWARN);
}

static void copy_coherent_free(struct uio_dma_file *file, void *cpu, size_t size, dma_addr_t dma)
{
	dma_free_coherent(&file->dev->pdev->dev, size, cpu, dma);
}

const struct uio_dma_backend uio_dma_copy = {
	.mode = UIO_DMA_MODE_COPY,
	.start = copy_start,
	.stop = copy_stop,
	.prepare = copy_prepare,
	.attach = copy_attach,
	.detach = copy_detach,
	.finish = copy_finish,
	.release = copy_release,
	.for_cpu = copy_for_cpu,
	.for_device = copy_for_device,
	.coherent_alloc = copy_coherent_alloc,
	.coherent_free = copy_coherent_free,
	.max_map = LARGEST,
};
