/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of uio_dma share.
 *
 * Locks, outermost first:
 *	uio_dma_file.start_lock	START and STOP of one file; may take the owner's mmap_lock
 *	mmap_lock		held by the memory manager around mmap, faults and munmap
 *	uio_dma_dev.lock	all state of a device and its session
 * User memory is never touched (copied, pinned) under uio_dma_dev.lock, as a page fault takes
 * mmap_lock.
 */
#ifndef UIO_DMA_H
#define UIO_DMA_H

#include <linux/interval_tree.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/wait.h>

#include "uapi/uio_dma.h"

struct iommu_domain;
struct uio_dma_file;
struct uio_dma_mapping;
struct uio_dma_window;

#define UIO_DMA_MAX_BATCH 4096

/*
 * struct uio_dma_dev - a device bound to uio_pci_generic
 * @ref: the list's and the open file's
 * @node: in the list of devices
 * @pdev: the device; not to be touched any more once @gone
 * @lock: all below, and everything of @file
 * @gone: unbound or unplugged
 * @file: the open file, or NULL
 */
struct uio_dma_dev {
	struct kref ref;
	struct list_head node;
	struct pci_dev *pdev;
	struct miscdevice misc;
	struct mutex lock;
	bool gone;
	struct uio_dma_file *file;
};

/*
 * struct uio_dma_backend - a mode
 * @start: makes the device ready; under the lock
 * @stop: undoes it when no mapping is left; under the lock
 * @prepare: gets the memory for a mapping and copies or pins; without the lock
 * @attach: gives it a DMA address (node.start, node.last); under the lock
 * @detach: the device cannot reach it after this; under the lock
 * @finish: gives the data to the user if @copy_back, without the lock
 * @release: frees what @prepare got; the last reference may drop anywhere
 * @for_cpu, @for_device: a part of a mapping changes hands
 * @coherent_alloc, @coherent_free: under the lock
 * @max_map: bytes of the longest mapping
 */
struct uio_dma_backend {
	enum uio_dma_mode mode;
	int (*start)(struct uio_dma_file *file);
	void (*stop)(struct uio_dma_file *file);
	int (*prepare)(struct uio_dma_file *file, struct uio_dma_mapping *map);
	int (*attach)(struct uio_dma_file *file, struct uio_dma_mapping *map);
	void (*detach)(struct uio_dma_file *file, struct uio_dma_mapping *map);
	int (*finish)(struct uio_dma_mapping *map);
	void (*release)(struct uio_dma_mapping *map);
	int (*for_cpu)(struct uio_dma_file *file, struct uio_dma_mapping *map, u64 offset,
		       u64 length);
	int (*for_device)(struct uio_dma_file *file, struct uio_dma_mapping *map, u64 offset,
			  u64 length);
	void *(*coherent_alloc)(struct uio_dma_file *file, size_t size, unsigned long user,
				dma_addr_t *dma);
	void (*coherent_free)(struct uio_dma_file *file, void *cpu, size_t size, dma_addr_t dma);
	u64 max_map;
};

/*
 * struct uio_dma_file - an open file, and the session on it
 * @space: of the opened node: mmaps of it are found there
 * @start_lock: START and STOP
 * @mm: the owner's, held by @notifier; @start_lock to change, the device's lock as well
 * @session: counts START and STOP, so that a call that began in an earlier session notices
 * @backend: NULL: not started
 * @mappings: by DMA address
 * @coherent: by user address
 * @charged_mappings, @charged_pages: see limits.c; the device's lock
 * @domain, @iovas, @windows: zero-copy mode: see window.c
 * @pinned: pages pinned
 */
struct uio_dma_file {
	struct uio_dma_dev *dev;
	struct address_space *space;
	struct mutex start_lock;
	struct mmu_notifier notifier;
	struct mm_struct *mm;
	wait_queue_head_t wait;

	u64 session;
	const struct uio_dma_backend *backend;
	bool master;
	bool suspended;
	u64 old_mask;
	u64 old_coherent_mask;
	struct rb_root_cached mappings;
	struct rb_root_cached coherent;
	u64 coherent_count;
	u64 charged_mappings;
	u64 charged_pages;

	struct iommu_domain *domain;
	u64 iova_first;
	u64 iova_last;
	struct rb_root_cached iovas;
	struct rb_root_cached windows;
	u64 pinned;
};

