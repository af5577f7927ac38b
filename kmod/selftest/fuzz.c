// SPDX-License-Identifier: GPL-2.0-only
/*
 * uio_dma_fuzz BDF CALLS SEED: ioctls and mmaps with random and hostile arguments from several
 * processes and threads. The verdict is the kernel's log, and what is left at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest.h"

#define THREADS		3
#define POOL		64
#define KNOWN		256

static char *pool;
static int fd;
/* DMA addresses that were given out: random ones would hardly ever be right. */
static struct { uint64_t dma, length; unsigned int direction; } known[KNOWN];

struct thread {
	pthread_t id;
	uint64_t state;
	unsigned long calls;
};

static uint64_t next(struct thread *t)
{
	t->state ^= t->state << 13;
	t->state ^= t->state >> 7;
	t->state ^= t->state << 17;
	return t->state;
}

static bool chance(struct thread *t, unsigned int one_in)
{
	return next(t) % one_in == 0;
}

static uint64_t hostile(struct thread *t)
{
	static const uint64_t values[] = {
		0, 1, 4095, 4096, UINT32_MAX, 1ULL << 32, 1ULL << 47, (1ULL << 47) - 1,
		0xffff800000000000, 0xffffffff81000000, INT64_MAX, INT64_MAX - 4095,
		UINT64_MAX, UINT64_MAX - 4095, 0xfee00000, 4ULL << 30, 8,
	};
	return chance(t, 3) ? next(t) : values[next(t) % (sizeof(values) / sizeof(*values))];
}

static uint64_t address(struct thread *t)
{
	if (chance(t, 10))
		return hostile(t);
	return (uintptr_t)pool + next(t) % (POOL * PAGE);
}

static uint64_t length(struct thread *t)
{
	if (chance(t, 12))
		return hostile(t);
	return chance(t, 4) ? next(t) % (16 * PAGE) : next(t) % 3000;
}

static struct uio_dma_op random_op(struct thread *t)
{
	struct uio_dma_op op = { .op = 1 + next(t) % 4, .direction = next(t) % 3 };
	unsigned int i = next(t) % KNOWN;

	op.address = address(t);
	op.length = length(t);
	op.dma = hostile(t);
	if (!chance(t, 5)) {
		op.dma = known[i].dma;
		op.length = known[i].length;
		op.direction = known[i].direction;
		if (op.op == UIO_DMA_OP_MAP)
			op.length = length(t);
	}
	if (chance(t, 4))
		op.flags = next(t) % 8;
	if (chance(t, 40))
		op.reserved = next(t);
	if (chance(t, 40))
		op.op = next(t);
	if (chance(t, 40))
		op.direction = next(t);
	return op;
}

static void remember(struct thread *t, const struct uio_dma_op *op)
{
	unsigned int i = next(t) % KNOWN;

	known[i].dma = op->dma;
	known[i].length = op->length;
	known[i].direction = op->direction;
}

static void one_op(struct thread *t)
{
	static const unsigned long commands[] = {
		UIO_DMA_IOC_MAP, UIO_DMA_IOC_UNMAP, UIO_DMA_IOC_SYNC_FOR_CPU,
		UIO_DMA_IOC_SYNC_FOR_DEVICE,
	};
	struct uio_dma_op op = random_op(t);
	unsigned int i = next(t) % 4;

	if (!ioctl(fd, commands[i], &op) && !i)
		remember(t, &op);
}

static void batch(struct thread *t)
{
	struct uio_dma_op op[8];
	struct uio_dma_batch arg = { .entries = (uintptr_t)op, .count = 1 + next(t) % 8 };

	for (int i = 0; i < 8; i++)
		op[i] = random_op(t);
	arg.flags = next(t) % 2;
	if (chance(t, 20))
		arg.entries = address(t);
	if (chance(t, 20))
		arg.count = next(t);
	if (chance(t, 20))
		arg.flags = next(t);
	ioctl(fd, UIO_DMA_IOC_BATCH, &arg);
	for (int i = 0; i < 8; i++)
		if (op[i].op == UIO_DMA_OP_MAP && !op[i].error)
			remember(t, &op[i]);
}

