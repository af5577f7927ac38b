// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for nothing in arch/: a part of what CONFIG_DEBUG_ATOMIC_SLEEP, kmemleak and lockdep's printed call sites tell, cheap
 * enough to be on in every recording. Calls of the functions in guards.txt come here on their way from the thunk (runtime/build
 * makes the __ddeguard_ entries), and the event carries the driver's line, which no tracepoint of the callee knows. What a call
 * gives the driver (memory, pages, mapped registers, socket buffers, a network device) is remembered until it is freed, by
 * whomever, or handed over to the core; what is left when the driver is unbound has leaked.
 * Callable in any context; the tables are protected by the interrupt flag.
 */
#include <linux/device.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/preempt.h>
#include <linux/sched/task_stack.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <trace/events/error_report.h>
#include <trace/events/kmem.h>
#include <trace/events/skb.h>
#include <ddekit/host.h>
#include <ddekit/irq.h>
#include <ddet/ddetrace.h>

#include "../kernel/dde.h"
#include "guard.h"

#define P(p) ((u32)(unsigned long)(p))

/* thunks.ts */
enum { SLEEP = 1, SITE = 2, IRQ = 4, REGION = 8 };
enum gives { NOTHING, MEMORY, PAGES, PAGE_ADDRESS, IOMAP, SKB, NETDEV };
/* Bits of the event's context beside preempt_count(). */
#define CONTEXT_IRQS_OFF (1U << 30)
#define CONTEXT_MAY_SLEEP (1U << 31)

extern const unsigned long dde_driver_text[]; /* written by runtime/build after the link */

u8 dde_guards_on;

bool dde_in_driver(unsigned long pc)
{
	const unsigned long *r;

	for (r = dde_driver_text; r[1]; r += 2)
		if (pc >= r[0] && pc < r[1])
			return true;
	return false;
}

struct frame {
	struct frame *next;
	unsigned long ret;
};

static bool on_stack(const struct frame *f)
{
	return object_is_on_stack(f) || (unsigned long)f - (unsigned long)task_stack_page(current) < THREAD_SIZE - sizeof(*f);
}

u32 dde_driver_caller_from(unsigned long frame)
{
	struct frame *f = (struct frame *)frame;
	unsigned int n;

	for (n = 0; n < 64 && on_stack(f); n++, f = f->next) {
		unsigned long pc = ddet_real_return(&f->ret, f->ret);

		if (dde_in_driver(pc))
			return pc;
		if (f->next <= f)
			break;
	}
	return 0;
}

u32 dde_driver_caller(void)
{
	return dde_driver_caller_from((unsigned long)__builtin_frame_address(0));
}

/* In the order in which dde_guard_entry pushes them, the last first. */
struct regs {
	unsigned long r9, r8, rcx, rdx, rsi, rdi, rax, function;
};

/* One load of what one push stored: a wider one would wait until the pushes have reached the cache. */
static unsigned long argument(const struct regs *r, unsigned int n)
{
	return n >= 1 && n <= 6 ? *(&r->rdi - (n - 1)) : 0;
}

static u32 irq_callers[DDEKIT_IRQ_COUNT];

static struct {
	unsigned long object;
	u32 caller;
} regions[32];
static unsigned int region_count;

static void remember_region(unsigned long object, u32 caller)
{
	unsigned int i = region_count++ % ARRAY_SIZE(regions);

	regions[i].object = object;
	regions[i].caller = caller;
}

static u32 region_caller(const struct pci_dev *pdev, const struct resource *r)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regions); i++)
		if (regions[i].caller && (regions[i].object == (unsigned long)pdev || regions[i].object == r->start))
			return regions[i].caller;
	return 0;
}

static void forget(unsigned long ptr);
static void forget_skb(unsigned long ptr);

