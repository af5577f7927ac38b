// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coherent memory: mmap of the node. A buffer lives as long as its mapping; when the session ends
 * earlier, the pages are taken out of the address space and an access gives SIGBUS.
 *
 * Pages are put in at the first fault and not at mmap: only then does unmap_mapping_range() find
 * the mapping, so that none slips through an unplug that comes at the same time.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "uio_dma.h"

/*
 * struct coherent - a buffer
 * @node: the user's addresses, in uio_dma_file.coherent
 * @vmas: mappings that refer to it (two while mremap tries to move it)
 * @cpu: NULL: freed at the end of the session
 */
struct coherent {
	struct interval_tree_node node;
	struct uio_dma_file *file;
	unsigned int vmas;
	void *cpu;
	size_t size;
	dma_addr_t dma;
};

/* Under the device's lock. */
static void free_memory(struct coherent *buffer)
{
	struct uio_dma_file *file = buffer->file;

	if (!buffer->cpu)
		return;
	interval_tree_remove(&buffer->node, &file->coherent);
	file->coherent_count--;
	file->backend->coherent_free(file, buffer->cpu, buffer->size, buffer->dma);
	uio_dma_uncharge(file, file->mm, buffer->size >> PAGE_SHIFT);
	buffer->cpu = NULL;
}

static void vma_open(struct vm_area_struct *vma)
{
	struct coherent *buffer = vma->vm_private_data;

	mutex_lock(&buffer->file->dev->lock);
	buffer->vmas++;
	mutex_unlock(&buffer->file->dev->lock);
}

static void vma_close(struct vm_area_struct *vma)
{
	struct coherent *buffer = vma->vm_private_data;
	struct uio_dma_dev *dev = buffer->file->dev;
	bool last;

	mutex_lock(&dev->lock);
	last = !--buffer->vmas;
	if (last)
		free_memory(buffer);
	mutex_unlock(&dev->lock);
	if (last)
		kfree(buffer);
}

static int vma_refuse_split(struct vm_area_struct *vma, unsigned long address)
{
	return -EINVAL;
}

static int vma_refuse_move(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static unsigned long pfn_of(const struct coherent *buffer, unsigned long offset)
{
	void *at = buffer->cpu + offset;

	return is_vmalloc_addr(at) ? vmalloc_to_pfn(at) : PHYS_PFN(virt_to_phys(at));
}

/* All pages at once: a driver's rings are used whole, and a real-time thread faults only once. */
static vm_fault_t vma_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct coherent *buffer = vma->vm_private_data;
	vm_fault_t result = VM_FAULT_SIGBUS;
	unsigned long offset;

	mutex_lock(&buffer->file->dev->lock);
	for (offset = 0; buffer->cpu && offset < buffer->size; offset += PAGE_SIZE) {
		result = vmf_insert_pfn(vma, vma->vm_start + offset, pfn_of(buffer, offset));
		if (result & VM_FAULT_ERROR)
			break;
	}
	mutex_unlock(&buffer->file->dev->lock);
	return result;
}

/* For a debugger: memory of this kind has no struct page that ptrace could pin. */
static int vma_access(struct vm_area_struct *vma, unsigned long address, void *data, int length,
		      int write)
{
	struct coherent *buffer = vma->vm_private_data;
	unsigned long offset = address - vma->vm_start;

	mutex_lock(&buffer->file->dev->lock);
	if (!buffer->cpu || offset >= buffer->size) {
		length = -EIO;
	} else {
		length = min_t(unsigned long, length, buffer->size - offset);
		if (write)
			memcpy(buffer->cpu + offset, data, length);
		else
			memcpy(data, buffer->cpu + offset, length);
	}
	mutex_unlock(&buffer->file->dev->lock);
	return length;
}

static const struct vm_operations_struct vm_ops = {
	.open = vma_open,
	.close = vma_close,
	.may_split = vma_refuse_split,
	.mremap = vma_refuse_move,
	.fault = vma_fault,
	.access = vma_access,
};

static int allocate(struct uio_dma_file *file, struct coherent *buffer, unsigned long user)
{
	unsigned long pages = buffer->size >> PAGE_SHIFT;
	int error;

	error = uio_dma_check_owner(file);
	if (!error)
		error = uio_dma_charge(file, pages);
	if (error)
		return error;
	buffer->cpu = file->backend->coherent_alloc(file, buffer->size, user, &buffer->dma);
	if (!buffer->cpu) {
		uio_dma_uncharge(file, file->mm, pages);
		return -ENOMEM;
	}
	buffer->node.start = user;
	buffer->node.last = user + buffer->size - 1;
	interval_tree_insert(&buffer->node, &file->coherent);
	file->coherent_count++;
	return 0;
}

/* uio_dma_mmap() - allocates coherent memory; the caller's mmap_lock is held */
int uio_dma_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct uio_dma_file *file = filp->private_data;
	struct coherent *buffer;
	int error;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff)
		return -EINVAL;
	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return -ENOMEM;
	buffer->file = file;
	buffer->vmas = 1;
	buffer->size = vma->vm_end - vma->vm_start;
	mutex_lock(&file->dev->lock);
	error = allocate(file, buffer, vma->vm_start);
	mutex_unlock(&file->dev->lock);
	if (error) {
		kfree(buffer);
		return error;
	}
	uio_dma_vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTCOPY | VM_DONTDUMP);
	vma->vm_private_data = buffer;
	vma->vm_ops = &vm_ops;
	return 0;
}

/* uio_dma_address() - UIO_DMA_IOC_ADDRESS */
int uio_dma_address(struct uio_dma_file *file, struct uio_dma_address *arg)
{
	struct interval_tree_node *node;
	struct coherent *buffer;
	int error;

	mutex_lock(&file->dev->lock);
	error = uio_dma_check_owner(file);
	if (!error) {
		node = interval_tree_iter_first(&file->coherent, arg->address, arg->address);
		if (node) {
			buffer = container_of(node, struct coherent, node);
			arg->dma = buffer->dma + (arg->address - node->start);
			arg->left = node->last - arg->address + 1;
		} else {
			error = -ENOENT;
		}
	}
	mutex_unlock(&file->dev->lock);
	return error;
}

/* uio_dma_coherent_free_all() - at the end of a session; under the device's lock */
void uio_dma_coherent_free_all(struct uio_dma_file *file)
{
	struct interval_tree_node *node;

	if (!file->coherent_count)
		return;
	/* No mapping may show the pages once they are somebody else's. */
	unmap_mapping_range(file->space, 0, 0, 1);
	while ((node = interval_tree_iter_first(&file->coherent, 0, ULONG_MAX)))
		free_memory(container_of(node, struct coherent, node));
}
