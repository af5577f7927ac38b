// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: a part of what CONFIG_DEBUG_ATOMIC_SLEEP, kmemleak and lockdep's printed call sites tell, cheap
 * enough to be on in every recording. Calls of the functions in tables/guards.txt come here on their way from the thunk (entry.S), and
 * the event carries the driver's line, which no tracepoint of the callee knows. What a call gives the driver is remembered (memory.c).
 * Callable in any context.
 */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <linux/version.h>
#include <trace/events/error_report.h>
#include <ddet/ddetrace.h>

#include "../observe/probes.h"
#include "bind.h"
#include "delays.h"
#include "driver.h"
#include "guard.h"
#include "heap.h"
#include "interrupts.h"
#include "left.h"
#include "memory.h"
#include "objects.h"
#include "order.h"
#include "regions.h"
#include "skbs.h"

/* runtime/build/link/thunks.ts */
enum { SLEEP = 1, SITE = 2, IRQ = 4, REGION = 8, WIDEN = 16, FREES = 32, UNMARK = 64, PCI_IRQ = 128, COPIES = 1 << 24, DELAYS = 1 << 25, COPIES_STRING = 1 << 26, ADDS_STRING = 1 << 27, LOCK = 1 << 28 };
enum gives { NOTHING, MEMORY, PAGES, PAGE_ADDRESS, IOMAP, SKB, NETDEV, TEXT };
/* Bits of the event's context beside preempt_count(). */
#define CONTEXT_IRQS_OFF (1U << 30)
#define CONTEXT_MAY_SLEEP (1U << 31)

u8 dde_guards_on;

/* One load of what one push stored: a wider one would wait until the pushes have reached the cache. */
static unsigned long argument(const struct dde_guard_regs *r, unsigned int n)
{
	return n >= 1 && n <= 6 ? *(&r->rdi - (n - 1)) : 0;
}

/* With the zero at its end. */
static size_t string_size(u64 what, const struct dde_guard_regs *r)
{
	return strlen((const char *)r->rsi) + 1 + (what & ADDS_STRING ? strlen((const char *)r->rdi) : 0);
}

/* Where the context began that may not sleep, if a module's code did it: before the event that it may not. */
static void tell_since(u32 context)
{
	u32 place = dde_atomic_place(context);

	if (dde_in_driver(place))
		ddet_misuse(DDET_MISUSE_ATOMIC_SINCE, place, context, 0, 0);
}

bool dde_guard_check(u64 what, struct dde_guard_regs *r, const unsigned long *slot)
{
	u32 caller = ddet_real_return(slot, *slot);
	unsigned long object = argument(r, what >> 12 & 15), function = r->function;
	unsigned int gfp = what >> 8 & 15;
	bool sleeps = what & SLEEP, atomic;
	/* Below zero after Linux has set it right in a schedule() with a spinlock held, and the lock was released: that was told. */
	u32 context = max(preempt_count(), 0);

	if (gfp)
		sleeps = argument(r, gfp) & __GFP_DIRECT_RECLAIM;
	if (irqs_disabled())
		context |= CONTEXT_IRQS_OFF;
	atomic = sleeps && context;
	if (what & IRQ)
		dde_irq_requested(object, caller);
	if (what & PCI_IRQ)
		dde_irq_requested(pci_irq_vector((struct pci_dev *)r->rdi, r->rsi), caller);
	if (what & REGION)
		dde_region_requested(object, caller);
	if (what >> 20 & 15) {
		dde_skb_forget(argument(r, what >> 20 & 15));
		dde_memory_forget(argument(r, what >> 20 & 15));
	}
	if (what & COPIES)
		dde_heap_copied(object, argument(r, 3), caller);
	if (what & (COPIES_STRING | ADDS_STRING))
		dde_heap_copied(object, string_size(what, r), caller);
	if (what & LOCK)
		dde_order_forget(object);
	if (what & DELAYS && context)
		dde_delay(function, object, context, caller);
	if (sleeps && context)
		tell_since(context);
	dde_object_ends(what, r);
	if (what & WIDEN)
		dde_heap_widen(r, (what >> 12 & 15) == 3);
	if (what & UNMARK)
		dde_memory_unmark(object);
	if (atomic || what & SITE)
		ddet_call_site(caller, function, object, context | (sleeps ? CONTEXT_MAY_SLEEP : 0));
	return what & FREES && dde_heap_free(object, caller);
}

static size_t bar_size(const struct dde_guard_regs *r)
{
	return r->rsi < PCI_STD_NUM_BARS ? pci_resource_len((struct pci_dev *)r->rdi, r->rsi) : 0;
}

/* The memory that kfree() is called with when the device is freed: Linux 6.1 aligns the device in it. */
static unsigned long netdev_memory(struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	return (unsigned long)dev - dev->padded;
#else
	return (unsigned long)dev;
#endif
}

void dde_guard_gave(u64 what, const struct dde_guard_regs *r, const unsigned long *slot)
{
	unsigned int n = what >> 12 & 15;
	unsigned long ptr = r->rax;
	u32 caller;

	if (!dde_guards_on)
		return;
	caller = ddet_real_return(slot, *slot);
	dde_object_made(what, r, caller);
	if (!(dde_bound || dde_modules_act) || IS_ERR_OR_NULL((void *)ptr))
		return;
	switch (what >> 16 & 15) {
	case MEMORY:
		dde_memory_remember(DDET_LEAK_MEMORY, ptr, argument(r, n), caller);
		break;
	case PAGE_ADDRESS:
		ptr = (unsigned long)virt_to_page((void *)ptr);
		fallthrough;
	case PAGES:
		/* Without an argument for the order, which is never the first, it is one page. */
		dde_memory_remember(DDET_LEAK_PAGES, ptr, PAGE_SIZE << (n > 1 ? argument(r, n) : 0), caller);
		break;
	case IOMAP:
		dde_memory_remember(DDET_LEAK_IOMAP, ptr, n > 1 ? argument(r, n) : bar_size(r), caller);
		break;
	case SKB:
		dde_skb_remember(ptr, ((struct sk_buff *)ptr)->truesize, caller);
		break;
	case TEXT:
		dde_heap_copied(argument(r, n), (int)ptr > 0 ? (int)ptr + 1 : 0, caller);
		break;
	case NETDEV:
		dde_memory_remember(DDET_LEAK_NETDEV, netdev_memory((struct net_device *)ptr), sizeof(struct net_device), caller);
		break;
	}
}

static void on_warning(void *data, enum error_detector detector, unsigned long id)
{
	if (detector == ERROR_DETECTOR_WARN)
		ddet_misuse(DDET_MISUSE_WARNING, dde_driver_caller(), 0, 0, 0);
}

static int guards_on(void)
{
	dde_guards_on = true;
	return register_trace_error_report_end(on_warning, NULL);
}

static int guards_off(void)
{
	dde_guards_on = false;
	return unregister_trace_error_report_end(on_warning, NULL);
}

static struct dde_probe probe = { .category = DDET_CAT_CHECK, .on = guards_on, .off = guards_off };

static int __init guards_init(void)
{
	dde_probes_add(&probe, 1);
	return 0;
}
early_initcall(guards_init);
