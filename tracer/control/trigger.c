// SPDX-License-Identifier: GPL-2.0-only
/*
 * Triggers: a call of a chosen function asks for a snapshot, ends the recording, or records its C stack. A site with a trigger jumps
 * to a trampoline (trampoline.S), which calls ddet__trigger_hit() and goes on to the site's cell.
 *
 * A trampoline belongs to its site for good: a call that is on its way through one goes on to its own site's cell, whatever a recorder
 * changes meanwhile (a safe point may come in an interrupt of the C half).
 *
 * Runs in the middle of a traced call, before its entry is recorded: general registers only and no libc, as refill.c.
 */
#include "abi/ddetrace.h"
#include "control/control.h"
#include "control/trampolines.h"
#include "emit/ddet_cpu.h"
#include "sites/sites.h"

#define MAX_FRAMES 60u

extern const char ddet__trampolines[];
void ddet__trigger_hit(unsigned int number, const unsigned long *frame);

/* By trampoline: its site, and what it jumps on to. Only ever added to. */
static unsigned int sites[DDET_TRAMPOLINES], used;
unsigned long ddet__trigger_cells[DDET_TRAMPOLINES];

static struct ddet_trigger armed[DDET_MAX_TRIGGERS];
static unsigned int armed_count;

static unsigned int trampoline_of(unsigned int site)
{
	unsigned int n = 0;

	while (n < used && sites[n] != site)
		n++;
	return n;
}

/* Non-zero when the site has a trampoline; it is given one if there are any left. */
static int take_trampoline(unsigned int site)
{
	unsigned long cell = ddet__site_cell(site);

	if (!cell)
		return 0;
	if (trampoline_of(site) < used)
		return 1;
	if (used == DDET_TRAMPOLINES)
		return 0;
	sites[used] = site;
	ddet__trigger_cells[used] = cell;
	used++;
	return 1;
}

unsigned long ddet__trigger_entry(unsigned int i)
{
	for (unsigned int n = 0; n < armed_count; n++)
		if (armed[n].site == i)
			return (unsigned long)ddet__trampolines + trampoline_of(i) * DDET_TRAMPOLINE_BYTES;
	return 0;
}

static int same(unsigned int count)
{
	if (count != armed_count)
		return 0;
	for (unsigned int n = 0; n < count; n++)
		if (armed[n].site != ddet_ctl->triggers[n].site || armed[n].action != ddet_ctl->triggers[n].action)
			return 0;
	return 1;
}

void ddet__trigger_apply(void)
{
	unsigned int count = ddet_ctl->trigger_count, n;

	if (count > DDET_MAX_TRIGGERS)
		count = DDET_MAX_TRIGGERS;
	if (same(count))
		return;
	/* Off while the old list is still in force, then again on by the caller: each site's jump changes. */
	for (n = 0; n < armed_count; n++)
		ddet__site_off(armed[n].site);
	for (n = 0; n < count; n++)
		ddet__site_off(ddet_ctl->triggers[n].site);
	for (armed_count = 0, n = 0; n < count; n++) {
		struct ddet_trigger t = ddet_ctl->triggers[n];

		ddet_ctl->trigger_hits[n] = 0;
		/* A place in the list has a count of hits, so an unusable entry keeps its place. */
		armed[n] = t;
		if (!take_trampoline(t.site))
			armed[n].site = ~0u;
	}
	armed_count = count;
}

static void record_stack(unsigned int function, const unsigned long *frame)
{
	unsigned int pcs[MAX_FRAMES], n;
	unsigned long found[MAX_FRAMES];

	n = ddet_frames((unsigned long)frame, found, MAX_FRAMES);
	/* The kernel lies below 4 GiB, the C library that called the thread's function does not. */
	for (unsigned int i = 0; i < n; i++) {
		if (found[i] >> 32)
			n = i;
		else
			pcs[i] = (unsigned int)found[i];
	}
	ddet_stack(function, pcs, n);
}

void ddet__trigger_hit(unsigned int number, const unsigned long *frame)
{
	unsigned int site = sites[number], function, action, n = 0;

	while (n < armed_count && armed[n].site != site)
		n++;
	if (!ddet_categories || n == armed_count)
		return; /* the recording or the trigger has ended, the site is not yet off */
	function = (unsigned int)ddet__site_function(site);
	action = armed[n].action;
	ddet_ctl->trigger_hits[n]++;
	ddet_trigger(function, action);
	if (action == DDET_TRIGGER_STACK) {
		record_stack(function, frame);
	} else if (action == DDET_TRIGGER_SNAPSHOT) {
		ddet_barrier();
		ddet_ctl->snapshots++;
	} else if (action == DDET_TRIGGER_STOP) {
		/* Typed events end here; entries and exits at the next safe point, which switches the sites off. */
		ddet_categories = 0;
		ddet_ctl->categories = 0;
		ddet_ctl->trigger_count = 0;
		for (unsigned int w = 0; w < (ddet_ctl->site_count + 63) / 64; w++)
			((unsigned long *)((char *)ddet_ctl + ddet_ctl->bitmap_offset))[w] = 0;
		ddet_barrier();
		ddet_ctl->stops++;
		ddet_ctl->generation++;
		ddet__raise_kick();
	}
}
