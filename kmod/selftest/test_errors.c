// SPDX-License-Identifier: GPL-2.0-only
/* What is refused, and that nothing stays of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest.h"

#define PARAMETER "/sys/module/uio_dma/parameters/"

static void bad_maps(int fd)
{
	char *buffer = pages(2);
	struct uio_dma_op op = { .address = (uintptr_t)buffer, .length = 8, .reserved = 1 };
	uint64_t dma;

	check_errno(map(fd, buffer, 0, 0, &dma), EINVAL, "map of no bytes");
	check_errno(map(fd, buffer, 8, 3, &dma), EINVAL, "direction 3");
	check_errno(map_flags(fd, buffer, 8, 0, 1U << 31, &dma), EINVAL, "unknown flag");
	check_errno(ioctl(fd, UIO_DMA_IOC_MAP, &op), EINVAL, "reserved field");
	check_errno(map(fd, (void *)-8UL, 64, 0, &dma), EINVAL, "wraps around");
	check_errno(map(fd, (void *)-4096UL, 64, 0, &dma), EFAULT, "the kernel's memory");
	check_errno(map(fd, (void *)0xffffffff81000000UL, PAGE, 0, &dma), EFAULT,
		    "the kernel's code");
	check_errno(map(fd, buffer, UINT64_MAX / 2, 0, &dma), EINVAL, "half of all memory");
	check_errno(map(fd, buffer, query(fd).max_map + 1, 0, &dma), E2BIG, "longer than max_map");
	check_errno(map(fd, (void *)PAGE, 64, UIO_DMA_TO_DEVICE, &dma), EFAULT, "nothing there");
	munmap(buffer + PAGE, PAGE);
	check_errno(map(fd, buffer + PAGE - 8, 16, UIO_DMA_TO_DEVICE, &dma), EFAULT,
		    "ends behind the memory");
	check_errno(ioctl(fd, UIO_DMA_IOC_MAP, 8), EFAULT, "argument from nowhere");
	check_errno(ioctl(fd, _IO(UIO_DMA_IOC, 99), 0), ENOTTY, "unknown call");
	munmap(buffer, PAGE);
}

static void bad_unmaps(int fd)
{
	char *buffer = pages(1);
	uint64_t dma;

	map(fd, buffer, 100, UIO_DMA_TO_DEVICE, &dma);
	check_errno(unmap(fd, dma, 101, UIO_DMA_TO_DEVICE), ENOENT, "unmap of another length");
	check_errno(unmap(fd, dma, 100, UIO_DMA_FROM_DEVICE), ENOENT, "of another direction");
	check_errno(unmap(fd, dma + 1, 99, UIO_DMA_TO_DEVICE), ENOENT, "of a part");
	check_errno(sync_part(fd, UIO_DMA_IOC_SYNC_FOR_CPU, dma + 50, 51), ENOENT, "sync beyond");
	check_errno(sync_part(fd, UIO_DMA_IOC_SYNC_FOR_CPU, dma, 0), EINVAL, "sync of nothing");
	check_errno(sync_part(fd, UIO_DMA_IOC_SYNC_FOR_CPU, -1UL, 2), EINVAL, "sync around");
	check_errno(unmap(fd, dma, 100, UIO_DMA_TO_DEVICE), 0, "unmap");
	check_errno(unmap(fd, dma, 100, UIO_DMA_TO_DEVICE), ENOENT, "unmap twice");
	munmap(buffer, PAGE);
}

/* The user takes the memory away while it is mapped. */
static void memory_gone(int fd)
{
	char *buffer = pages(2);
	uint64_t dma;

	map(fd, buffer, 2 * PAGE, UIO_DMA_FROM_DEVICE, &dma);
	munmap(buffer, 2 * PAGE);
	check_errno(unmap(fd, dma, 2 * PAGE, UIO_DMA_FROM_DEVICE),
		    mode == UIO_DMA_MODE_COPY ? EFAULT : 0, "unmap without the memory");
	check(!query(fd).mappings, "is unmapped all the same");
}

static void limits(int fd)
{
	char *buffer = pages(4), text[16];
	uint64_t dma[4];

	check(write_file(PARAMETER "max_mappings", "2"), "limit of 2 mappings");
	for (int i = 0; i < 3; i++)
		check_errno(map(fd, buffer, 8, 0, &dma[i]), i < 2 ? 0 : ENOSPC, "map");
	unmap(fd, dma[0], 8, 0);
	unmap(fd, dma[1], 8, 0);
	write_file(PARAMETER "max_mappings", "65536");
	snprintf(text, sizeof(text), "%llu", (unsigned long long)query(fd).max_bytes >> 20);
	check(write_file(PARAMETER "max_mbytes", "0"), "limit of 0 MiB");
	check_errno(map(fd, buffer, 8, 0, &dma[0]), ENOSPC, "map");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENOSPC,
	      "coherent memory");
	write_file(PARAMETER "max_mbytes", text);
	munmap(buffer, 4 * PAGE);
}

/* As a user without CAP_IPC_LOCK. */
static void memlock(void)
{
	struct rlimit limit = { 2 * PAGE, 2 * PAGE };
	int fd = device_open(), status = -1;
	pid_t child = fork();
	uint64_t dma;

	if (!child) {
		char *buffer = pages(4);

		if (setrlimit(RLIMIT_MEMLOCK, &limit) || setuid(65534) || start(fd, mode, 32))
			_exit(1);
		if (map(fd, buffer, 3 * PAGE, 0, &dma) != -1 || errno != ENOMEM)
			_exit(2);
		if (map(fd, buffer, PAGE, 0, &dma) || status_kib(getpid(), "VmPin") != 4)
			_exit(3);
		if (mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED)
			_exit(4);
		_exit(0);
	}
	waitpid(child, &status, 0);
	check(!status, "RLIMIT_MEMLOCK holds (status %#x)", status);
	close(fd);
}

void test_errors(void)
{
	int fd = device_start();

	bad_maps(fd);
	bad_unmaps(fd);
	memory_gone(fd);
	limits(fd);
	check(!query(fd).bytes && !query(fd).mappings, "nothing is left");
	check(!status_kib(getpid(), "VmPin"), "nothing is pinned");
	close(fd);
	memlock();
}