void dde_guard_check(u32 what, const struct regs *r, const unsigned long *slot);
void dde_guard_check(u32 what, const struct regs *r, const unsigned long *slot)
{
	u32 caller = ddet_real_return(slot, *slot);
	unsigned long object = argument(r, what >> 12 & 15);
	unsigned int gfp = what >> 8 & 15;
	bool sleeps = what & SLEEP, atomic;
	u32 context = preempt_count();

	if (gfp)
		sleeps = argument(r, gfp) & __GFP_DIRECT_RECLAIM;
	if (irqs_disabled())
		context |= CONTEXT_IRQS_OFF;
	atomic = sleeps && context;
	if (what & IRQ && object < ARRAY_SIZE(irq_callers))
		irq_callers[object] = caller;
	if (what & REGION)
		remember_region(object, caller);
	if (what >> 20 & 15) {
		forget_skb(argument(r, what >> 20 & 15));
		forget(argument(r, what >> 20 & 15));
	}
	if (atomic || what & SITE)
		ddet_call_site(caller, r->function, object, context | (sleeps ? CONTEXT_MAY_SLEEP : 0));
}

#define FRAME \
	"	.cfi_startproc\n" \
	"	pushq %rbp\n" \
	"	.cfi_def_cfa_offset 16\n" \
	"	.cfi_offset %rbp, -16\n" \
	"	movq %rsp, %rbp\n" \
	"	.cfi_def_cfa_register %rbp\n"
/* Pushes a struct regs and calls dde_guard_check() with it. */
#define CHECK \
	"	pushq %r11\n" \
	"	pushq %rax\n" \
	"	pushq %rdi\n" \
	"	pushq %rsi\n" \
	"	pushq %rdx\n" \
	"	pushq %rcx\n" \
	"	pushq %r8\n" \
	"	pushq %r9\n" \
	"	movl %r10d, %edi\n" \
	"	movq %rsp, %rsi\n" \
	"	leaq 8(%rbp), %rdx\n" \
	"	call dde_guard_check\n"

/* r11 = the function, r10d = what; argument registers and the stack are the caller's. */
asm("	.pushsection .text.dde_guard_entry, \"ax\", @progbits\n"
    "	.globl dde_guard_entry\n"
    "	.type dde_guard_entry, @function\n"
    "dde_guard_entry:\n"
    FRAME
    CHECK
    "	popq %r9\n"
    "	popq %r8\n"
    "	popq %rcx\n"
    "	popq %rdx\n"
    "	popq %rsi\n"
    "	popq %rdi\n"
    "	popq %rax\n"
    "	popq %r11\n"
    "	popq %rbp\n"
    "	.cfi_def_cfa %rsp, 8\n"
    "	jmp *%r11\n"
    "	.cfi_endproc\n"
    "	.size dde_guard_entry, . - dde_guard_entry\n"
    /* The same for what gives something: calls the function, so that the result can be looked at. No argument is on the stack. */
    "	.globl dde_guard_gives\n"
    "	.type dde_guard_gives, @function\n"
    "dde_guard_gives:\n"
    FRAME
    "	pushq %r10\n"
    "	pushq %r10\n"
    CHECK
    "	movq (%rsp), %r9\n"
    "	movq 8(%rsp), %r8\n"
    "	movq 16(%rsp), %rcx\n"
    "	movq 24(%rsp), %rdx\n"
    "	movq 32(%rsp), %rsi\n"
    "	movq 40(%rsp), %rdi\n"
    "	movq 48(%rsp), %rax\n"
    "	call *56(%rsp)\n"
    "	movq %rax, 48(%rsp)\n"
    "	movl -8(%rbp), %edi\n"
    "	movq %rsp, %rsi\n"
    "	leaq 8(%rbp), %rdx\n"
    "	call dde_guard_gave\n"
    "	movq 48(%rsp), %rax\n"
    "	leave\n"
    "	.cfi_def_cfa %rsp, 8\n"
    "	ret\n"
    "	.cfi_endproc\n"
    "	.size dde_guard_gives, . - dde_guard_gives\n"
    "	.popsection\n");

