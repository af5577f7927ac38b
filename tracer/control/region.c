// SPDX-License-Identifier: GPL-2.0-only
/* Attaches the process to the memory that it shares with its recorder, or makes that itself. Once, before the first thread. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "abi/clocks.h"
#include "abi/ddetrace.h"
#include "emit/ddet_cpu.h"
#include "sites/sites.h"

static int ddet_invariant_tsc(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
}

static int ddet_make_region(void)
{
	struct ddet_ctl ctl = { 0 };
	int fd, err;

	fd = memfd_create("ddetrace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	ddet_region_layout(&ctl, DDET_DEFAULT_RING_BYTES, DDET_MODE_DROP);
	if (ftruncate(fd, (off_t)ctl.region_bytes) || pwrite(fd, &ctl, sizeof(ctl), 0) != (ssize_t)sizeof(ctl) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

/* The region's part before the rings, or MAP_FAILED and errno. */
static struct ddet_ctl *ddet_map(int fd)
{
	struct ddet_ctl *ctl;
	struct stat st;
	ddet_u64 before;
	int valid;

	errno = EINVAL;
	if (fstat(fd, &st) || st.st_size < 4096)
		return MAP_FAILED;
	ctl = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (ctl == MAP_FAILED)
		return MAP_FAILED;
	valid = ddet_region_valid(ctl, (ddet_u64)st.st_size);
	before = ctl->rings_offset;
	munmap(ctl, 4096);
	if (!valid) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	return mmap(NULL, before, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

int ddet_init(int fd)
{
	struct ddet_ctl *ctl;
	int err, own = fd < 0;

	if (ddet_ctl)
		return -EBUSY;
	if (own)
		fd = ddet_make_region();
	if (fd < 0)
		return fd;
	ctl = ddet_map(fd);
	if (ctl == MAP_FAILED) {
		err = -errno;
		if (own)
			close(fd);
		return err;
	}
	ddet_ring_bytes = ctl->ring_bytes;
	ddet_rings_offset = ctl->rings_offset;
	ddet_slots = (struct ddet_slot *)((char *)ctl + ctl->table_offset);
	ddet_fd = fd;
	ddet_read_clocks(&ctl->tsc, &ctl->mono_raw, &ctl->realtime);
	ctl->pid = (unsigned int)getpid();
	ctl->site_count = ddet__sites_find(&ctl->api_site_count);
	ddet_ctl = ctl;
	ctl->flags = DDET_CTL_READY | (ddet_invariant_tsc() ? DDET_CTL_INVARIANT_TSC : 0);
	ddet_poll();
	return 0;
}
