/* SPDX-License-Identifier: GPL-2.0-only */
/* The differences between the kernels that the module is built for (6.1 to 6.12), at one place. */
#ifndef UIO_DMA_COMPAT_H
#define UIO_DMA_COMPAT_H

#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void uio_dma_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline int uio_dma_iommu_map(struct iommu_domain *domain, unsigned long iova,
				    phys_addr_t phys, size_t size, int prot)
{
	return iommu_map(domain, iova, phys, size, prot);
}
#else
static inline void uio_dma_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	vm_flags_set(vma, flags);
}

static inline int uio_dma_iommu_map(struct iommu_domain *domain, unsigned long iova,
				    phys_addr_t phys, size_t size, int prot)
{
	return iommu_map(domain, iova, phys, size, prot, GFP_KERNEL);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static inline struct iommu_domain *uio_dma_domain_alloc(struct device *dev)
{
	return iommu_domain_alloc(dev->bus);
}
#else
static inline struct iommu_domain *uio_dma_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain = iommu_paging_domain_alloc(dev);

	return IS_ERR(domain) ? NULL : domain;
}
#endif

#endif
