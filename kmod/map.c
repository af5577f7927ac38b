// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map, unmap and sync, the same for both modes. Each has a part without the device's lock, which
 * may fault on the user's memory, and a part under it. A mapping is found by its DMA address.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "uio_dma.h"

#define MAP_FLAGS (UIO_DMA_SKIP_SYNC | UIO_DMA_MAP_KEEP | UIO_DMA_MAP_ARENA)

static void free_mapping(struct kref *ref)
{
	struct uio_dma_mapping *map = container_of(ref, struct uio_dma_mapping, ref);

	map->backend->release(map);
	kfree(map);
}

static unsigned long pages_of(u64 address, u64 length)
{
	return PFN_UP(offset_in_page(address) + length);
}

static int check_map(const struct uio_dma_op *op)
{
	if (op->direction > UIO_DMA_FROM_DEVICE || op->flags & ~MAP_FLAGS || op->reserved)
		return -EINVAL;
	if (!op->length || op->length > LONG_MAX - PAGE_SIZE ||
	    op->address + op->length < op->address)
		return -EINVAL;
	return access_ok(u64_to_user_ptr(op->address), op->length) ? 0 : -EFAULT;
}

/* The first step: may it be, and does it fit? */
static int begin_map(struct uio_dma_file *file, struct uio_dma_mapping *map, u64 *session)
{
	int error;

	mutex_lock(&file->dev->lock);
	error = uio_dma_check_owner(file);
	if (!error && map->length > file->backend->max_map)
		error = -E2BIG;
	if (!error)
		error = uio_dma_charge(file, map->charge);
	if (!error) {
		map->backend = file->backend;
		*session = file->session;
	}
	mutex_unlock(&file->dev->lock);
	return error;
}

/* The last step: the device may have gone, or the session ended, while the memory was prepared. */
static int insert_map(struct uio_dma_file *file, struct uio_dma_mapping *map, u64 session, u64 *dma)
{
	int error;

	mutex_lock(&file->dev->lock);
	error = uio_dma_check_owner(file);
	if (!error && file->session != session)
		error = -ENOTCONN;
	if (!error)
		error = map->backend->attach(file, map);
	if (!error) {
		interval_tree_insert(&map->node, &file->mappings);
		map->mapped = true;
		*dma = map->node.start;
	} else {
		uio_dma_uncharge(file, current->mm, map->charge);
	}
	mutex_unlock(&file->dev->lock);
	return error;
}

static struct uio_dma_mapping *new_mapping(const struct uio_dma_op *op)
{
	struct uio_dma_mapping *map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);

	if (!map)
		return NULL;
	kref_init(&map->ref);
	map->direction = op->direction;
	map->flags = op->flags;
	map->user = op->address;
	map->length = op->length;
	map->charge = pages_of(op->address, op->length);
	return map;
}

/* uio_dma_map() - UIO_DMA_IOC_MAP: sets op->dma */
int uio_dma_map(struct uio_dma_file *file, struct uio_dma_op *op)
{
	struct uio_dma_mapping *map;
	u64 session;
	int error;

	error = check_map(op);
	if (error)
		return error;
	map = new_mapping(op);
	if (!map)
		return -ENOMEM;
	error = begin_map(file, map, &session);
	if (error) {
		kfree(map);
		return error;
	}
	error = map->backend->prepare(file, map);
	if (error) {
		mutex_lock(&file->dev->lock);
		uio_dma_uncharge(file, current->mm, map->charge);
		mutex_unlock(&file->dev->lock);
	} else {
		/* After this another thread may unmap it. */
		error = insert_map(file, map, session, &op->dma);
	}
	if (error)
		kref_put(&map->ref, free_mapping);
	return error;
}

static void remove_map(struct uio_dma_file *file, struct uio_dma_mapping *map)
{
	interval_tree_remove(&map->node, &file->mappings);
	map->mapped = false;
	map->backend->detach(file, map);
	uio_dma_uncharge(file, file->mm, map->charge);
}

/* Several mappings of the same buffer have the same address in zero-copy mode: any will do. */
static struct uio_dma_mapping *find_exact(struct uio_dma_file *file, const struct uio_dma_op *op)
{
	struct interval_tree_node *node;
	struct uio_dma_mapping *map;

	for (node = interval_tree_iter_first(&file->mappings, op->dma, op->dma); node;
	     node = interval_tree_iter_next(node, op->dma, op->dma)) {
		map = container_of(node, struct uio_dma_mapping, node);
		if (node->start == op->dma && map->length == op->length &&
		    map->direction == op->direction)
			return map;
	}
	return NULL;
}

/* uio_dma_unmap() - UIO_DMA_IOC_UNMAP; -EFAULT: unmapped, but the data could not be copied back */
int uio_dma_unmap(struct uio_dma_file *file, const struct uio_dma_op *op)
{
	struct uio_dma_mapping *map = NULL;
	int error;

	if (op->direction > UIO_DMA_FROM_DEVICE || op->flags & ~UIO_DMA_SKIP_SYNC || op->reserved)
		return -EINVAL;
	mutex_lock(&file->dev->lock);
	error = uio_dma_check_owner(file);
	if (!error) {
		map = find_exact(file, op);
		if (map)
			remove_map(file, map);
		else
			error = -ENOENT;
	}
	mutex_unlock(&file->dev->lock);
	if (error)
		return error;
	if (!(op->flags & UIO_DMA_SKIP_SYNC))
		error = map->backend->finish(map);
	kref_put(&map->ref, free_mapping);
	return error;
}

static struct uio_dma_mapping *find_containing(struct uio_dma_file *file,
					       const struct uio_dma_op *op)
{
	struct interval_tree_node *node;
	u64 last = op->dma + op->length - 1;

	for (node = interval_tree_iter_first(&file->mappings, op->dma, last); node;
	     node = interval_tree_iter_next(node, op->dma, last))
		if (node->start <= op->dma && node->last >= last)
			return container_of(node, struct uio_dma_mapping, node);
	return NULL;
}

/* uio_dma_sync() - UIO_DMA_IOC_SYNC_FOR_CPU and _FOR_DEVICE, of a part of a mapping */
int uio_dma_sync(struct uio_dma_file *file, const struct uio_dma_op *op, bool for_cpu)
{
	struct uio_dma_mapping *map = NULL;
	u64 offset;
	int error;

	if (op->flags || op->reserved || !op->length || op->dma + op->length < op->dma)
		return -EINVAL;
	mutex_lock(&file->dev->lock);
	error = uio_dma_check_owner(file);
	if (!error) {
		map = find_containing(file, op);
		if (map)
			kref_get(&map->ref);
		else
			error = -ENOENT;
	}
	mutex_unlock(&file->dev->lock);
	if (error)
		return error;
	offset = op->dma - map->node.start;
	if (for_cpu)
		error = map->backend->for_cpu(file, map, offset, op->length);
	else
		error = map->backend->for_device(file, map, offset, op->length);
	kref_put(&map->ref, free_mapping);
	return error;
}

/* uio_dma_unmap_all() - without copying: nobody is left to read it; under the device's lock */
void uio_dma_unmap_all(struct uio_dma_file *file)
{
	struct interval_tree_node *node;
	struct uio_dma_mapping *map;

	while ((node = interval_tree_iter_first(&file->mappings, 0, ULONG_MAX))) {
		map = container_of(node, struct uio_dma_mapping, node);
		remove_map(file, map);
		kref_put(&map->ref, free_mapping);
		cond_resched();
	}
}