u32 dde_irq_caller(unsigned int irq)
{
	return irq < ARRAY_SIZE(irq_callers) ? irq_callers[irq] : 0;
}

unsigned int dde_regions_report_leaks(struct pci_dev *pdev)
{
	unsigned int n = 0;
	char by[128];
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		struct resource *r = &pdev->resource[i], *root = &iomem_resource;
		u32 caller;

		if (!r->parent || !resource_size(r))
			continue;
		if (resource_type(r) == IORESOURCE_IO)
			root = &ioport_resource;
		if (__request_region(root, r->start, resource_size(r), "dde", 0)) {
			__release_region(root, r->start, resource_size(r));
			continue;
		}
		n++;
		caller = region_caller(pdev, r);
		ddekit_describe(caller, by, sizeof(by));
		pr_warn("dde: leak: BAR %d (%pR) is still claimed, by %s\n", i, r, by);
		dde_result("{\"type\":\"leak\",\"kind\":\"region\",\"bar\":%d,\"caller\":\"%s\"}", i, by);
		ddet_leak(DDET_LEAK_REGION, caller, r->start, resource_size(r));
	}
	return n;
}

/* What the driver got between probe and remove and what nobody has freed since; what does not fit is not known and never told. */
#define HASH_BITS 10
#define BLOCKS 4096

struct block {
	struct hlist_node node;
	unsigned long ptr;
	u32 caller;
	u32 size;
	u8 kind;
};

static struct block blocks[BLOCKS];
static struct hlist_head table[1 << HASH_BITS];
static struct block *unused;
static unsigned int used, live, live_pages, bound;

/*
 * Socket buffers come and go with every frame, so theirs is a table without chains: of two in one place the older one is no longer
 * known. An interrupt between the stores of remember_skb() can at worst make it name another line of the driver.
 */
#define SKBS 4096
#define SKB_SHIFT 8 /* they are a little smaller and aligned to cache lines */

static struct {
	unsigned long ptr;
	u32 caller;
	u32 size;
} skbs[SKBS];

static void remember_skb(unsigned long ptr, u32 size, u32 caller)
{
	unsigned int i = (ptr >> SKB_SHIFT) % SKBS;

	skbs[i].caller = caller;
	skbs[i].size = size;
	barrier();
	skbs[i].ptr = ptr;
}

static void forget_skb(unsigned long ptr)
{
	unsigned int i = (ptr >> SKB_SHIFT) % SKBS;

	if (skbs[i].ptr == ptr)
		skbs[i].ptr = 0;
}

static void forget(unsigned long ptr)
{
	struct hlist_head *head = &table[hash_long(ptr, HASH_BITS)];
	struct block *b;
	unsigned long flags;

	if (hlist_empty(head))
		return;
	raw_local_irq_save(flags);
	hlist_for_each_entry(b, head, node) {
		if (b->ptr != ptr)
			continue;
		hlist_del(&b->node);
		b->node.next = (struct hlist_node *)unused;
		unused = b;
		live--;
		if (b->kind == DDET_LEAK_PAGES)
			live_pages--;
		break;
	}
	raw_local_irq_restore(flags);
}

/* @caller: a return address in the driver. */
static void remember(u8 kind, unsigned long ptr, size_t size, u32 caller)
{
	unsigned long flags;
	struct block *b;

	raw_local_irq_save(flags);
	/* What it was before has gone unseen. Only registers can be mapped twice at one address, which takes two unmaps. */
	if (kind != DDET_LEAK_IOMAP)
		forget(ptr);
	b = unused;
	if (b)
		unused = (struct block *)b->node.next;
	else if (used < BLOCKS)
		b = &blocks[used++];
	if (b) {
		b->ptr = ptr;
		b->caller = caller;
		b->size = size;
		b->kind = kind;
		hlist_add_head(&b->node, &table[hash_long(ptr, HASH_BITS)]);
		live++;
		if (kind == DDET_LEAK_PAGES)
			live_pages++;
	}
	raw_local_irq_restore(flags);
}

