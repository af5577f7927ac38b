// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for kernel/trace: probes on the core's own tracepoints that emit the event of the same name into the rings.
 * A probe is registered only while somebody records its category, so an untraced run pays one test per tracepoint.
 */
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/hrtimer.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <trace/events/irq.h>
#include <trace/events/error_report.h>
#include <trace/events/kmem.h>
#include <trace/events/lock.h>
#include <trace/events/napi.h>
#include <trace/events/net.h>
#include <trace/events/printk.h>
#include <trace/events/sched.h>
#include <trace/events/skb.h>
#include <trace/events/timer.h>
#include <trace/events/workqueue.h>
#ifdef CONFIG_BLOCK
#include <linux/blk-mq.h>
#include <trace/events/block.h>
#endif

#include "../cases/cases.h"
#include "../kernel/dde.h"
#include "../check/guard.h"
#include "packets.h"
#include "trace.h"

static void on_softirq_raise(void *data, unsigned int vec)
{
	if (likely(!dde_case_lost_softirq) || !dde_case_drops(vec))
		ddet_softirq_raise(vec);
}

/*
 * One run of __do_softirq(): it goes round while there is something pending, up to 10 times or 2 ms, and leaves the rest to ksoftirqd.
 * Linux does not say which of these it was, so the rounds are counted here: within a round the vectors ascend.
 */
static struct {
	const void *frame;
	unsigned long began; /* jiffies */
	unsigned int rounds, last;
	bool more; /* something was pending when the last vector was done */
} run;

#define MAX_ROUNDS 10

static void on_softirq_entry(void *data, unsigned int vec)
{
	/* Its frame: this function's caller is the tracepoint's iterator, and its caller __do_softirq(). */
	const struct dde_frame *f = __builtin_frame_address(0);
	const void *frame = f->next->next;

	if (frame != run.frame || (vec <= run.last && !run.more)) {
		run.frame = frame;
		run.began = jiffies;
		run.rounds = 1;
	} else if (vec <= run.last) {
		run.rounds++;
	}
	run.last = vec;
	ddet_softirq_entry(vec);
}

static void on_softirq_exit(void *data, unsigned int vec)
{
	run.more = local_softirq_pending();
	ddet_softirq_exit(vec);
}

/* Woken by __do_softirq(), which gives up, or by raise_softirq() outside of interrupts (or with threaded ones). */
static void on_sched_waking(void *data, struct task_struct *p)
{
	u32 reason = DDET_HANDOVER_OTHER;

	if (p != this_cpu_ksoftirqd())
		return;
	if (in_serving_softirq()) {
		if (need_resched())
			reason = DDET_HANDOVER_NEED_RESCHED;
		else if (run.rounds >= MAX_ROUNDS)
			reason = DDET_HANDOVER_MAX_RESTART;
		else
			reason = DDET_HANDOVER_TIME;
	}
	ddet_softirq_handover(local_softirq_pending(), reason);
}

static void on_irq_handler_entry(void *data, int irq, struct irqaction *action)
{
	ddet_irq_handler_entry(irq, P(action->handler), P(action->dev_id));
}

static void on_irq_handler_exit(void *data, int irq, struct irqaction *action, int ret)
{
	ddet_irq_handler_exit(irq, ret);
}

