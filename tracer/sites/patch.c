// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches sites on and off by rewriting 5 bytes of text: `jmp cell` against `jmp target` (API thunk) or nops (patchable entry).
 *
 * Called at a safe point by the holder of the virtual CPU: no other thread executes kernel text, and none stands between the
 * first and the last byte of a site (ddet_may_interrupt() sees to it). Cells are written once, for all sites, and are never
 * freed, so a frame that was entered before its site was switched off still returns through its cell.
 *
 * A site whose bytes are not the expected ones is left alone and counted: a debugger's breakpoint stands there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"
#include "sites/sites.h"

#define PATCH_PAGE 4096ul

unsigned long ddet_cells_base, ddet_cells_size;
const ddet_u64 *ddet_targets; /* where the function goes on when a call is passed untraced */

void ddet__stub_entry(void);
void ddet__stub_exit(void);

static unsigned int site_count, api_count;
static unsigned long *applied; /* the sites that are on */
static ddet_u64 *targets;
static unsigned char *applied_args; /* what the cells say: arguments recorded after the first */

/* One page of text while its sites are rewritten. */
static struct {
	unsigned long page; /* 0 = none */
	unsigned int from, to;
	unsigned char bytes[PATCH_PAGE];
} window;

static unsigned long site_addr(unsigned int i)
{
	if (i < api_count)
		return __start_ddet_api_sites[i].site;
	return __start___patchable_function_entries[i - api_count];
}

static unsigned long site_target(unsigned int i)
{
	return i < api_count ? __start_ddet_api_sites[i].target : site_addr(i) + 5;
}

static unsigned long cell_addr(unsigned int i)
{
	return ddet_cells_base + (unsigned long)i * DDET_CELL_BYTES;
}

unsigned long ddet__site_cell(unsigned int i)
{
	return i < site_count && ddet_cells_base ? cell_addr(i) : 0;
}

unsigned long ddet__site_function(unsigned int i)
{
	return i < api_count ? site_target(i) : site_addr(i);
}

/* Where the site jumps while it is on. */
static unsigned long entry_addr(unsigned int i)
{
	unsigned long trampoline = ddet__trigger_entry(i);

	return trampoline ? trampoline : cell_addr(i);
}

static void put32(unsigned char *at, unsigned int value)
{
	memcpy(at, &value, 4);
}

static void put_rel32(unsigned char *at, unsigned long from, unsigned long to)
{
	put32(at, (unsigned int)(to - (from + 4)));
}

static void make_jump(unsigned char *bytes, unsigned long at, unsigned long to)
{
	bytes[0] = 0xe9;
	put_rel32(bytes + 1, at + 1, to);
}

static void make_cell(unsigned char *c, unsigned long at, unsigned int i, unsigned long target)
{
	c[0] = 0x41, c[1] = 0xbb;
	put32(c + 2, i);
	c[6] = 0xe8;
	put_rel32(c + 7, at + 7, (unsigned long)ddet__stub_entry);
	c[11] = 0x48, c[12] = 0x83, c[13] = 0xc4, c[14] = 0x08;
	c[15] = 0xe8;
	put_rel32(c + 16, at + 16, target);
	c[20] = 0xb9;
	put32(c + 21, i);
	c[25] = 0xe8;
	put_rel32(c + 26, at + 26, (unsigned long)ddet__stub_exit);
	c[30] = 0x51;
	c[31] = 0xc3;
}