static void remember_memory(unsigned long ret, const void *ptr, size_t size)
{
	unsigned long caller;

	if (!bound || !ptr)
		return;
	caller = ddet_caller(ret);
	if (dde_in_driver(caller))
		remember(DDET_LEAK_MEMORY, (unsigned long)ptr, size, caller);
}

static size_t bar_size(const struct regs *r)
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

void dde_guard_gave(u32 what, const struct regs *r, const unsigned long *slot);
void dde_guard_gave(u32 what, const struct regs *r, const unsigned long *slot)
{
	unsigned int n = what >> 12 & 15;
	unsigned long ptr = r->rax;
	u32 caller;

	if (!bound || IS_ERR_OR_NULL((void *)ptr) || !dde_guards_on)
		return;
	caller = ddet_real_return(slot, *slot);
	switch (what >> 16 & 15) {
	case MEMORY:
		remember(DDET_LEAK_MEMORY, ptr, argument(r, n), caller);
		break;
	case PAGE_ADDRESS:
		ptr = (unsigned long)virt_to_page((void *)ptr);
		fallthrough;
	case PAGES:
		/* Without an argument for the order, which is never the first, it is one page. */
		remember(DDET_LEAK_PAGES, ptr, PAGE_SIZE << (n > 1 ? argument(r, n) : 0), caller);
		break;
	case IOMAP:
		remember(DDET_LEAK_IOMAP, ptr, bar_size(r), caller);
		break;
	case SKB:
		remember_skb(ptr, ((struct sk_buff *)ptr)->truesize, caller);
		break;
	case NETDEV:
		remember(DDET_LEAK_NETDEV, netdev_memory((struct net_device *)ptr), sizeof(struct net_device), caller);
		break;
	}
}

static void on_kmalloc(void *data, unsigned long ret, const void *ptr, size_t req, size_t alloc, gfp_t gfp, int node)
{
	remember_memory(ret, ptr, req);
}

static void on_cache_alloc(void *data, unsigned long ret, const void *ptr, struct kmem_cache *cache, gfp_t gfp, int node)
{
	remember_memory(ret, ptr, kmem_cache_size(cache));
}

static void on_kfree(void *data, unsigned long ret, const void *ptr)
{
	forget((unsigned long)ptr);
}

static void on_cache_free(void *data, unsigned long ret, const void *ptr, const struct kmem_cache *cache)
{
	forget_skb((unsigned long)ptr);
	forget((unsigned long)ptr);
}

static void on_page_free(void *data, struct page *page, unsigned int order)
{
	if (live_pages)
		forget((unsigned long)page);
}

/* Beside these: what has no user left may go without them, as memory of its cache. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason)
#else
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason, struct sock *sk)
#endif
{
	forget_skb((unsigned long)skb);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static void on_consume_skb(void *data, struct sk_buff *skb)
#else
static void on_consume_skb(void *data, struct sk_buff *skb, void *location)
#endif
{
	forget_skb((unsigned long)skb);
}

unsigned int dde_memory_live(void)
{
	unsigned int n = live, i;

	for (i = 0; i < SKBS; i++)
		n += skbs[i].ptr != 0;
	return n;
}

static const char *const leak_names[] = {
	[DDET_LEAK_MEMORY] = "memory", [DDET_LEAK_IOMAP] = "iomap",   [DDET_LEAK_PAGES] = "pages",
	[DDET_LEAK_SKB] = "skb",       [DDET_LEAK_NETDEV] = "netdev",
};

/* The trace has all of them, the log the first ones. */
static void report_leak(unsigned int n, u8 kind, unsigned long ptr, u32 size, u32 caller)
{
	char by[128];

	ddet_leak(kind, caller, ptr, size);
	if (n >= 20)
		return;
	ddekit_describe(caller, by, sizeof(by));
	pr_warn("dde: leak: %u bytes of %s at %px allocated by %s\n", size, leak_names[kind], (void *)ptr, by);
	dde_result("{\"type\":\"leak\",\"kind\":\"%s\",\"address\":\"0x%lx\",\"size\":%u,\"caller\":\"%s\"}", leak_names[kind], ptr,
		   size, by);
}