static void on_napi_poll(void *data, struct napi_struct *napi, int work, int budget)
{
	ddet_napi_poll(work, budget, P(napi), P(napi->dev), P(napi->poll));
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
static void on_timer_start(void *data, struct timer_list *timer, unsigned long expires, unsigned int flags)
{
	ddet_timer_start(P(timer), P(timer->function), expires);
}
#else
static void on_timer_start(void *data, struct timer_list *timer, unsigned long bucket_expiry)
{
	ddet_timer_start(P(timer), P(timer->function), timer->expires);
}
#endif

static void on_timer_cancel(void *data, struct timer_list *timer)
{
	ddet_timer_cancel(P(timer));
}

static void on_timer_expire_entry(void *data, struct timer_list *timer, unsigned long baseclk)
{
	ddet_timer_expire_entry(P(timer), P(timer->function));
}

static void on_timer_expire_exit(void *data, struct timer_list *timer)
{
	ddet_timer_expire_exit(P(timer));
}

static void on_hrtimer_start(void *data, struct hrtimer *timer, enum hrtimer_mode mode, bool was_armed)
{
	ddet_hrtimer_start(P(timer), P(timer->function), timer->node.expires);
}

static void on_hrtimer_cancel(void *data, struct hrtimer *timer)
{
	ddet_hrtimer_cancel(P(timer));
}

static void on_hrtimer_expire_entry(void *data, struct hrtimer *timer, ktime_t *now)
{
	ddet_hrtimer_expire_entry(P(timer), P(timer->function));
}

static void on_hrtimer_expire_exit(void *data, struct hrtimer *timer)
{
	ddet_hrtimer_expire_exit(P(timer));
}

static void on_workqueue_queue_work(void *data, int cpu, struct pool_workqueue *pwq, struct work_struct *work)
{
	ddet_workqueue_queue_work(P(work), P(work->func), P(pwq));
}

static void on_workqueue_activate_work(void *data, struct work_struct *work)
{
	ddet_workqueue_activate_work(P(work));
}

static void on_workqueue_execute_start(void *data, struct work_struct *work)
{
	ddet_workqueue_execute_start(P(work), P(work->func));
}

static void on_workqueue_execute_end(void *data, struct work_struct *work, work_func_t function)
{
	ddet_workqueue_execute_end(P(work), P(function));
}

static void on_sched_wakeup(void *data, struct task_struct *p)
{
	ddet_sched_wakeup(task_pid_nr(p), task_pid_nr(current));
}

static void on_kmalloc(void *data, unsigned long caller, const void *ptr, size_t req, size_t alloc, gfp_t gfp, int node)
{
	ddet_kmalloc(P(ptr), caller, req, alloc, (__force u32)gfp);
}

static void on_kfree(void *data, unsigned long caller, const void *ptr)
{
	ddet_kfree(P(ptr), caller);
}

static void on_kmem_cache_alloc(void *data, unsigned long caller, const void *ptr, struct kmem_cache *s, gfp_t gfp, int node)
{
	ddet_kmem_cache_alloc(P(ptr), caller, kmem_cache_size(s), kmem_cache_size(s), (__force u32)gfp);
}

static void on_kmem_cache_free(void *data, unsigned long caller, const void *ptr, const struct kmem_cache *s)
{
	ddet_kmem_cache_free(P(ptr), caller);
}

static void on_mm_page_alloc(void *data, struct page *page, unsigned int order, gfp_t gfp, int type)
{
	ddet_mm_page_alloc(page ? page_to_pfn(page) : 0, order, (__force u32)gfp, dde_caller_up(2));
}

static void on_mm_page_free(void *data, struct page *page, unsigned int order)
{
	ddet_mm_page_free(page_to_pfn(page), order, dde_caller_up(2));
}

static void on_netif_receive_skb(void *data, struct sk_buff *skb)
{
	ddet_netif_receive_skb(P(skb), skb->len, P(skb->dev), ntohs(skb->protocol));
}

static void on_net_dev_queue(void *data, struct sk_buff *skb)
{
	ddet_net_dev_queue(P(skb), skb->len, P(skb->dev));
}

static void on_net_dev_start_xmit(void *data, const struct sk_buff *skb, const struct net_device *dev)
{
	ddet_net_dev_start_xmit(P(skb), skb->len, P(dev));
}

static void on_net_dev_xmit(void *data, struct sk_buff *skb, int rc, struct net_device *dev, unsigned int len)
{
	ddet_net_dev_xmit(P(skb), len, P(dev), rc);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason)
#else
static void on_kfree_skb(void *data, struct sk_buff *skb, void *location, enum skb_drop_reason reason, struct sock *sk)
#endif
{
	ddet_kfree_skb(P(skb), P(location), reason);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static void on_consume_skb(void *data, struct sk_buff *skb)
{
	ddet_consume_skb(P(skb), dde_caller_up(2));
}
#else
static void on_consume_skb(void *data, struct sk_buff *skb, void *location)
{
	ddet_consume_skb(P(skb), P(location));
}
#endif

static void on_console(void *data, const char *text, size_t len)
{
	ddet_printk(dde_printk_level, text, len);
}

static void on_contention_begin(void *data, void *lock, unsigned int flags)
{
	u32 caller = dde_lock_caller(lock);

	ddet_contention_begin(P(lock), caller ? caller : dde_caller_up(3), flags);
}

static void on_contention_end(void *data, void *lock, int ret)
{
	ddet_contention_end(P(lock), ret);
}

static void on_error_report_end(void *data, enum error_detector detector, unsigned long id)
{
	static const char text[] = "WARN";

	if (detector == ERROR_DETECTOR_WARN)
		ddet_mark(DDET_MARK_WARN, text, sizeof(text) - 1);
}

#ifdef CONFIG_BLOCK
static void on_block_rq_issue(void *data, struct request *rq)
{
	struct gendisk *disk = rq->q->disk;

	ddet_block_rq_issue(P(rq), blk_rq_bytes(rq), blk_rq_pos(rq), rq->cmd_flags, disk ? disk_devt(disk) : 0);
}

static void on_block_rq_complete(void *data, struct request *rq, blk_status_t error, unsigned int bytes)
{
	ddet_block_rq_complete(P(rq), (__force u32)error, blk_rq_pos(rq), bytes);
}
#endif

#define PROBE(cat, event)                                                                       \
	{                                                                                       \
		.category = cat, .on = register_##event, .off = unregister_##event              \
	}
#define WRAP(event)                                                                             \
	static int register_##event(void)                                                       \
	{                                                                                       \
		return register_trace_##event(on_##event, NULL);                                \
	}                                                                                       \
	static int unregister_##event(void)                                                     \
	{                                                                                       \
		return unregister_trace_##event(on_##event, NULL);                              \
	}

#define FOR_EACH_PROBE(X)                                                                       \
	X(DDET_CAT_SOFTIRQ, softirq_raise)                                                      \
	X(DDET_CAT_SOFTIRQ, softirq_entry)                                                      \
	X(DDET_CAT_SOFTIRQ, softirq_exit)                                                       \
	X(DDET_CAT_SOFTIRQ, sched_waking)                                                       \
	X(DDET_CAT_IRQ, irq_handler_entry)                                                      \
	X(DDET_CAT_IRQ, irq_handler_exit)                                                       \
	X(DDET_CAT_NAPI, napi_poll)                                                             \
	X(DDET_CAT_TIMER, timer_start)                                                          \
	X(DDET_CAT_TIMER, timer_cancel)                                                         \
	X(DDET_CAT_TIMER, timer_expire_entry)                                                   \
	X(DDET_CAT_TIMER, timer_expire_exit)                                                    \
	X(DDET_CAT_TIMER, hrtimer_start)                                                        \
	X(DDET_CAT_TIMER, hrtimer_cancel)                                                       \
	X(DDET_CAT_TIMER, hrtimer_expire_entry)                                                 \
	X(DDET_CAT_TIMER, hrtimer_expire_exit)                                                  \
	X(DDET_CAT_WORK, workqueue_queue_work)                                                  \
	X(DDET_CAT_WORK, workqueue_activate_work)                                               \
	X(DDET_CAT_WORK, workqueue_execute_start)                                               \
	X(DDET_CAT_WORK, workqueue_execute_end)                                                 \
	X(DDET_CAT_SCHED, sched_wakeup)                                                         \
	X(DDET_CAT_KMEM, kmalloc)                                                               \
	X(DDET_CAT_KMEM, kfree)                                                                 \
	X(DDET_CAT_KMEM, kmem_cache_alloc)                                                      \
	X(DDET_CAT_KMEM, kmem_cache_free)                                                       \
	X(DDET_CAT_KMEM, mm_page_alloc)                                                         \
	X(DDET_CAT_KMEM, mm_page_free)                                                          \
	X(DDET_CAT_NET, netif_receive_skb)                                                      \
	X(DDET_CAT_NET, net_dev_queue)                                                          \
	X(DDET_CAT_NET, net_dev_start_xmit)                                                     \
	X(DDET_CAT_NET, net_dev_xmit)                                                           \
	X(DDET_CAT_NET, kfree_skb)                                                              \
	X(DDET_CAT_NET, consume_skb)                                                            \
	X(DDET_CAT_PRINTK, console)                                                             \
	X(DDET_CAT_LOCK, contention_begin)                                                      \
	X(DDET_CAT_LOCK, contention_end)                                                        \
	X(DDET_CAT_MARK, error_report_end)

#ifdef CONFIG_BLOCK
#define FOR_EACH_BLOCK_PROBE(X)                                                                 \
	X(DDET_CAT_BLOCK, block_rq_issue)                                                       \
	X(DDET_CAT_BLOCK, block_rq_complete)
#else
#define FOR_EACH_BLOCK_PROBE(X)
#endif

#define WRAP_X(cat, event) WRAP(event)
#define PROBE_X(cat, event) PROBE(cat, event),
FOR_EACH_PROBE(WRAP_X)
FOR_EACH_BLOCK_PROBE(WRAP_X)

static struct probe {
	u32 category;
	int (*on)(void);
	int (*off)(void);
	bool registered;
} probes[] = {
	FOR_EACH_PROBE(PROBE_X)
	FOR_EACH_BLOCK_PROBE(PROBE_X)
	{ .category = DDET_CAT_PACKET, .on = dde_packets_on, .off = dde_packets_off },
};

static unsigned int probes_for; /* the tracer's generation that they are registered for */

static void update(struct work_struct *work)
{
	u32 want = READ_ONCE(ddet_categories);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		struct probe *p = &probes[i];
		bool on = want & p->category;

		if (on == p->registered)
			continue;
		if ((on ? p->on() : p->off()) == 0)
			p->registered = on;
	}
	dde_tracepoints_update(want & DDET_CAT_TRACEPOINT);
	dde_guards_update();
}

static DECLARE_WORK(update_work, update);
static bool ready;

/* The idle loop, the tick and the recorder's interrupt come here. Registering sleeps, so that is left to a worker. */
void dde_trace_poll(void)
{
	ddet_poll();
	if (likely(ddet_applied() == probes_for) || !ready)
		return;
	probes_for = ddet_applied();
	schedule_work(&update_work);
}

static int __init dde_trace_start(void)
{
	probes_for = ddet_applied();
	update(NULL);
	ready = true;
	return 0;
}
core_initcall(dde_trace_start);