static void coherent(struct thread *t)
{
	size_t size = (1 + next(t) % 8) * PAGE;
	struct uio_dma_address arg;
	char *at;

	if (chance(t, 10))
		size = hostile(t);
	at = mmap(NULL, size, next(t) % 8, chance(t, 10) ? MAP_PRIVATE : MAP_SHARED, fd,
		  chance(t, 10) ? (off_t)(hostile(t) & ~(PAGE - 1)) : 0);
	if (at == MAP_FAILED)
		return;
	arg.address = chance(t, 5) ? hostile(t) : (uintptr_t)at + next(t) % size;
	ioctl(fd, UIO_DMA_IOC_ADDRESS, &arg);
	mprotect(at, PAGE, PROT_READ | PROT_WRITE);
	/* read() fills the pages without a signal if the session just ended. */
	if (chance(t, 2)) {
		int zero = open("/dev/zero", O_RDONLY);

		if (read(zero, at, size) < 0)
			t->calls++;
		close(zero);
	}
	if (chance(t, 4))
		mremap(at, size, chance(t, 2) ? size : size + PAGE, MREMAP_MAYMOVE);
	if (chance(t, 4))
		madvise(at, size, next(t) % 26);
	if (chance(t, 4))
		munmap(at, PAGE);
	munmap(at, size);
}

/* The buffers' memory changes under the mappings. */
static void disturb(struct thread *t)
{
	char *page = pool + next(t) % POOL * PAGE;

	switch (next(t) % 4) {
	case 0:
		mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		     -1, 0);
		break;
	case 1:
		mprotect(page, PAGE, next(t) % 4);
		break;
	case 2:
		madvise(page, PAGE, MADV_DONTNEED);
		break;
	default:
		munmap(page, PAGE);
	}
}

static void session(struct thread *t)
{
	struct uio_dma_start arg = { .mode = next(t) % 2 + 1, .dma_bits = chance(t, 3) ? 64 : 32,
				     .flags = 1 };

	if (chance(t, 4))
		ioctl(fd, UIO_DMA_IOC_STOP);
	if (chance(t, 8))
		arg.mode = next(t);
	if (chance(t, 8))
		arg.dma_bits = next(t) % 70;
	if (chance(t, 8))
		arg.flags = next(t);
	ioctl(fd, UIO_DMA_IOC_START, &arg);
}

static void other(struct thread *t)
{
	struct uio_dma_query q;

	switch (next(t) % 5) {
	case 0:
		ioctl(fd, UIO_DMA_IOC_QUERY, &q);
		break;
	case 1:
		ioctl(fd, UIO_DMA_IOC_MASTER, next(t) % 3);
		break;
	case 2:
		ioctl(fd, UIO_DMA_IOC_QUERY, address(t));
		break;
	case 3:
		ioctl(fd, next(t), address(t));
		break;
	default:
		ioctl(fd, _IOC(next(t) % 4, UIO_DMA_IOC, next(t) % 16, next(t) % 200), address(t));
	}
}

static void *work(void *arg)
{
	struct thread *t = arg;

	while (t->calls--) {
		unsigned int kind = next(t) % 100;

		if (kind < 55)
			one_op(t);
		else if (kind < 70)
			batch(t);
		else if (kind < 82)
			coherent(t);
		else if (kind < 90)
			disturb(t);
		else if (kind < 92)
			session(t);
		else
			other(t);
	}
	return NULL;
}

/* A process of threads; its end leaves everything as it is. */
static void generation(unsigned long calls, uint64_t seed)
{
	struct thread threads[THREADS];

	pool = mmap(NULL, POOL * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(pool, 1, POOL * PAGE);
	fd = device_open();
	if (fd < 0)
		_exit(errno == ENOENT || errno == ENODEV ? 3 : 1);
	if (seed % 5)
		start(fd, seed % 2 ? UIO_DMA_MODE_COPY : UIO_DMA_MODE_ZEROCOPY, 32);
	for (int i = 0; i < THREADS; i++) {
		threads[i].state = seed * 0x9e3779b97f4a7c15 + i + 1;
		threads[i].calls = calls / THREADS + 1;
		pthread_create(&threads[i].id, NULL, work, &threads[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i].id, NULL);
	_exit(0);
}

int main(int argc, char **argv)
{
	const unsigned long each = 2000;
	unsigned long calls, done = 0;
	uint64_t seed;
	int status;

	if (argc != 4) {
		fprintf(stderr, "usage: %s BDF CALLS SEED\n", argv[0]);
		return 2;
	}
	bdf = argv[1];
	calls = strtoul(argv[2], NULL, 0);
	seed = strtoull(argv[3], NULL, 0);
	for (; done < calls; done += each, seed++) {
		pid_t child = fork();

		if (!child)
			generation(each, seed);
		/* Now and then it is killed amidst its calls. */
		if (seed % 3 == 0) {
			usleep(seed * 7919 % 200000);
			kill(child, SIGKILL);
		}
		waitpid(child, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 3) {
			printf("# the device went away after %lu calls\n", done);
			return 3;
		}
		if (WIFEXITED(status) && WEXITSTATUS(status)) {
			printf("# the device cannot be opened\n");
			return 1;
		}
	}
	printf("# %lu calls\n", done);
	return 0;
}
