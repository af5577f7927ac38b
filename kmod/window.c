// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA addresses of zero-copy mode.
 *
 * A window is a range of the user's addresses with the same range of DMA addresses, shifted. Its
 * pages are mapped one by one as buffers come, and counted: buffers that share a page share its
 * mapping, which goes with the last of them. As the shift is the same for the whole window, a
 * buffer that begins on a page another one has mapped still gets contiguous addresses.
 *
 * There is a window for what the device may write and another for what it only reads, so that
 * the IOMMU refuses a write to a buffer on its way to the device.
 *
 * All under the device's lock.
 */
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "compat.h"
#include "uio_dma.h"

/* Most buffers of a heap or an arena fall in one window; 32 bits still hold 64 of them. */
#define WINDOW_SIZE (64ULL << 20)

/*
 * Every IOMMU of today translates at least 39 bits. The width of the one that is there is not
 * told before a mapping beyond it fails, with a message in the kernel's log.
 */
#define IOVA_BITS 39

/*
 * Pages of one call of iommu_map(). Below 2 MiB no large page is used: single pages must be
 * unmapped later.
 */
#define RUN_PAGES 256UL

/*
 * struct uio_dma_page - a page that the device reaches
 * @refs: mappings that contain it
 * @mapped: in the IOMMU
 * @dirty: the device may have written to it
 */
struct uio_dma_page {
	struct page *page;
	unsigned int refs;
	bool mapped;
	bool dirty;
};

/*
 * struct uio_dma_window - see above; without pages: a reserved range
 * @iova: in uio_dma_file.iovas
 * @user: in uio_dma_file.windows if @shared
 * @users: mappings in it
 * @pages: struct uio_dma_page, by distance from the start in pages
 */
struct uio_dma_window {
	struct interval_tree_node iova;
	struct interval_tree_node user;
	bool shared;
	bool writable;
	unsigned int users;
	struct xarray pages;
};

/* uio_dma_window_address() - the DMA address of a user address in the window */
dma_addr_t uio_dma_window_address(const struct uio_dma_window *window, unsigned long user)
{
	return window->iova.start + (user - window->user.start);
}

/* Where the user's address itself can be the DMA address it is: that is easy to debug. */
static int place(struct uio_dma_file *file, u64 prefer, u64 size, u64 *start)
{
	struct interval_tree_node *taken;
	u64 last = file->iova_last;

	if (prefer >= file->iova_first && prefer <= last && size - 1 <= last - prefer &&
	    !interval_tree_iter_first(&file->iovas, prefer, prefer + size - 1)) {
		*start = prefer;
		return 0;
	}
	while (last > file->iova_first && size - 1 <= last - file->iova_first) {
		*start = last - size + 1;
		taken = interval_tree_iter_first(&file->iovas, *start, last);
		if (!taken)
			return 0;
		if (taken->start <= file->iova_first)
			break;
		last = taken->start - 1;
	}
	return -ENOSPC;
}

/* uio_dma_window_new() - a window that nobody else uses; one user */
struct uio_dma_window *uio_dma_window_new(struct uio_dma_file *file, unsigned long user, u64 size,
					  bool writable)
{
	struct uio_dma_window *window = kzalloc(sizeof(*window), GFP_KERNEL_ACCOUNT);
	u64 start;
	int error;

	if (!window)
		return ERR_PTR(-ENOMEM);
	error = place(file, writable ? user : 0, size, &start);
	if (error) {
		kfree(window);
		return ERR_PTR(error);
	}
	window->iova.start = start;
	window->iova.last = start + size - 1;
	window->user.start = user;
	window->user.last = user + size - 1;
	window->writable = writable;
	window->users = 1;
	xa_init(&window->pages);
	interval_tree_insert(&window->iova, &file->iovas);
	return window;
}

/* uio_dma_window_at() - the window that begins at @dma */
struct uio_dma_window *uio_dma_window_at(struct uio_dma_file *file, dma_addr_t dma)
{
	struct interval_tree_node *node = interval_tree_iter_first(&file->iovas, dma, dma);

	return container_of(node, struct uio_dma_window, iova);
}

/* uio_dma_window_put() - one user less; the last one frees it */
void uio_dma_window_put(struct uio_dma_file *file, struct uio_dma_window *window)
{
	if (--window->users)
		return;
	interval_tree_remove(&window->iova, &file->iovas);
	if (window->shared)
		interval_tree_remove(&window->user, &file->windows);
	xa_destroy(&window->pages);
	kfree(window);
}