void dde_memory_report_leaks(void)
{
	unsigned int n = 0, i;
	struct block *b;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		hlist_for_each_entry(b, &table[i], node)
			report_leak(n++, b->kind, b->ptr, b->size, b->caller);
	}
	for (i = 0; i < SKBS; i++) {
		if (skbs[i].ptr)
			report_leak(n++, DDET_LEAK_SKB, skbs[i].ptr, skbs[i].size, skbs[i].caller);
	}
}

static void on_warning(void *data, enum error_detector detector, unsigned long id)
{
	if (detector == ERROR_DETECTOR_WARN)
		ddet_misuse(DDET_MISUSE_WARNING, dde_driver_caller(), 0, 0, 0);
}

static int on_bus(struct notifier_block *nb, unsigned long action, void *device)
{
	struct device *dev = device;
	u32 id = pci_dev_id(to_pci_dev(dev));

	if (to_pci_dev(dev)->class >> 16 == PCI_BASE_CLASS_BRIDGE)
		return NOTIFY_DONE;
	if (action == BUS_NOTIFY_BIND_DRIVER) {
		bound++;
		ddet_bind(DDET_BIND_STATE_BIND, id);
	} else if (action == BUS_NOTIFY_BOUND_DRIVER) {
		ddet_bind(DDET_BIND_STATE_BOUND, id);
	} else if (action == BUS_NOTIFY_DRIVER_NOT_BOUND) {
		bound--;
		ddet_bind(DDET_BIND_STATE_FAILED, id);
	} else if (action == BUS_NOTIFY_UNBIND_DRIVER) {
		ddet_bind(DDET_BIND_STATE_UNBIND, id);
	} else if (action == BUS_NOTIFY_UNBOUND_DRIVER) {
		bound--;
		ddet_bind(DDET_BIND_STATE_UNBOUND, id);
	}
	return NOTIFY_DONE;
}

static struct notifier_block bus_block = { .notifier_call = on_bus };

void dde_guards_update(void)
{
	bool on = ddet_categories & DDET_CAT_CHECK;

	if (on == dde_guards_on)
		return;
	dde_guards_on = on;
	if (on) {
		register_trace_kmalloc(on_kmalloc, NULL);
		register_trace_kfree(on_kfree, NULL);
		register_trace_kmem_cache_alloc(on_cache_alloc, NULL);
		register_trace_kmem_cache_free(on_cache_free, NULL);
		register_trace_mm_page_free(on_page_free, NULL);
		register_trace_kfree_skb(on_kfree_skb, NULL);
		register_trace_consume_skb(on_consume_skb, NULL);
		register_trace_error_report_end(on_warning, NULL);
		return;
	}
	unregister_trace_kmalloc(on_kmalloc, NULL);
	unregister_trace_kfree(on_kfree, NULL);
	unregister_trace_kmem_cache_alloc(on_cache_alloc, NULL);
	unregister_trace_kmem_cache_free(on_cache_free, NULL);
	unregister_trace_mm_page_free(on_page_free, NULL);
	unregister_trace_kfree_skb(on_kfree_skb, NULL);
	unregister_trace_consume_skb(on_consume_skb, NULL);
	unregister_trace_error_report_end(on_warning, NULL);
	/* What is freed from now on goes unseen. */
	memset(table, 0, sizeof(table));
	memset(skbs, 0, sizeof(skbs));
	unused = NULL;
	used = live = live_pages = 0;
}

static int __init guards_init(void)
{
	return bus_register_notifier(&pci_bus_type, &bus_block);
}
arch_initcall(guards_init);