/* Address space for the cells within reach of a 32-bit jump from the text. */
static void *map_near(unsigned long bytes)
{
	unsigned long text = (unsigned long)ddet__stub_entry;

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

static void free_tables(void)
{
	free(applied);
	free(applied_args);
	free(targets);
	applied = NULL;
	applied_args = NULL;
	targets = NULL;
}

static int make_cells(void)
{
	unsigned long bytes = (site_count * (unsigned long)DDET_CELL_BYTES + PATCH_PAGE - 1) & ~(PATCH_PAGE - 1);
	unsigned char *cells = NULL;
	unsigned int i;

	applied = calloc(site_count / 64 + 1, sizeof(long));
	applied_args = calloc(site_count + 1, 1);
	targets = malloc(site_count * sizeof(*targets));
	if (applied && applied_args && targets)
		cells = map_near(bytes);
	if (!cells) {
		free_tables();
		return -ENOMEM;
	}
	for (i = 0; i < site_count; i++) {
		targets[i] = site_target(i);
		make_cell(cells + (unsigned long)i * DDET_CELL_BYTES, (unsigned long)cells + (unsigned long)i * DDET_CELL_BYTES, i,
			  targets[i]);
	}
	if (mprotect(cells, bytes, PROT_READ | PROT_EXEC)) {
		munmap(cells, bytes);
		free_tables();
		return -EACCES;
	}
	ddet_targets = targets;
	ddet_cells_base = (unsigned long)cells;
	ddet_cells_size = site_count * (unsigned long)DDET_CELL_BYTES;
	ddet_ctl->cells = ddet_cells_base;
	ddet_ctl->cell_bytes = DDET_CELL_BYTES;
	ddet_ctl->cell_return = DDET_CELL_RETURN;
	return 0;
}

int ddet_patch_init(void)
{
	api_count = (unsigned int)(__stop_ddet_api_sites - __start_ddet_api_sites);
	site_count = api_count + (unsigned int)(__stop___patchable_function_entries - __start___patchable_function_entries);
	if (site_count > DDET_MAX_SITES)
		site_count = DDET_MAX_SITES;
	ddet_ctl->site_count = site_count;
	ddet_ctl->api_site_count = api_count;
	return 0;
}

static void flush_window(void)
{
	if (window.page && window.from < window.to)
		ddet__write_text(window.page + window.from, window.bytes + window.from, window.to - window.from);
	window.page = 0;
}

static void write_byte(unsigned long addr, unsigned char value)
{
	unsigned long page = addr & ~(PATCH_PAGE - 1);
	unsigned int offset = (unsigned int)(addr - page);

	if (page != window.page) {
		flush_window();
		window.page = page;
		window.from = PATCH_PAGE;
		window.to = 0;
		memcpy(window.bytes, (const void *)page, PATCH_PAGE);
	}
	window.bytes[offset] = value;
	if (offset < window.from)
		window.from = offset;
	if (offset >= window.to)
		window.to = offset + 1;
}

static int is_off(unsigned int i, const unsigned char *code)
{
	static const unsigned char nops[5] = {0x90, 0x90, 0x90, 0x90, 0x90}, nop5[5] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	unsigned char jump[5];

	if (i >= api_count)
		return !memcmp(code, nops, 5) || !memcmp(code, nop5, 5);
	make_jump(jump, site_addr(i), site_target(i));
	return !memcmp(code, jump, 5);
}

/* Returns 0 when the site holds something else than it should. */
static int patch_site(unsigned int i, int on)
{
	static const unsigned char nop5[5] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	unsigned long addr = site_addr(i);
	unsigned char code[5], jump[5];
	int b;

	/* Sites do not overlap, so what the window holds back is never part of another one. */
	memcpy(code, (const void *)addr, 5);
	make_jump(jump, addr, entry_addr(i));
	if (on) {
		if (!is_off(i, code))
			return 0;
	} else {
		if (memcmp(code, jump, 5))
			return 0;
		if (i < api_count)
			make_jump(jump, addr, site_target(i));
		else
			memcpy(jump, nop5, 5);
	}
	for (b = 0; b < 5; b++)
		write_byte(addr + b, jump[b]);
	return 1;
}

/*
 * How many arguments a site's entry records stands in its cell's first instruction. A thread may have been interrupted behind that
 * instruction: it goes on with the old number, which is as good.
 */
static void set_args(unsigned int i, unsigned int n)
{
	unsigned int value;

	if (n > DDET_MAX_ARGS)
		n = DDET_MAX_ARGS;
	if (applied_args[i] == n)
		return;
	value = n << DDET_ARGS_SHIFT | i;
	if (ddet__write_text(cell_addr(i) + 2, &value, 4) == 0)
		applied_args[i] = (unsigned char)n;
}

void ddet__site_off(unsigned int i)
{
	if (i >= site_count || !(applied[i / 64] >> i % 64 & 1))
		return;
	if (patch_site(i, 0))
		applied[i / 64] ^= 1ul << i % 64;
	flush_window();
}

void ddet_patch_apply(const unsigned long *bitmap, const unsigned char *args)
{
	unsigned int words = (site_count + 63) / 64, w, skipped = 0, on = 0;

	ddet_ctl->skipped_sites = 0;
	if (!applied) {
		for (w = 0; w < words && !bitmap[w]; w++)
			;
		if (w == words || make_cells())
			return;
		ddet_measure_cost();
	}
	ddet__trigger_apply();
	for (w = 0; w < words; w++) {
		unsigned long want = *(volatile const unsigned long *)&bitmap[w], diff, rest;

		if (w == words - 1 && site_count % 64)
			want &= (1ul << site_count % 64) - 1;
		for (rest = want; rest; rest &= rest - 1) {
			unsigned int i = w * 64 + (unsigned int)__builtin_ctzl(rest);

			set_args(i, *(volatile const unsigned char *)&args[i]);
		}
		diff = want ^ applied[w];
		while (diff) {
			unsigned int bit = (unsigned int)__builtin_ctzl(diff);

			diff &= diff - 1;
			if (patch_site(w * 64 + bit, (int)(want >> bit & 1)))
				applied[w] ^= 1ul << bit;
			else
				skipped++;
		}
		on += (unsigned int)__builtin_popcountl(applied[w]);
	}
	flush_window();
	ddet_ctl->patched_sites = on;
	ddet_ctl->skipped_sites = skipped;
}

unsigned long ddet__caller(unsigned long ret)
{
	const struct ddet_shadow *s = ddet_cpu.shadow;

	if (!s)
		return ret;
	while ((--s)->ret - ddet_cells_base < ddet_cells_size)
		;
	return s->ret;
}

unsigned long ddet_real_return(const void *slot, unsigned long ret)
{
	const struct ddet_shadow *s = ddet_cpu.shadow;

	if (ret - ddet_cells_base >= ddet_cells_size || !s)
		return ret;
	/* Several entries may share the slot (tail calls): the oldest of them holds the caller. */
	while ((--s)->slot != ~0ull) {
		if (s->slot == (unsigned long)slot && s->ret - ddet_cells_base >= ddet_cells_size)
			return s->ret;
	}
	return ret;
}
