// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "selftest.h"

const char *bdf;
enum uio_dma_mode mode = UIO_DMA_MODE_COPY;

int device_open(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/uio-dma/%s", bdf);
	return open(path, O_RDWR | O_CLOEXEC);
}

int start(int fd, enum uio_dma_mode as, unsigned int bits)
{
	struct uio_dma_start arg = { .mode = as, .dma_bits = bits };

	return ioctl(fd, UIO_DMA_IOC_START, &arg);
}

int device_start(void)
{
	int fd = device_open();

	if (fd < 0 || start(fd, mode, 32) || ioctl(fd, UIO_DMA_IOC_MASTER, 1)) {
		printf("# %s cannot be started: %s\n", bdf, strerror(errno));
		exit(tap_finish() | 2);
	}
	return fd;
}

struct uio_dma_query query(int fd)
{
	struct uio_dma_query result = { 0 };

	if (ioctl(fd, UIO_DMA_IOC_QUERY, &result))
		memset(&result, 0xff, sizeof(result));
	return result;
}

int map_flags(int fd, const void *buffer, size_t length, int direction, unsigned int flags,
	      uint64_t *dma)
{
	struct uio_dma_op op = { .direction = direction, .flags = flags, .address = (uintptr_t)buffer, .length = length };
	int result = ioctl(fd, UIO_DMA_IOC_MAP, &op);

	*dma = op.dma;
	return result;
}

int map(int fd, const void *buffer, size_t length, int direction, uint64_t *dma)
{
	return map_flags(fd, buffer, length, direction, 0, dma);
}

int unmap(int fd, uint64_t dma, size_t length, int direction)
{
	struct uio_dma_op op = { .direction = direction, .dma = dma, .length = length };

	return ioctl(fd, UIO_DMA_IOC_UNMAP, &op);
}

int sync_part(int fd, unsigned long command, uint64_t dma, size_t length)
{
	struct uio_dma_op op = { .dma = dma, .length = length };

	return ioctl(fd, command, &op);
}

uint64_t address_of(int fd, const void *at)
{
	struct uio_dma_address arg = { .address = (uintptr_t)at };

	return ioctl(fd, UIO_DMA_IOC_ADDRESS, &arg) ? 0 : arg.dma;
}

void *pages(size_t count)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	if (at == MAP_FAILED)
		abort();
	memset(at, 0x11, count * PAGE);
	return at;
}

unsigned int config_command(void)
{
	char path[96];
	uint16_t command = 0xffff;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	fd = open(path, O_RDONLY);
	if (pread(fd, &command, sizeof(command), 4) != sizeof(command))
		command = 0xffff;
	close(fd);
	return command;
}

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return good;
}

bool sysfs_write(const char *below, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/%s", below);
	return write_file(path, text);
}

long status_kib(int pid, const char *field)
{
	char path[64], line[256];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, field, strlen(field)))
			value = atol(strchr(line, ':') + 1);
	if (file)
		fclose(file);
	return value;
}

void fill(void *at, size_t length, unsigned int seed)
{
	unsigned char *byte = at;

	for (size_t i = 0; i < length; i++)
		byte[i] = (i * 7 + seed + (i >> 8)) & 0xff;
}

bool filled(const void *at, size_t length, unsigned int seed)
{
	const unsigned char *byte = at;

	for (size_t i = 0; i < length; i++)
		if (byte[i] != ((i * 7 + seed + (i >> 8)) & 0xff))
			return false;
	return true;
}
