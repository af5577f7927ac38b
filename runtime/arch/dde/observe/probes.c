// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for kernel/trace/trace_events.c: the list of those who tell of events. A probe is registered only while somebody records
 * its category, so an untraced run pays one test per tracepoint.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include "probes.h"
#include "trace.h"

static struct {
	struct dde_probe *rows;
	unsigned int count;
} groups[16];
static unsigned int group_count;
static unsigned int applied; /* the tracer's generation that they are registered for */
static bool ready;

void __init dde_probes_add(struct dde_probe *rows, unsigned int count)
{
	BUG_ON(group_count == ARRAY_SIZE(groups));
	groups[group_count].rows = rows;
	groups[group_count++].count = count;
}

static void update_one(struct dde_probe *p, bool on)
{
	if (p->change)
		p->change(on);
	else if (on != p->registered && (on ? p->on() : p->off()) == 0)
		p->registered = on;
}

static void update(struct work_struct *work)
{
	u32 want = READ_ONCE(ddet_categories);
	unsigned int g, i;

	for (g = 0; g < group_count; g++)
		for (i = 0; i < groups[g].count; i++)
			update_one(&groups[g].rows[i], want & groups[g].rows[i].category);
}
static DECLARE_WORK(update_work, update);

/* The idle loop, the tick and the recorder's interrupt come here. Registering sleeps, so that is left to a worker. */
void dde_trace_poll(void)
{
	ddet_poll();
	if (likely(ddet_applied() == applied) || !ready)
		return;
	applied = ddet_applied();
	schedule_work(&update_work);
}

static int __init probes_start(void)
{
	applied = ddet_applied();
	update(NULL);
	ready = true;
	return 0;
}
core_initcall(probes_start);
