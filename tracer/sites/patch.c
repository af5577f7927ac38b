// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches sites on and off by rewriting 5 bytes of text: `jmp cell` against `jmp target` (API thunk) or a nop (patchable entry).
 *
 * Called at a safe point by the holder of the virtual CPU: no other thread executes kernel text, and none stands between the
 * first and the last byte of a site (ddet_may_interrupt() sees to it).
 *
 * A site whose bytes are not the expected ones is left alone and counted: a debugger's breakpoint stands there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "abi/ddet_abi.h"
#include "sites/cells.h"
#include "sites/code.h"
#include "sites/sites.h"
#include "sites/text.h"

static unsigned int site_count, api_count;
static unsigned long *applied; /* the sites that are on */
static unsigned char *applied_args; /* what the cells say: arguments recorded after the first */
static unsigned long cells_base; /* 0: not made yet */
static unsigned long (*detour_of)(unsigned int site);

static unsigned long site_addr(unsigned int i)
{
	if (i < api_count)
		return __start_ddet_api_sites[i].site;
	return __start___patchable_function_entries[i - api_count];
}

static unsigned long site_target(unsigned int i)
{
	return i < api_count ? __start_ddet_api_sites[i].target : site_addr(i) + DDET_INSN_BYTES;
}

static unsigned long cell_addr(unsigned int i)
{
	return cells_base + (unsigned long)i * DDET_CELL_BYTES;
}

unsigned long ddet__site_cell(unsigned int i)
{
	return i < site_count && cells_base ? cell_addr(i) : 0;
}

unsigned long ddet__site_function(unsigned int i)
{
	return i < api_count ? site_target(i) : site_addr(i);
}

/* The build reserves the table before it knows what the linker keeps: its end may be zeros. */
static unsigned int count_entries(void)
{
	const unsigned long long *end = __stop___patchable_function_entries;

	while (end > __start___patchable_function_entries && end[-1] == 0)
		end--;
	return (unsigned int)(end - __start___patchable_function_entries);
}

unsigned int ddet__sites_find(unsigned int *api)
{
	api_count = (unsigned int)(__stop_ddet_api_sites - __start_ddet_api_sites);
	site_count = api_count + count_entries();
	if (site_count > DDET_MAX_SITES)
		site_count = DDET_MAX_SITES;
	*api = api_count;
	return site_count;
}

int ddet__cells_make(struct ddet_cells *cells, unsigned long (*detour)(unsigned int site))
{
	unsigned long long *targets = malloc((site_count + 1) * sizeof(*targets));
	int err = -ENOMEM;

	applied = calloc(site_count / 64 + 1, sizeof(long));
	applied_args = calloc(site_count + 1, 1);
	if (applied && applied_args && targets) {
		for (unsigned int i = 0; i < site_count; i++)
			targets[i] = site_target(i);
		cells->targets = targets;
		err = ddet__cells_write(cells, site_count);
	}
	if (err) {
		free(applied);
		free(applied_args);
		free(targets);
		return err;
	}
	cells_base = cells->base;
	detour_of = detour;
	return 0;
}

/* What the site holds while it is on: a jump to its detour or its cell. */
static void jump_on(unsigned int i, unsigned char *jump)
{
	unsigned long detour = detour_of(i);

	ddet_make_jump(jump, site_addr(i), detour ? detour : cell_addr(i));
}

static int is_off(unsigned int i, const unsigned char *code)
{
	static const unsigned char nops[DDET_INSN_BYTES] = { 0x90, 0x90, 0x90, 0x90, 0x90 };
	unsigned char jump[DDET_INSN_BYTES];

	if (i >= api_count)
		return !memcmp(code, nops, sizeof(nops)) || !memcmp(code, ddet_nop5, sizeof(ddet_nop5));
	ddet_make_jump(jump, site_addr(i), site_target(i));
	return !memcmp(code, jump, sizeof(jump));
}

/* Returns 0 when the site holds something else than it should. */
static int patch_site(unsigned int i, int on)
{
	unsigned long addr = site_addr(i);
	unsigned char code[DDET_INSN_BYTES], jump[DDET_INSN_BYTES];

	/* Sites do not overlap, so what text.c holds back is never part of another one. */
	memcpy(code, (const void *)addr, sizeof(code));
	jump_on(i, jump);
	if (on) {
		if (!is_off(i, code))
			return 0;
	} else {
		if (memcmp(code, jump, sizeof(jump)))
			return 0;
		if (i < api_count)
			ddet_make_jump(jump, addr, site_target(i));
		else
			memcpy(jump, ddet_nop5, sizeof(jump));
	}
	ddet__text_set(addr, jump, sizeof(jump));
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

/* Text that could not be written is as it was: what is on is read from it. */
static void read_back(unsigned int i)
{
	unsigned char jump[DDET_INSN_BYTES];
	unsigned long bit = 1ul << i % 64;

	jump_on(i, jump);
	if (memcmp((const void *)site_addr(i), jump, sizeof(jump)))
		applied[i / 64] &= ~bit;
	else
		applied[i / 64] |= bit;
}

void ddet__site_off(unsigned int i)
{
	if (!cells_base || i >= site_count || !(applied[i / 64] >> i % 64 & 1))
		return;
	if (patch_site(i, 0))
		applied[i / 64] ^= 1ul << i % 64;
	if (ddet__text_flush())
		read_back(i);
}

static unsigned long wanted(const unsigned long *bitmap, unsigned int w)
{
	unsigned long want = *(volatile const unsigned long *)&bitmap[w];

	return w == site_count / 64 ? want & ((1ul << site_count % 64) - 1) : want;
}

unsigned int ddet__sites_apply(const unsigned long *bitmap, const unsigned char *args, unsigned int *skipped)
{
	unsigned int words = (site_count + 63) / 64, w, i, on = 0;

	*skipped = 0;
	for (w = 0; w < words; w++) {
		unsigned long want = wanted(bitmap, w), rest;

		for (rest = want; rest; rest &= rest - 1) {
			i = w * 64 + (unsigned int)__builtin_ctzl(rest);
			set_args(i, *(volatile const unsigned char *)&args[i]);
		}
		for (rest = want ^ applied[w]; rest; rest &= rest - 1) {
			i = w * 64 + (unsigned int)__builtin_ctzl(rest);
			if (patch_site(i, (int)(want >> i % 64 & 1)))
				applied[w] ^= 1ul << i % 64;
			else
				++*skipped;
		}
	}
	if (ddet__text_flush()) {
		for (i = 0; i < site_count; i++)
			read_back(i);
		for (*skipped = 0, w = 0; w < words; w++)
			*skipped += (unsigned int)__builtin_popcountl(wanted(bitmap, w) ^ applied[w]);
	}
	for (w = 0; w < words; w++)
		on += (unsigned int)__builtin_popcountl(applied[w]);
	return on;
}
