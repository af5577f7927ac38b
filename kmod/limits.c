// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits. What a file maps counts against the file's own limits and, as memory that cannot be
 * swapped, against the owner's RLIMIT_MEMLOCK (mm->pinned_vm, VmPin in /proc/PID/status). A page
 * that several mappings share counts for each.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

#include "uio_dma.h"

static unsigned int max_mappings = 65536;
module_param(max_mappings, uint, 0644);
MODULE_PARM_DESC(max_mappings, "live mappings and coherent buffers of one open file (65536)");

static unsigned int max_mbytes = 4096;
module_param(max_mbytes, uint, 0644);
MODULE_PARM_DESC(max_mbytes, "MiB mapped and coherent of one open file (4096)");

static u64 max_pages(void)
{
	return ((u64)READ_ONCE(max_mbytes) << 20) >> PAGE_SHIFT;
}

/*
 * uio_dma_charge() - counts a mapping before it is made; under the device's lock, by the owner
 *
 * Return: 0; -ENOSPC: a limit of the file; -ENOMEM: RLIMIT_MEMLOCK.
 */
int uio_dma_charge(struct uio_dma_file *file, unsigned long pages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	if (file->charged_mappings >= READ_ONCE(max_mappings) ||
	    file->charged_pages + pages > max_pages())
		return -ENOSPC;
	if (atomic64_add_return(pages, &file->mm->pinned_vm) > limit && !capable(CAP_IPC_LOCK)) {
		atomic64_sub(pages, &file->mm->pinned_vm);
		return -ENOMEM;
	}
	file->charged_mappings++;
	file->charged_pages += pages;
	return 0;
}

/* uio_dma_uncharge() - undoes uio_dma_charge(); under the device's lock; @mm as it was then */
void uio_dma_uncharge(struct uio_dma_file *file, struct mm_struct *mm, unsigned long pages)
{
	file->charged_mappings--;
	file->charged_pages -= pages;
	atomic64_sub(pages, &mm->pinned_vm);
}

/* uio_dma_limits() - the limits' part of QUERY */
void uio_dma_limits(struct uio_dma_query *query)
{
	query->page_size = PAGE_SIZE;
	query->max_batch = UIO_DMA_MAX_BATCH;
	query->max_mappings = READ_ONCE(max_mappings);
	query->max_bytes = max_pages() << PAGE_SHIFT;
}
