// SPDX-License-Identifier: GPL-2.0-only
/*
 * Safe points: what a recorder has changed in the control page comes into force. The holder of the virtual CPU only. This is where rings
 * (emit/) and sites (sites/) meet: neither knows the other.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include "abi/ddetrace.h"
#include "control/control.h"
#include "emit/ddet_cpu.h"
#include "sites/sites.h"

static void (*ddet_kick)(void);

void ddet__raise_kick(void)
{
	if (ddet_kick)
		ddet_kick();
}

static void ddet_on_kick(int sig)
{
	int saved = errno;

	(void)sig;
	ddet_kick();
	errno = saved;
}

void ddet_set_kick(void (*kick)(void))
{
	struct sigaction sa = { .sa_handler = ddet_on_kick, .sa_flags = SA_RESTART };

	if (!ddet_ctl || !kick)
		return;
	ddet_kick = kick;
	if (sigaction(SIGURG, &sa, NULL) == 0)
		ddet_ctl->flags |= DDET_CTL_KICK;
}

const unsigned long long *ddet_tracepoints(void)
{
	return ddet_ctl ? ddet_ctl->tracepoints : NULL;
}

unsigned int ddet_applied(void)
{
	return ddet_ctl ? ddet_ctl->applied_generation : 0;
}

/*
 * A recorder that was killed cannot switch tracing off. Once it has been seen alive (it may live in another pid namespace, where
 * it cannot be seen at all) its death ends the recording.
 */
static void ddet_watch_recorder(void)
{
	static unsigned int seen;
	static ddet_u64 next;
	ddet_u64 now = ddet_tsc();
	unsigned int pid = ddet_ctl->drainer_pid;
	int alive;

	if (now < next)
		return;
	next = now + (1ull << 30); /* about half a second */
	alive = kill((pid_t)pid, 0) == 0 || errno == EPERM;
	if (alive) {
		seen = pid;
	} else if (seen == pid) {
		seen = 0;
		memset((char *)ddet_ctl + ddet_ctl->bitmap_offset, 0, ddet_ctl->site_count / 8 + 1);
		ddet_ctl->categories = 0;
		ddet_ctl->trigger_count = 0;
		memset(ddet_ctl->tracepoints, 0, sizeof(ddet_ctl->tracepoints));
		ddet_ctl->drainer_pid = 0;
		ddet_ctl->generation++;
	}
}

static int any(const unsigned long *bitmap, unsigned int bits)
{
	unsigned int w, words = (bits + 63) / 64;

	for (w = 0; w < words && !bitmap[w]; w++)
		;
	return w < words;
}

/* Cells are made when the first site is to be switched on; an untraced process has none. */
static int make_cells(void)
{
	struct ddet_cells cells = { .enter = ddet__stub_entry, .leave = ddet__stub_exit };
	int err = ddet__cells_make(&cells, ddet__trigger_entry);

	if (err)
		return err;
	ddet_targets = cells.targets;
	ddet_cells_base = cells.base;
	ddet_cells_size = cells.size;
	ddet_ctl->cells = cells.base;
	ddet_ctl->cell_bytes = DDET_CELL_BYTES;
	ddet_ctl->cell_return = DDET_CELL_RETURN;
	ddet_measure_cost();
	return 0;
}

static void apply_sites(void)
{
	const unsigned long *bitmap = (const unsigned long *)((const char *)ddet_ctl + ddet_ctl->bitmap_offset);
	const unsigned char *args = (const unsigned char *)ddet_ctl + ddet_ctl->args_offset;
	unsigned int skipped;

	ddet_ctl->skipped_sites = 0;
	if (!ddet_cells_base && (!any(bitmap, ddet_ctl->site_count) || make_cells()))
		return;
	ddet__trigger_apply();
	ddet_ctl->patched_sites = ddet__sites_apply(bitmap, args, &skipped);
	ddet_ctl->skipped_sites = skipped;
}

void ddet_poll(void)
{
	unsigned int generation;

	if (!ddet_ctl)
		return;
	if (ddet_ctl->drainer_pid)
		ddet_watch_recorder();
	/* Partner: the recorder stores `generation` after all it asks for. */
	generation = *(volatile unsigned int *)&ddet_ctl->generation;
	if (generation == ddet_ctl->applied_generation)
		return;
	ddet_busy = 1;
	ddet_barrier();
	ddet__depth_apply(ddet_ctl->depth_limit);
	apply_sites();
	ddet_categories = ddet_ctl->categories;
	ddet_ctl->skipped_sites += ddet__events_apply(ddet_categories);
	ddet_barrier();
	ddet_busy = 0;
	ddet_ctl->applied_generation = generation;
}
