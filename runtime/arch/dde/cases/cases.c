// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: the two faults that the authors of the first DDE found with gdb and Callgrind, built in again
 * on request, so that the tool can be seen to find them (samples/case-studies). Kernel command line, never the default:
 *   dde.case=lost-softirq  a poll that used up its budget is left without raising NET_RX again, until the next interrupt. With the
 *                          device's interrupt masked for the poll there may be none, and the authors' connections hung; here a
 *                          timer wakes the poll after half a second, so that the workload ends
 *   dde.case=linear-v2p    virt_to_phys walks a list of all live DMA mappings (check/mappings.c)
 * The first works by probes on the core's tracepoints, registered only when asked for. One virtual CPU, softirq context.
 */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <trace/events/irq.h>
#include <ddet/ddetrace.h>

#include "../check/mappings.h"
#include "../kernel/dde.h"
#include "../observe/softirq.h"
#include "cases.h"

static bool lost_softirq __read_mostly;

/* An emulated network seldom has 64 packets waiting. */
#define CASE_WEIGHT 8

#define CASE_LONGEST (HZ / 2)

static bool in_net_rx, dropped, raised_by_irq;

static u32 walk(const void *addr)
{
	u64 start = ddet_tsc();

	dde_live_walk(addr);
	return ddet_tsc() - start;
}

static bool drops(unsigned int vec)
{
	return vec == NET_RX_SOFTIRQ && in_net_rx && !in_hardirq();
}

static void on_raise(void *data, unsigned int vec)
{
	if (drops(vec))
		dropped = true;
	else if (vec == NET_RX_SOFTIRQ)
		raised_by_irq = true;
}

static void on_entry(void *data, unsigned int vec)
{
	struct napi_struct *n;

	if (vec != NET_RX_SOFTIRQ)
		return;
	in_net_rx = true;
	dropped = raised_by_irq = false;
	list_for_each_entry(n, &this_cpu_ptr(&softnet_data)->poll_list, poll_list)
		n->weight = min(n->weight, CASE_WEIGHT);
}

static void raise_if_left(void)
{
	bool pending = local_softirq_pending() & BIT(NET_RX_SOFTIRQ);

	if (!in_net_rx && !pending && !list_empty(&this_cpu_ptr(&softnet_data)->poll_list))
		raise_softirq_irqoff(NET_RX_SOFTIRQ);
}

static void on_longest(struct timer_list *timer)
{
	local_irq_disable();
	raise_if_left();
	local_irq_enable();
}
static DEFINE_TIMER(longest, on_longest);

/* What the first DDE did: the handler "simply returned". */
static void on_exit(void *data, unsigned int vec)
{
	if (vec != NET_RX_SOFTIRQ)
		return;
	in_net_rx = false;
	if (dropped && !raised_by_irq && lost_softirq) {
		set_softirq_pending(local_softirq_pending() & ~BIT(NET_RX_SOFTIRQ));
		if (!timer_pending(&longest))
			mod_timer(&longest, jiffies + CASE_LONGEST);
	}
}

/* "... and so the driver went to sleep until it got woken up by the next interrupt." */
static void on_irq(void *data, int irq, struct irqaction *action, int ret)
{
	raise_if_left();
}

void dde_cases_end(void)
{
	if (!lost_softirq)
		return;
	lost_softirq = false;
	dde_softirq_lost = NULL;
	raise_softirq(NET_RX_SOFTIRQ);
}

static int __init choose(char *name)
{
	if (!strcmp(name, "lost-softirq")) {
		lost_softirq = true;
		dde_softirq_lost = drops;
	} else if (!strcmp(name, "linear-v2p")) {
		dde_live_listed = true;
		dde_v2p_walk = walk;
	} else {
		pr_warn("dde: no case study \"%s\" (lost-softirq, linear-v2p)\n", name);
	}
	return 0;
}
early_param("dde.case", choose);

static int __init start(void)
{
	if (!lost_softirq)
		return 0;
	return register_trace_softirq_raise(on_raise, NULL) ?: register_trace_softirq_entry(on_entry, NULL) ?:
	       register_trace_softirq_exit(on_exit, NULL) ?: register_trace_irq_handler_exit(on_irq, NULL);
}
early_initcall(start);
