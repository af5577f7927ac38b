// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cells: 32 bytes of code a site, where it jumps to while it is on (drawn in emit/calls.S). Written once, for all sites, and never
 * freed, so a frame that was entered before its site was switched off still returns through its cell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "sites/cells.h"
#include "sites/code.h"

#define PAGE 4096ul

/* Address space for the cells within reach of a 32-bit jump from the text. */
static void *map_near(unsigned long text, unsigned long bytes)
{
	for (long step = 1; step < 100; step++) {
		for (int sign = -1; sign <= 1; sign += 2) {
			long at = (long)(text & ~0xffffffl) + sign * step * 0x1000000;
			void *p;

			if (at < 0x10000)
				continue;
			/* A non-PIE executable keeps all kernel addresses below the DMA arena. */
			if (text < 0x60000000 && at + (long)bytes > 0x60000000)
				continue;
			p = mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
			if (p == (void *)at)
				return p;
			if (p != MAP_FAILED)
				munmap(p, bytes);
		}
	}
	return NULL;
}

static void make_cell(const struct ddet_cells *cells, unsigned char *c, unsigned int i)
{
	unsigned long at = (unsigned long)c;

	c[0] = 0x41, c[1] = 0xbb;
	memcpy(c + 2, &i, 4);
	c[6] = 0xe8;
	ddet_put_rel32(c + 7, at + 7, (unsigned long)cells->enter);
	c[11] = 0x48, c[12] = 0x83, c[13] = 0xc4, c[14] = 0x08;
	c[15] = 0xe8;
	ddet_put_rel32(c + 16, at + 16, cells->targets[i]);
	c[20] = 0xb9;
	memcpy(c + 21, &i, 4);
	c[25] = 0xe8;
	ddet_put_rel32(c + 26, at + 26, (unsigned long)cells->leave);
	c[30] = 0x51;
	c[31] = 0xc3;
}

int ddet__cells_write(struct ddet_cells *cells, unsigned int count)
{
	unsigned long bytes = (count * (unsigned long)DDET_CELL_BYTES + PAGE - 1) & ~(PAGE - 1);
	unsigned char *at = map_near((unsigned long)cells->enter, bytes);
	unsigned int i;

	if (!at)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		make_cell(cells, at + (unsigned long)i * DDET_CELL_BYTES, i);
	if (mprotect(at, bytes, PROT_READ | PROT_EXEC)) {
		munmap(at, bytes);
		return -EACCES;
	}
	cells->base = (unsigned long)at;
	cells->size = count * (unsigned long)DDET_CELL_BYTES;
	return 0;
}