static unsigned long index_of(const struct uio_dma_window *window, unsigned long user)
{
	return (user - window->user.start) >> PAGE_SHIFT;
}

/*
 * The user may have mapped other memory at an address whose old page a buffer still holds: such a
 * window cannot serve the new page.
 */
static bool same_pages(struct uio_dma_window *window, unsigned long user, struct page **pages,
		       unsigned long count)
{
	unsigned long index = index_of(window, user), i;
	struct uio_dma_page *entry;

	for (i = 0; i < count; i++) {
		entry = xa_load(&window->pages, index + i);
		if (entry && entry->page != pages[i])
			return false;
	}
	return true;
}

/* uio_dma_window_get() - a window for the pages of a buffer; one user more */
struct uio_dma_window *uio_dma_window_get(struct uio_dma_file *file, unsigned long user,
					  struct page **pages, unsigned long count, bool writable,
					  bool exclusive)
{
	u64 size = (u64)count << PAGE_SHIFT, first = ALIGN_DOWN(user, WINDOW_SIZE);
	unsigned long last = user + size - 1;
	struct interval_tree_node *node;
	struct uio_dma_window *window;
	bool stale = false;

	if (exclusive)
		return uio_dma_window_new(file, user, size, writable);
	for (node = interval_tree_iter_first(&file->windows, user, last); node;
	     node = interval_tree_iter_next(node, user, last)) {
		window = container_of(node, struct uio_dma_window, user);
		if (window->writable != writable || node->start > user || node->last < last)
			continue;
		if (same_pages(window, user, pages, count)) {
			window->users++;
			return window;
		}
		stale = true;
	}
	if (!stale) {
		window = uio_dma_window_new(file, first, ALIGN(user + size, WINDOW_SIZE) - first,
					    writable);
		if (!IS_ERR(window)) {
			window->shared = true;
			interval_tree_insert(&window->user, &file->windows);
			return window;
		}
	}
	return uio_dma_window_new(file, user, size, writable);
}

static int add_page(struct uio_dma_file *file, struct uio_dma_window *window, unsigned long index,
		    struct page *page, bool dirty)
{
	struct uio_dma_page *entry = xa_load(&window->pages, index);
	int error;

	if (entry) {
		/* One pin is enough for all. */
		uio_dma_unpin(&page, 1, false);
		entry->refs++;
		entry->dirty |= dirty;
		return 0;
	}
	entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry)
		return -ENOMEM;
	entry->page = page;
	entry->refs = 1;
	entry->dirty = dirty;
	error = xa_err(xa_store(&window->pages, index, entry, GFP_KERNEL_ACCOUNT));
	if (error)
		kfree(entry);
	else
		file->pinned++;
	return error;
}

/* Pages from @index on that are not mapped yet and lie side by side in memory. */
static unsigned long new_run(struct uio_dma_window *window, unsigned long index,
			     unsigned long count)
{
	struct uio_dma_page *entry = xa_load(&window->pages, index);
	unsigned long pfn = page_to_pfn(entry->page), n = 0;

	while (n < min(count, RUN_PAGES) && !entry->mapped && page_to_pfn(entry->page) == pfn + n) {
		n++;
		if (n < count)
			entry = xa_load(&window->pages, index + n);
	}
	return n;
}

static int map_new(struct uio_dma_file *file, struct uio_dma_window *window, unsigned long index,
		   unsigned long count)
{
	int prot = IOMMU_READ | IOMMU_CACHE | (window->writable ? IOMMU_WRITE : 0);
	struct uio_dma_page *entry;
	unsigned long run, i;
	int error;

	for (; count; index += run, count -= run) {
		run = new_run(window, index, count);
		if (!run) {
			run = 1;
			continue;
		}
		entry = xa_load(&window->pages, index);
		error = uio_dma_iommu_map(file->domain, window->iova.start + (index << PAGE_SHIFT),
					  page_to_phys(entry->page), run << PAGE_SHIFT, prot);
		if (error)
			return error;
		for (i = 0; i < run; i++) {
			entry = xa_load(&window->pages, index + i);
			entry->mapped = true;
		}
		cond_resched();
	}
	return 0;
}

/*
 * uio_dma_window_map() - lets the device reach the pages of a buffer
 *
 * Takes over the pins, also when it fails: then they are gone.
 */
