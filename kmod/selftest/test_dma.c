// SPDX-License-Identifier: GPL-2.0-only
/* Mappings, in both modes: the device copies, we compare. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

static void copy_by_device(int fd, size_t length, size_t offset)
{
	unsigned char *from = pages(3), *to = pages(3);
	uint64_t source, target;

	fill(from + offset, length, length);
	check_errno(map(fd, from + offset, length, UIO_DMA_TO_DEVICE, &source), 0, "map to device");
	check_errno(map(fd, to + offset, length, UIO_DMA_FROM_DEVICE, &target), 0,
		    "map from device");
	check(edu_read(source, length) && edu_write(target, length), "device copies %zu bytes",
	      length);
	check_errno(unmap(fd, source, length, UIO_DMA_TO_DEVICE), 0, "unmap to device");
	check_errno(unmap(fd, target, length, UIO_DMA_FROM_DEVICE), 0, "unmap from device");
	check(filled(to + offset, length, length), "data of %zu bytes at %zu", length, offset);
	check(to[offset - 1] == 0x11 && to[offset + length] == 0x11, "bytes around are untouched");
	munmap(from, 3 * PAGE);
	munmap(to, 3 * PAGE);
}

static void syncs(int fd)
{
	unsigned char *buffer = pages(1);
	uint64_t dma;

	fill(buffer, 512, 3);
	map(fd, buffer, PAGE, UIO_DMA_BIDIRECTIONAL, &dma);
	check(edu_read(dma, 512) && edu_write(dma + 1024, 512), "device copies in one buffer");
	check_errno(sync_part(fd, UIO_DMA_IOC_SYNC_FOR_CPU, dma + 1024, 512), 0, "sync for CPU");
	check(filled(buffer + 1024, 512, 3), "data is there while mapped");
	fill(buffer, 512, 4);
	check_errno(sync_part(fd, UIO_DMA_IOC_SYNC_FOR_DEVICE, dma, 512), 0, "sync for device");
	check(edu_read(dma, 512) && edu_write(dma + 2048, 512), "device copies again");
	check_errno(unmap(fd, dma, PAGE, UIO_DMA_BIDIRECTIONAL), 0, "unmap");
	check(filled(buffer + 2048, 512, 4), "the device saw the new data");
	check_errno(sync_part(fd, UIO_DMA_IOC_SYNC_FOR_CPU, dma, 1), ENOENT, "sync after unmap");
	munmap(buffer, PAGE);
}

static void keep(int fd)
{
	unsigned char *buffer = pages(1);
	uint64_t dma;

	map_flags(fd, buffer, PAGE, UIO_DMA_FROM_DEVICE, UIO_DMA_MAP_KEEP, &dma);
	unmap(fd, dma, PAGE, UIO_DMA_FROM_DEVICE);
	check(buffer[0] == 0x11 && buffer[PAGE - 1] == 0x11, "what the device left alone is kept");
	munmap(buffer, PAGE);
}

#define BATCH 64

static void batch(int fd)
{
	struct uio_dma_op op[BATCH] = { 0 };
	struct uio_dma_batch arg = { .entries = (uintptr_t)op, .count = BATCH };
	unsigned char *buffer = pages(BATCH);

	for (int i = 0; i < BATCH; i++) {
		op[i].op = UIO_DMA_OP_MAP;
		op[i].direction = UIO_DMA_TO_DEVICE;
		op[i].address = (uintptr_t)buffer + i * PAGE + i;
		op[i].length = 100 + i;
	}
	check_errno(ioctl(fd, UIO_DMA_IOC_BATCH, &arg), 0, "batch of maps");
	check(arg.done == BATCH && !arg.failed, "all are done");
	check(query(fd).mappings == BATCH, "all are counted");
	for (int i = 0; i < BATCH; i++)
		op[i].op = UIO_DMA_OP_UNMAP;
	op[10].length++;
	check_errno(ioctl(fd, UIO_DMA_IOC_BATCH, &arg), 0, "batch of unmaps, one wrong");
	check(arg.done == 11 && arg.failed == 1 && op[10].error == -ENOENT, "ends at the wrong one");
	op[10].length--;
	arg.flags = UIO_DMA_BATCH_CONTINUE;
	check_errno(ioctl(fd, UIO_DMA_IOC_BATCH, &arg), 0, "batch that goes on");
	check(arg.done == BATCH && arg.failed == 10, "the rest is done");
	check(!query(fd).mappings && !query(fd).bytes, "none is left");
	arg.count = 0;
	check_errno(ioctl(fd, UIO_DMA_IOC_BATCH, &arg), EINVAL, "empty batch");
	arg.count = query(fd).max_batch + 1;
	check_errno(ioctl(fd, UIO_DMA_IOC_BATCH, &arg), EINVAL, "batch too long");
	arg.count = 1;
	arg.entries = 8;
	check_errno(ioctl(fd, UIO_DMA_IOC_BATCH, &arg), EFAULT, "batch from nowhere");
	check(!arg.done, "nothing is done");
	munmap(buffer, BATCH * PAGE);
}

/* A batch in read-only memory: the address could not be told, so nothing stays mapped. */
static void unwritable_result(int fd)
{
	struct uio_dma_op *op = pages(1);
	struct uio_dma_batch arg = { .entries = (uintptr_t)op, .count = 1 };
	char *buffer = pages(1);

	*op = (struct uio_dma_op){ .op = UIO_DMA_OP_MAP, .address = (uintptr_t)buffer, .length = 100 };
	mprotect(op, PAGE, PROT_READ);
	check_errno(ioctl(fd, UIO_DMA_IOC_BATCH, &arg), EFAULT, "batch in read-only memory");
	check_errno(ioctl(fd, UIO_DMA_IOC_MAP, op), EFAULT, "map in read-only memory");
	check(!query(fd).mappings && !query(fd).bytes, "nothing stays mapped");
	munmap(op, PAGE);
	munmap(buffer, PAGE);
}

void test_dma(void)
{
	int fd = device_start();

	copy_by_device(fd, 1, 1);
	copy_by_device(fd, 1500, 700);
	copy_by_device(fd, 4000, 3000);
	syncs(fd);
	keep(fd);
	batch(fd);
	unwritable_result(fd);
	check(!query(fd).bytes && !query(fd).mappings && !query(fd).pinned_pages, "all is back");
	check(!status_kib(getpid(), "VmPin"), "nothing is pinned");
	close(fd);
}
