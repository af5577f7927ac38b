// SPDX-License-Identifier: GPL-2.0-only
/* Zero-copy mode: addresses, shared pages, protection. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

static const char constant[PAGE] = "read-only data of the program";

/* Two buffers on one page: the page stays mapped until the last of them is unmapped. */
static void shared_page(int fd)
{
	unsigned char *page = pages(1);
	uint64_t first, second, again;

	check_errno(map(fd, page, 1000, UIO_DMA_BIDIRECTIONAL, &first), 0, "map the first buffer");
	check_errno(map(fd, page + 2000, 1000, UIO_DMA_BIDIRECTIONAL, &second), 0, "the second");
	check(second - first == 2000, "they share the page's address");
	check_errno(map(fd, page, 1000, UIO_DMA_BIDIRECTIONAL, &again), 0, "the first again");
	check(again == first, "at the same address");
	check(query(fd).pinned_pages == 1, "one page is pinned");
	unmap(fd, first, 1000, UIO_DMA_BIDIRECTIONAL);
	unmap(fd, again, 1000, UIO_DMA_BIDIRECTIONAL);
	fill(page + 2000, 400, 5);
	check(edu_read(second, 400) && edu_write(second + 500, 400), "the device uses the second");
	check(filled(page + 2500, 400, 5), "without a copy");
	unmap(fd, second, 1000, UIO_DMA_BIDIRECTIONAL);
	check(!query(fd).pinned_pages, "the page is let go");
	munmap(page, PAGE);
}

/* Overlapping buffers of several pages, in every order of unmapping. */
static void overlapping(int fd)
{
	unsigned char *buffer = pages(8);
	uint64_t a, b, c;

	map(fd, buffer + 100, 3 * PAGE, UIO_DMA_FROM_DEVICE, &a);
	map(fd, buffer + 2 * PAGE, 4 * PAGE, UIO_DMA_FROM_DEVICE, &b);
	map(fd, buffer, 8 * PAGE, UIO_DMA_FROM_DEVICE, &c);
	check(query(fd).pinned_pages == 8, "8 pages are pinned once each");
	check(b - a == 2 * PAGE - 100 && a - c == 100, "addresses are contiguous");
	unmap(fd, c, 8 * PAGE, UIO_DMA_FROM_DEVICE);
	check(query(fd).pinned_pages == 6, "2 pages are let go");
	unmap(fd, a, 3 * PAGE, UIO_DMA_FROM_DEVICE);
	check(query(fd).pinned_pages == 4, "2 more");
	unmap(fd, b, 4 * PAGE, UIO_DMA_FROM_DEVICE);
	check(!query(fd).pinned_pages, "all");
	munmap(buffer, 8 * PAGE);
}

/* Other memory at the address of a live mapping. */
static void replaced(int fd)
{
	unsigned char *buffer = pages(1);
	uint64_t old, new;

	map(fd, buffer, 100, UIO_DMA_BIDIRECTIONAL, &old);
	mmap(buffer, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	fill(buffer, 100, 6);
	check_errno(map(fd, buffer, 200, UIO_DMA_BIDIRECTIONAL, &new), 0, "map the new memory");
	check(new != old, "at another address");
	check(edu_read(new, 100) && edu_write(new + 100, 100), "the device copies");
	check(filled(buffer + 100, 100, 6), "in the new memory");
	unmap(fd, old, 100, UIO_DMA_BIDIRECTIONAL);
	unmap(fd, new, 200, UIO_DMA_BIDIRECTIONAL);
	check(!query(fd).pinned_pages, "both are let go");
	munmap(buffer, PAGE);
}

static void read_only(int fd)
{
	const char *at = constant;
	unsigned char *to = pages(1);
	uint64_t source, target;

	check_errno(map(fd, at, 64, UIO_DMA_FROM_DEVICE, &source), EFAULT, "write to a constant");
	check_errno(map(fd, at, 64, UIO_DMA_TO_DEVICE, &source), 0, "read of a constant");
	map(fd, to, 64, UIO_DMA_FROM_DEVICE, &target);
	check(edu_read(source, 64) && edu_write(target, 64) && !memcmp(to, at, 64), "is read");
	unmap(fd, source, 64, UIO_DMA_TO_DEVICE);
	unmap(fd, target, 64, UIO_DMA_FROM_DEVICE);
	munmap(to, PAGE);
}

static void arena(int fd)
{
	const size_t size = 1024;
	unsigned char *buffer = pages(size);
	uint64_t all, part;

	check_errno(map_flags(fd, buffer, size * PAGE, UIO_DMA_BIDIRECTIONAL, UIO_DMA_MAP_ARENA,
			      &all),
		    0, "map an arena of 4 MiB");
	check(query(fd).pinned_pages == size, "is pinned");
	fill(buffer + 700 * PAGE + 3000, 2000, 7);
	check(edu_read(all + 700 * PAGE + 3000, 2000) && edu_write(all + 5 * PAGE - 40, 2000),
	      "the device copies inside");
	check(filled(buffer + 5 * PAGE - 40, 2000, 7), "without another call");
	check_errno(map(fd, buffer, 100, UIO_DMA_BIDIRECTIONAL, &part), 0, "map a part apart");
	unmap(fd, all, size * PAGE, UIO_DMA_BIDIRECTIONAL);
	check(query(fd).pinned_pages == 1, "the part stays");
	unmap(fd, part, 100, UIO_DMA_BIDIRECTIONAL);
	munmap(buffer, size * PAGE);
}

/* Low addresses are their own DMA addresses, high ones get one that the device reaches. */
static void addresses(int fd)
{
	unsigned char *low, *high = pages(1);
	struct uio_dma_query q = query(fd);
	uint64_t dma;

	low = mmap((void *)0x60000000, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	check(low != MAP_FAILED, "memory below 4 GiB");
	map(fd, low, PAGE, UIO_DMA_BIDIRECTIONAL, &dma);
	check(dma == (uintptr_t)low, "has its own address");
	unmap(fd, dma, PAGE, UIO_DMA_BIDIRECTIONAL);
	map(fd, high, PAGE, UIO_DMA_BIDIRECTIONAL, &dma);
	check(dma >= q.iova_first && dma + PAGE - 1 <= q.iova_last && q.iova_last < 1ULL << 32,
	      "memory above gets %#llx", (unsigned long long)dma);
	unmap(fd, dma, PAGE, UIO_DMA_BIDIRECTIONAL);
	munmap(low, PAGE);
	munmap(high, PAGE);
}

void test_zerocopy(void)
{
	int fd = device_start();

	shared_page(fd);
	overlapping(fd);
	replaced(fd);
	read_only(fd);
	arena(fd);
	addresses(fd);
	check(!query(fd).bytes && !query(fd).mappings, "nothing is left");
	close(fd);
}

/* Each of these makes the IOMMU report a fault in the kernel's log. */
void test_protection(void)
{
	int fd = device_start();
	unsigned char *from = pages(1), *to = pages(1);
	uint64_t source, target;

	fill(from, 100, 8);
	map(fd, from, 100, UIO_DMA_TO_DEVICE, &source);
	map(fd, to, 100, UIO_DMA_FROM_DEVICE, &target);
	edu_read(source, 100);
	edu_write(source, 50);
	check(filled(from, 100, 8), "a write to a buffer for the device is refused");
	unmap(fd, target, 100, UIO_DMA_FROM_DEVICE);
	edu_write(target, 100);
	check(to[0] == 0x11, "a write after unmap is refused");
	edu_write(0x50000000, 100);
	check(true, "a write to nowhere does no harm");
	close(fd);
}