int uio_dma_window_map(struct uio_dma_file *file, struct uio_dma_window *window,
		       unsigned long user, struct page **pages, unsigned long count, bool dirty)
{
	unsigned long index = index_of(window, user), i;
	int error = 0;

	for (i = 0; i < count; i++) {
		error = add_page(file, window, index + i, pages[i], dirty);
		if (error)
			break;
	}
	if (error)
		uio_dma_unpin(pages + i, count - i, false);
	else
		error = map_new(file, window, index, count);
	if (error)
		uio_dma_window_unmap(file, window, user, i);
	return error;
}

/* Takes pages that have no user left out of the IOMMU, as few calls as can be. */
static void unmap_unused(struct uio_dma_file *file, struct uio_dma_window *window,
			 unsigned long index, unsigned long count)
{
	unsigned long run = 0, i;
	struct uio_dma_page *entry;
	bool unused;

	for (i = 0; i <= count; i++) {
		entry = i < count ? xa_load(&window->pages, index + i) : NULL;
		unused = entry && !entry->refs && entry->mapped;
		if (!unused && run)
			iommu_unmap(file->domain,
				    window->iova.start + ((index + i - run) << PAGE_SHIFT),
				    run << PAGE_SHIFT);
		run = unused ? run + 1 : 0;
	}
}

/* uio_dma_window_unmap() - undoes uio_dma_window_map() */
void uio_dma_window_unmap(struct uio_dma_file *file, struct uio_dma_window *window,
			  unsigned long user, unsigned long count)
{
	unsigned long index = index_of(window, user), i;
	struct uio_dma_page *entry;

	for (i = 0; i < count; i++) {
		entry = xa_load(&window->pages, index + i);
		entry->refs--;
	}
	unmap_unused(file, window, index, count);
	/* Only now can the device not reach them any more. */
	for (i = 0; i < count; i++) {
		entry = xa_load(&window->pages, index + i);
		if (entry->refs)
			continue;
		uio_dma_unpin(&entry->page, 1, entry->dirty);
		xa_erase(&window->pages, index + i);
		kfree(entry);
		file->pinned--;
		cond_resched();
	}
}

/* Ranges that the platform keeps for itself: the MSI window, memory of the firmware. */
static int reserve(struct uio_dma_file *file, u64 start, u64 length)
{
	struct uio_dma_window *window;

	if (!length)
		return 0;
	window = kzalloc(sizeof(*window), GFP_KERNEL_ACCOUNT);
	if (!window)
		return -ENOMEM;
	xa_init(&window->pages);
	window->iova.start = ALIGN_DOWN(start, PAGE_SIZE);
	window->iova.last = (start + length - 1) | (PAGE_SIZE - 1);
	window->users = 1;
	interval_tree_insert(&window->iova, &file->iovas);
	return 0;
}

static int reserve_regions(struct uio_dma_file *file)
{
	struct iommu_group *group = iommu_group_get(&file->dev->pdev->dev);
	struct iommu_resv_region *region, *next;
	LIST_HEAD(regions);
	int error;

	if (!group)
		return -EOPNOTSUPP;
	error = iommu_get_group_resv_regions(group, &regions);
	iommu_group_put(group);
	list_for_each_entry_safe(region, next, &regions, list) {
		if (!error)
			error = reserve(file, region->start, region->length);
		list_del(&region->list);
		kfree(region);
	}
	return error;
}

/* uio_dma_windows_init() - learns which addresses may be used; the domain is there */
int uio_dma_windows_init(struct uio_dma_file *file)
{
	const struct iommu_domain_geometry *geometry = &file->domain->geometry;
	u64 last = min_t(u64, geometry->aperture_end, dma_get_mask(&file->dev->pdev->dev));

	last = min_t(u64, last, DMA_BIT_MASK(IOVA_BITS));
	if ((last & ~PAGE_MASK) != PAGE_SIZE - 1)
		last = (last & PAGE_MASK) - 1;
	/* Never address 0: to many a driver that means "none". */
	file->iova_first = max_t(u64, PAGE_ALIGN(geometry->aperture_start), PAGE_SIZE);
	file->iova_last = last;
	return reserve_regions(file);
}

/* uio_dma_windows_free() - forgets what uio_dma_windows_init() learned; nothing is mapped */
void uio_dma_windows_free(struct uio_dma_file *file)
{
	struct interval_tree_node *node;

	while ((node = interval_tree_iter_first(&file->iovas, 0, ULONG_MAX))) {
		struct uio_dma_window *window = container_of(node, struct uio_dma_window, iova);

		WARN_ON_ONCE(window->shared);
		uio_dma_window_put(file, window);
	}
	file->iova_first = 0;
	file->iova_last = 0;
}
