// SPDX-License-Identifier: GPL-2.0-only
/* What a session is, coherent memory, and a debugger's view of it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest.h"

static void before_start(void)
{
	int fd = device_open();
	struct uio_dma_query q = query(fd);
	uint64_t dma;
	char byte;

	check(fd >= 0, "open");
	check(q.version == UIO_DMA_API_VERSION, "version");
	check(q.capabilities & UIO_DMA_CAP_COPY, "copy mode is always there");
	check(q.mode == UIO_DMA_MODE_NONE && !q.state, "not started");
	check(q.page_size == PAGE && q.max_batch && q.max_mappings && q.max_bytes, "limits");
	check_errno(device_open(), EBUSY, "second open");
	check_errno(map(fd, &byte, 1, UIO_DMA_TO_DEVICE, &dma), ENOTCONN, "map before start");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENOTCONN,
	      "mmap before start");
	check_errno(ioctl(fd, UIO_DMA_IOC_STOP), ENOTCONN, "stop before start");
	check_errno(ioctl(fd, UIO_DMA_IOC_MASTER, 1), ENOTCONN, "master before start");
	check_errno(start(fd, UIO_DMA_MODE_NONE, 32), EINVAL, "start without a mode");
	check_errno(start(fd, 3, 32), EINVAL, "start in an unknown mode");
	check_errno(start(fd, mode, 23), EINVAL, "start with 23 bits");
	check_errno(start(fd, mode, 65), EINVAL, "start with 65 bits");
	check_errno(start(fd, mode, 64), 0, "start with 64 bits");
	check_errno(start(fd, mode, 64), EBUSY, "start twice");
	check(query(fd).dma_mask == UINT64_MAX, "mask of 64 bits");
	check_errno(ioctl(fd, UIO_DMA_IOC_STOP), 0, "stop");
	check_errno(start(fd, mode, 24), 0, "start with 24 bits");
	check_errno(map(fd, &byte, 1, UIO_DMA_BIDIRECTIONAL, &dma), 0, "map below 24 bits");
	check(dma && dma < 1 << 24, "address %#llx below 24 bits", (unsigned long long)dma);
	close(fd);
}

static void bus_mastering(void)
{
	int fd = device_start();

	check(config_command() & 4, "bus mastering on");
	check(query(fd).state & UIO_DMA_STATE_MASTER, "query tells it");
	check_errno(ioctl(fd, UIO_DMA_IOC_MASTER, 2), EINVAL, "master 2");
	ioctl(fd, UIO_DMA_IOC_MASTER, 0);
	check(!(config_command() & 4), "bus mastering off");
	ioctl(fd, UIO_DMA_IOC_MASTER, 1);
	close(fd);
	check(!(config_command() & 4), "bus mastering off after close");
}

static void coherent(void)
{
	int fd = device_start();
	unsigned char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint64_t dma;
	bool zero = true;

	check(at != MAP_FAILED, "coherent memory");
	for (size_t i = 0; i < 4 * PAGE; i++)
		zero = zero && !at[i];
	check(zero, "is zeroed");
	dma = address_of(fd, at);
	check(dma && !(dma & (PAGE - 1)) && dma < 1ULL << 32, "address %#llx",
	      (unsigned long long)dma);
	check(address_of(fd, at + 5000) == dma + 5000, "address inside");
	check(!address_of(fd, at + 4 * PAGE), "no address behind");
	fill(at + 100, 3000, 1);
	check(edu_read(dma + 100, 3000) && edu_write(dma + 2 * PAGE + 8, 3000), "device copies");
	check(filled(at + 2 * PAGE + 8, 3000, 1), "what the device wrote is there");
	check(query(fd).coherent == 1 && query(fd).bytes == 4 * PAGE, "is counted");
	check_errno(munmap(at, PAGE), EINVAL, "munmap of a part");
	check(mremap(at, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED, "mremap larger");
	check(mremap(at, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, pages(8)) == MAP_FAILED,
	      "mremap elsewhere");
	check(filled(at + 2 * PAGE + 8, 3000, 1), "is still in place");
	check_errno(munmap(at, 4 * PAGE), 0, "munmap");
	check(!query(fd).coherent && !query(fd).bytes, "is freed");
	check(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED, "no private mapping");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE) == MAP_FAILED, "no offset");
	close(fd);
}

/* As a debugger does it. */
static void debugger(void)
{
	int fd = device_start(), mem, status = -1;
	char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid_t child;

	strcpy(at + 8, "seen");
	child = fork();
	if (!child) {
		char path[64], text[8] = "";

		snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
		mem = open(path, O_RDWR);
		if (pread(mem, text, 5, (uintptr_t)at + 8) != 5 || strcmp(text, "seen"))
			_exit(1);
		_exit(pwrite(mem, "told", 5, (uintptr_t)at + 16) != 5);
	}
	waitpid(child, &status, 0);
	check(!status, "another process reads and writes coherent memory");
	check(!strcmp(at + 16, "told"), "what it wrote is there");
	close(fd);
	munmap(at, PAGE);
}

static sigjmp_buf fault;

static void on_bus(int signal)
{
	siglongjmp(fault, signal);
}

static void stop(void)
{
	int fd = device_start();
	volatile char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	volatile bool bus = false;
	uint64_t dma;
	void *buffer = pages(1);

	*at = 1;
	map(fd, buffer, PAGE, UIO_DMA_BIDIRECTIONAL, &dma);
	check_errno(ioctl(fd, UIO_DMA_IOC_STOP), 0, "stop while mapped");
	check(!query(fd).bytes && !query(fd).mappings, "all is undone");
	check(!(config_command() & 4), "bus mastering is off");
	check(!status_kib(getpid(), "VmPin"), "nothing is pinned");
	signal(SIGBUS, on_bus);
	if (sigsetjmp(fault, 1))
		bus = true;
	else
		*at = 2;
	signal(SIGBUS, SIG_DFL);
	check(bus, "coherent memory is gone: SIGBUS");
	check_errno(start(fd, mode, 32), 0, "start again");
	check_errno(munmap((void *)at, PAGE), 0, "munmap of the old memory");
	check(!query(fd).bytes, "is not counted twice");
	close(fd);
}

void test_basic(void)
{
	before_start();
	bus_mastering();
	coherent();
	debugger();
	stop();
}
