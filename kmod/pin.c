// SPDX-License-Identifier: GPL-2.0-only
/* Pins the pages of a user's buffer for as long as a device may reach them. */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "uio_dma.h"

/* Pages pinned between two looks at signals and the scheduler. */
#define CHUNK 512UL

/* uio_dma_unpin() - lets go of pages; @dirty: the device may have written to them */
void uio_dma_unpin(struct page **pages, unsigned long count, bool dirty)
{
	unpin_user_pages_dirty_lock(pages, count, dirty);
}

static long pin_all(unsigned long start, struct page **pages, unsigned long count,
		    unsigned int flags)
{
	unsigned long done = 0;
	long got;

	while (done < count) {
		if (fatal_signal_pending(current)) {
			got = -EINTR;
		} else {
			got = pin_user_pages_fast(start + (done << PAGE_SHIFT),
						  min(CHUNK, count - done), flags, pages + done);
			if (!got)
				got = -EFAULT;
		}
		if (got < 0) {
			uio_dma_unpin(pages, done, false);
			return got;
		}
		done += got;
		cond_resched();
	}
	return 0;
}

/* A file system does not expect that a page of a file gets dirty behind its back. */
static bool writable_kind(struct page **pages, unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count; i++)
		if (!folio_test_swapbacked(page_folio(pages[i])) && !PageHuge(pages[i]))
			return false;
	return true;
}

/*
 * uio_dma_pin() - pins the pages of map->user into map->pages
 *
 * For a buffer that the device only reads, write access is asked for first: that gives the page
 * its own copy now and not at the user's next write, which the device would not see. Read-only
 * memory (constants) has no such copy.
 */
int uio_dma_pin(struct uio_dma_mapping *map)
{
	unsigned long start = map->user & PAGE_MASK;
	unsigned long count = map->charge;
	struct page **pages;
	long error;

	pages = kvmalloc_array(count, sizeof(*pages), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!pages)
		return -ENOMEM;
	map->writable = true;
	error = pin_all(start, pages, count, FOLL_WRITE | FOLL_LONGTERM);
	if (error == -EFAULT && map->direction == UIO_DMA_TO_DEVICE) {
		map->writable = false;
		error = pin_all(start, pages, count, FOLL_LONGTERM);
	}
	if (!error && map->writable && !writable_kind(pages, count)) {
		uio_dma_unpin(pages, count, false);
		error = -EOPNOTSUPP;
	}
	if (error) {
		kvfree(pages);
		return error;
	}
	map->pages = pages;
	map->page_count = count;
	/* The device may write only what the driver said it would. */
	map->writable = map->direction != UIO_DMA_TO_DEVICE;
	return 0;
}