/*
 * struct uio_dma_mapping - a buffer of the user that the device may reach
 * @node: its DMA addresses, in uio_dma_file.mappings
 * @ref: the tree's, and a sync's that is copying
 * @mapped: in the tree; the device's lock
 * @user, @length: the buffer
 * @charge: pages it counts for
 * @bounce, @bounce_size: copy mode
 * @pages, @page_count, @window: zero-copy mode; @pages only until attached, or of an arena
 */
struct uio_dma_mapping {
	struct interval_tree_node node;
	struct kref ref;
	const struct uio_dma_backend *backend;
	bool mapped;
	u32 direction;
	u32 flags;
	u64 user;
	u64 length;
	unsigned long charge;

	void *bounce;
	size_t bounce_size;

	struct page **pages;
	unsigned long page_count;
	struct uio_dma_window *window;
	bool writable;
};

/* device.c */
int uio_dma_dev_add(struct pci_dev *pdev);
void uio_dma_dev_remove(struct pci_dev *pdev);
void uio_dma_dev_remove_all(void);
void uio_dma_dev_suspend_all(void);

/* file.c */
extern const struct file_operations uio_dma_fops;
void uio_dma_dev_put(struct uio_dma_dev *dev);

/* ioctl.c */
long uio_dma_ioctl(struct file *filp, unsigned int cmd, unsigned long arg);

/* session.c */
int uio_dma_check_owner(struct uio_dma_file *file);
int uio_dma_start(struct uio_dma_file *file, struct uio_dma_start *start);
int uio_dma_stop(struct uio_dma_file *file);
void uio_dma_end_owner(struct uio_dma_file *file);
void uio_dma_teardown(struct uio_dma_file *file, bool device_locked);
int uio_dma_master(struct uio_dma_file *file, bool on);
int uio_dma_reset(struct uio_dma_file *file);

/* map.c */
int uio_dma_map(struct uio_dma_file *file, struct uio_dma_op *op);
int uio_dma_unmap(struct uio_dma_file *file, const struct uio_dma_op *op);
int uio_dma_sync(struct uio_dma_file *file, const struct uio_dma_op *op, bool for_cpu);
void uio_dma_unmap_all(struct uio_dma_file *file);

/* coherent.c */
int uio_dma_mmap(struct file *filp, struct vm_area_struct *vma);
int uio_dma_address(struct uio_dma_file *file, struct uio_dma_address *arg);
void uio_dma_coherent_free_all(struct uio_dma_file *file);

/* limits.c */
int uio_dma_charge(struct uio_dma_file *file, unsigned long pages);
void uio_dma_uncharge(struct uio_dma_file *file, struct mm_struct *mm, unsigned long pages);
void uio_dma_limits(struct uio_dma_query *query);

/* copy.c, zerocopy.c */
extern const struct uio_dma_backend uio_dma_copy;
extern const struct uio_dma_backend uio_dma_zerocopy;
bool uio_dma_translated(struct pci_dev *pdev);
bool uio_dma_zerocopy_possible(struct pci_dev *pdev);

/* pin.c */
int uio_dma_pin(struct uio_dma_mapping *map);
void uio_dma_unpin(struct page **pages, unsigned long count, bool dirty);

/* window.c */
int uio_dma_windows_init(struct uio_dma_file *file);
void uio_dma_windows_free(struct uio_dma_file *file);
struct uio_dma_window *uio_dma_window_get(struct uio_dma_file *file, unsigned long user,
					  struct page **pages, unsigned long count, bool writable,
					  bool exclusive);
struct uio_dma_window *uio_dma_window_new(struct uio_dma_file *file, unsigned long user, u64 size,
					  bool writable);
struct uio_dma_window *uio_dma_window_at(struct uio_dma_file *file, dma_addr_t dma);
int uio_dma_window_map(struct uio_dma_file *file, struct uio_dma_window *window,
		       unsigned long user, struct page **pages, unsigned long count, bool dirty);
void uio_dma_window_unmap(struct uio_dma_file *file, struct uio_dma_window *window,
			  unsigned long user, unsigned long count);
void uio_dma_window_put(struct uio_dma_file *file, struct uio_dma_window *window);
dma_addr_t uio_dma_window_address(const struct uio_dma_window *window, unsigned long user);

#endif
