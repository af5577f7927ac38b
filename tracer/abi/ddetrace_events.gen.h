/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Generated from tracer/format/events.json by tracer/format/gen.ts. Do not edit. */
#ifndef DDETRACE_EVENTS_GEN_H
#define DDETRACE_EVENTS_GEN_H

#define DDET_CAT_API (1u << 0) /* driver-to-kernel API calls (thunk sites) */
#define DDET_CAT_CALLBACK (1u << 1) /* calls from the core into the driver (patchable sites) */
#define DDET_CAT_FUNC (1u << 2) /* functions inside the driver (patchable sites) */
#define DDET_CAT_CORE (1u << 3) /* functions inside the core (patchable sites) */
#define DDET_CAT_IRQ (1u << 4) /* interrupts */
#define DDET_CAT_SOFTIRQ (1u << 5) /* softirqs and ksoftirqd */
#define DDET_CAT_NAPI (1u << 6) /* NAPI scheduling and polls */
#define DDET_CAT_DMA (1u << 7) /* DMA mappings */
#define DDET_CAT_V2P (1u << 8) /* virt_to_phys and phys_to_virt */
#define DDET_CAT_MMIO (1u << 9) /* MMIO, port and config space accesses */
#define DDET_CAT_TIMER (1u << 10) /* timers and hrtimers */
#define DDET_CAT_WORK (1u << 11) /* work queues */
#define DDET_CAT_SCHED (1u << 12) /* virtual CPU switches and wake-ups */
#define DDET_CAT_KMEM (1u << 13) /* slab and page allocator */
#define DDET_CAT_NET (1u << 14) /* packets */
#define DDET_CAT_PRINTK (1u << 15) /* kernel messages */
#define DDET_CAT_LOCK (1u << 16) /* contended or long-held locks */
#define DDET_CAT_BLOCK (1u << 17) /* block requests */
#define DDET_CAT_MARK (1u << 18) /* marks set by the tool or a trigger */
#define DDET_CAT_TRACEPOINT (1u << 19) /* other tracepoints of the core or the driver, by name */
#define DDET_CAT_PACKET (1u << 20) /* the bytes of each packet that driver and core hand to each other */
#define DDET_CAT_SYSCALL (1u << 21) /* system calls of the user's program, and its stack at each */
#define DDET_CAT_CHECK (1u << 22) /* what the runtime notices by itself: binding, call sites that matter to findings, misuse, leaks */

enum {
	DDET_EV_SOFTIRQ_RAISE = 1,
	DDET_EV_SOFTIRQ_ENTRY = 2,
	DDET_EV_SOFTIRQ_EXIT = 3,
	DDET_EV_SOFTIRQ_HANDOVER = 4,
	DDET_EV_IRQ_HANDLER_ENTRY = 8,
	DDET_EV_IRQ_HANDLER_EXIT = 9,
	DDET_EV_IRQ_SIGNAL = 10,
	DDET_EV_IRQ_DELIVER = 11,
	DDET_EV_IRQ_MASK = 12,
	DDET_EV_IRQ_UNMASK = 13,
	DDET_EV_NAPI_POLL = 16,
	DDET_EV_NAPI_SCHEDULE = 17,
	DDET_EV_NAPI_COMPLETE = 18,
	DDET_EV_TIMER_START = 24,
	DDET_EV_TIMER_CANCEL = 25,
	DDET_EV_TIMER_EXPIRE_ENTRY = 26,
	DDET_EV_TIMER_EXPIRE_EXIT = 27,
	DDET_EV_HRTIMER_START = 28,
	DDET_EV_HRTIMER_CANCEL = 29,
	DDET_EV_HRTIMER_EXPIRE_ENTRY = 30,
	DDET_EV_HRTIMER_EXPIRE_EXIT = 31,
	DDET_EV_WORKQUEUE_QUEUE_WORK = 40,
	DDET_EV_WORKQUEUE_ACTIVATE_WORK = 41,
	DDET_EV_WORKQUEUE_EXECUTE_START = 42,
	DDET_EV_WORKQUEUE_EXECUTE_END = 43,
	DDET_EV_SCHED_SWITCH = 48,
	DDET_EV_SCHED_WAKEUP = 49,
	DDET_EV_CPU_IDLE = 50,
	DDET_EV_KMALLOC = 56,
	DDET_EV_KFREE = 57,
	DDET_EV_KMEM_CACHE_ALLOC = 58,
	DDET_EV_KMEM_CACHE_FREE = 59,
	DDET_EV_MM_PAGE_ALLOC = 60,
	DDET_EV_MM_PAGE_FREE = 61,
	DDET_EV_NETIF_RECEIVE_SKB = 72,
	DDET_EV_NET_DEV_QUEUE = 73,
	DDET_EV_NET_DEV_START_XMIT = 74,
	DDET_EV_NET_DEV_XMIT = 75,
	DDET_EV_KFREE_SKB = 76,
	DDET_EV_CONSUME_SKB = 77,
	DDET_EV_PACKET = 80,
	DDET_EV_PACKET_DATA = 81,
	DDET_EV_PACKET_REFUSED = 82,
	DDET_EV_VIRT_TO_PHYS = 88,
	DDET_EV_PHYS_TO_VIRT = 89,
	DDET_EV_DMA_MAP = 96,
	DDET_EV_DMA_UNMAP = 97,
	DDET_EV_DMA_ALLOC = 98,
	DDET_EV_DMA_FREE = 99,
	DDET_EV_DMA_SYNC = 100,
	DDET_EV_MMIO_READ = 112,
	DDET_EV_MMIO_WRITE = 113,
	DDET_EV_PIO_READ = 114,
	DDET_EV_PIO_WRITE = 115,
	DDET_EV_CONFIG_READ = 116,
	DDET_EV_CONFIG_WRITE = 117,
	DDET_EV_PRINTK = 128,
	DDET_EV_MARK = 129,
	DDET_EV_TRIGGER = 130,
	DDET_EV_STACK = 131,
	DDET_EV_CONTENTION_BEGIN = 136,
	DDET_EV_CONTENTION_END = 137,
	DDET_EV_LOCK_HELD = 138,
	DDET_EV_BLOCK_RQ_ISSUE = 144,
	DDET_EV_BLOCK_RQ_COMPLETE = 145,
	DDET_EV_CALL_SITE = 176,
	DDET_EV_BIND = 177,
	DDET_EV_LEAK = 178,
	DDET_EV_MISUSE = 179,
	DDET_EV_PROGRAM_FRAME = 184,
	DDET_EV_PROGRAM_STACK = 185,
	DDET_EV_SYSCALL_ENTRY = 186,
	DDET_EV_SYSCALL_EXIT = 187,
};

enum {
	DDET_SOFTIRQ_HI = 0,
	DDET_SOFTIRQ_TIMER = 1,
	DDET_SOFTIRQ_NET_TX = 2,
	DDET_SOFTIRQ_NET_RX = 3,
	DDET_SOFTIRQ_BLOCK = 4,
	DDET_SOFTIRQ_IRQ_POLL = 5,
	DDET_SOFTIRQ_TASKLET = 6,
	DDET_SOFTIRQ_SCHED = 7,
	DDET_SOFTIRQ_HRTIMER = 8,
	DDET_SOFTIRQ_RCU = 9,
};

enum {
	DDET_DMA_DIR_BIDIRECTIONAL = 0,
	DDET_DMA_DIR_TO_DEVICE = 1,
	DDET_DMA_DIR_FROM_DEVICE = 2,
	DDET_DMA_DIR_NONE = 3,
};

enum {
	DDET_DMA_KIND_SINGLE = 0,
	DDET_DMA_KIND_PAGE = 1,
	DDET_DMA_KIND_SG = 2,
	DDET_DMA_KIND_RESOURCE = 3,
	DDET_DMA_KIND_POOL = 4,
};

enum {
	DDET_DMA_TARGET_CPU = 0,
	DDET_DMA_TARGET_DEVICE = 1,
};

enum {
	DDET_PACKET_DIR_RX = 0,
	DDET_PACKET_DIR_TX = 1,
};

enum {
	DDET_HANDOVER_OTHER = 0,
	DDET_HANDOVER_MAX_RESTART = 1,
	DDET_HANDOVER_TIME = 2,
	DDET_HANDOVER_NEED_RESCHED = 3,
};

enum {
	DDET_TASK_STATE_RUNNING = 0,
	DDET_TASK_STATE_SLEEPING = 1,
	DDET_TASK_STATE_DISK_SLEEP = 2,
	DDET_TASK_STATE_STOPPED = 3,
	DDET_TASK_STATE_TRACED = 4,
	DDET_TASK_STATE_DEAD = 5,
	DDET_TASK_STATE_ZOMBIE = 6,
	DDET_TASK_STATE_PARKED = 7,
	DDET_TASK_STATE_IDLE = 8,
};

enum {
	DDET_TRIGGER_NONE = 0,
	DDET_TRIGGER_SNAPSHOT = 1,
	DDET_TRIGGER_STOP = 2,
	DDET_TRIGGER_STACK = 3,
};

enum {
	DDET_BIND_STATE_BIND = 0,
	DDET_BIND_STATE_BOUND = 1,
	DDET_BIND_STATE_FAILED = 2,
	DDET_BIND_STATE_UNBIND = 3,
	DDET_BIND_STATE_UNBOUND = 4,
};

enum {
	DDET_LEAK_DMA_STREAMING = 0,
	DDET_LEAK_DMA_COHERENT = 1,
	DDET_LEAK_IRQ = 2,
	DDET_LEAK_MEMORY = 3,
	DDET_LEAK_REGION = 4,
	DDET_LEAK_IOMAP = 5,
	DDET_LEAK_PAGES = 6,
	DDET_LEAK_SKB = 7,
	DDET_LEAK_NETDEV = 8,
	DDET_LEAK_OBJECT = 9,
	DDET_LEAK_VECTORS = 10,
	DDET_LEAK_ENABLED = 11,
	DDET_LEAK_BUS_MASTER = 12,
};

enum {
	DDET_MISUSE_DMA_MAP_FAILED = 0,
	DDET_MISUSE_DMA_ERROR_USED = 1,
	DDET_MISUSE_DMA_CPU_WRITE = 2,
	DDET_MISUSE_DMA_CPU_READ = 3,
	DDET_MISUSE_WARNING = 4,
	DDET_MISUSE_DMA_NOT_GIVEN = 5,
	DDET_MISUSE_DMA_STACK = 6,
	DDET_MISUSE_DMA_NO_MEMORY = 7,
	DDET_MISUSE_DMA_SG_NENTS = 8,
	DDET_MISUSE_DOUBLE_FREE = 9,
	DDET_MISUSE_FREED_WRITE = 10,
	DDET_MISUSE_HEAP_OVERFLOW = 11,
	DDET_MISUSE_DMA_POINTER = 12,
	DDET_MISUSE_DMA_NOWHERE = 13,
	DDET_MISUSE_MMIO_UNMAPPED = 14,
	DDET_MISUSE_BAD_FREE = 15,
	DDET_MISUSE_ATOMIC_LEFT = 16,
	DDET_MISUSE_LOCK_LEFT = 17,
	DDET_MISUSE_BAD_COPY = 18,
	DDET_MISUSE_BAD_UNMAP = 19,
	DDET_MISUSE_DMA_FREED = 20,
	DDET_MISUSE_ACCESS_BEYOND = 21,
	DDET_MISUSE_ACCESS_FREED = 22,
	DDET_MISUSE_INDEX_BEYOND = 23,
	DDET_MISUSE_LONG_DELAY = 24,
	DDET_MISUSE_DMA_STALE = 25,
	DDET_MISUSE_ATOMIC_SINCE = 26,
	DDET_MISUSE_LOCK_ORDER = 27,
	DDET_MISUSE_KERNEL_SAID = 28,
};

enum {
	DDET_LOCK_KIND_MUTEX = 0,
	DDET_LOCK_KIND_SEMAPHORE = 1,
	DDET_LOCK_KIND_READ = 2,
	DDET_LOCK_KIND_WRITE = 3,
};

enum {
	DDET_MARK_USER = 0,
	DDET_MARK_TRIGGER = 1,
	DDET_MARK_WORKLOAD = 2,
	DDET_MARK_WARN = 3,
	DDET_MARK_BUG = 4,
	DDET_MARK_OOPS = 5,
	DDET_MARK_PANIC = 6,
};

/* irq:softirq_raise: vec */
static inline __attribute__((always_inline)) void ddet_softirq_raise(unsigned int vec)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SOFTIRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SOFTIRQ)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_SOFTIRQ_RAISE), vec);
}

/* irq:softirq_entry: vec */
static inline __attribute__((always_inline)) void ddet_softirq_entry(unsigned int vec)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SOFTIRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SOFTIRQ)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_SOFTIRQ_ENTRY), vec);
}

/* irq:softirq_exit: vec */
static inline __attribute__((always_inline)) void ddet_softirq_exit(unsigned int vec)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SOFTIRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SOFTIRQ)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_SOFTIRQ_EXIT), vec);
}

/* dde:softirq_handover: pending, reason */
static inline __attribute__((always_inline)) void ddet_softirq_handover(unsigned int pending, unsigned int reason)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SOFTIRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SOFTIRQ)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_SOFTIRQ_HANDOVER), pending, (unsigned long long)reason, 0);
}

/* irq:irq_handler_entry: irq, handler, dev_id */
static inline __attribute__((always_inline)) void ddet_irq_handler_entry(unsigned int irq, unsigned int handler, unsigned int dev_id)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_IRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_IRQ)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_IRQ_HANDLER_ENTRY), irq, (unsigned long long)handler | (unsigned long long)dev_id << 32, 0);
}

/* irq:irq_handler_exit: irq, ret */
static inline __attribute__((always_inline)) void ddet_irq_handler_exit(unsigned int irq, unsigned int ret)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_IRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_IRQ)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_IRQ_HANDLER_EXIT), irq, (unsigned long long)ret, 0);
}

/* dde:irq_signal: irq, seen, vector */
static inline __attribute__((always_inline)) void ddet_irq_signal(unsigned int irq, unsigned long long seen, unsigned int vector)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_IRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_IRQ)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_IRQ_SIGNAL), irq, seen, (unsigned long long)vector);
}

/* dde:irq_deliver: irq, seen */
static inline __attribute__((always_inline)) void ddet_irq_deliver(unsigned int irq, unsigned long long seen)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_IRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_IRQ)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_IRQ_DELIVER), irq, seen, 0);
}

/* dde:irq_mask: irq */
static inline __attribute__((always_inline)) void ddet_irq_mask(unsigned int irq)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_IRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_IRQ)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_IRQ_MASK), irq);
}

/* dde:irq_unmask: irq */
static inline __attribute__((always_inline)) void ddet_irq_unmask(unsigned int irq)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_IRQ) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_IRQ)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_IRQ_UNMASK), irq);
}

/* napi:napi_poll: work, budget, napi, dev, poll */
static inline __attribute__((always_inline)) void ddet_napi_poll(unsigned int work, unsigned int budget, unsigned int napi, unsigned int dev, unsigned int poll)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NAPI) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NAPI)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_NAPI_POLL), work, (unsigned long long)budget | (unsigned long long)napi << 32, (unsigned long long)dev | (unsigned long long)poll << 32);
}

/* dde:napi_schedule: napi, caller */
static inline __attribute__((always_inline)) void ddet_napi_schedule(unsigned int napi, unsigned int caller)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NAPI) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NAPI)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_NAPI_SCHEDULE), napi, (unsigned long long)caller, 0);
}

/* dde:napi_complete: napi, work, again */
static inline __attribute__((always_inline)) void ddet_napi_complete(unsigned int napi, unsigned int work, unsigned int again)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NAPI) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NAPI)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_NAPI_COMPLETE), napi, (unsigned long long)work | (unsigned long long)again << 32, 0);
}

/* timer:timer_start: timer, function, expires */
static inline __attribute__((always_inline)) void ddet_timer_start(unsigned int timer, unsigned int function, unsigned long long expires)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_TIMER_START), timer, (unsigned long long)function, expires);
}

/* timer:timer_cancel: timer */
static inline __attribute__((always_inline)) void ddet_timer_cancel(unsigned int timer)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_TIMER_CANCEL), timer);
}

/* timer:timer_expire_entry: timer, function */
static inline __attribute__((always_inline)) void ddet_timer_expire_entry(unsigned int timer, unsigned int function)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_TIMER_EXPIRE_ENTRY), timer, (unsigned long long)function, 0);
}

/* timer:timer_expire_exit: timer */
static inline __attribute__((always_inline)) void ddet_timer_expire_exit(unsigned int timer)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_TIMER_EXPIRE_EXIT), timer);
}

/* timer:hrtimer_start: hrtimer, function, expires */
static inline __attribute__((always_inline)) void ddet_hrtimer_start(unsigned int hrtimer, unsigned int function, unsigned long long expires)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_HRTIMER_START), hrtimer, (unsigned long long)function, expires);
}

/* timer:hrtimer_cancel: hrtimer */
static inline __attribute__((always_inline)) void ddet_hrtimer_cancel(unsigned int hrtimer)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_HRTIMER_CANCEL), hrtimer);
}

/* timer:hrtimer_expire_entry: hrtimer, function */
static inline __attribute__((always_inline)) void ddet_hrtimer_expire_entry(unsigned int hrtimer, unsigned int function)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_HRTIMER_EXPIRE_ENTRY), hrtimer, (unsigned long long)function, 0);
}

/* timer:hrtimer_expire_exit: hrtimer */
static inline __attribute__((always_inline)) void ddet_hrtimer_expire_exit(unsigned int hrtimer)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_TIMER) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_TIMER)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_HRTIMER_EXPIRE_EXIT), hrtimer);
}

/* workqueue:workqueue_queue_work: work, function, workqueue */
static inline __attribute__((always_inline)) void ddet_workqueue_queue_work(unsigned int work, unsigned int function, unsigned int workqueue)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_WORK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_WORK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_WORKQUEUE_QUEUE_WORK), work, (unsigned long long)function | (unsigned long long)workqueue << 32, 0);
}

/* workqueue:workqueue_activate_work: work */
static inline __attribute__((always_inline)) void ddet_workqueue_activate_work(unsigned int work)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_WORK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_WORK)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_WORKQUEUE_ACTIVATE_WORK), work);
}

/* workqueue:workqueue_execute_start: work, function */
static inline __attribute__((always_inline)) void ddet_workqueue_execute_start(unsigned int work, unsigned int function)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_WORK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_WORK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_WORKQUEUE_EXECUTE_START), work, (unsigned long long)function, 0);
}

/* workqueue:workqueue_execute_end: work, function */
static inline __attribute__((always_inline)) void ddet_workqueue_execute_end(unsigned int work, unsigned int function)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_WORK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_WORK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_WORKQUEUE_EXECUTE_END), work, (unsigned long long)function, 0);
}

/* sched:sched_switch: prev_tid, next_tid, prev_state */
static inline __attribute__((always_inline)) void ddet_sched_switch(unsigned int prev_tid, unsigned int next_tid, unsigned int prev_state)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SCHED) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SCHED)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_SCHED_SWITCH), prev_tid, (unsigned long long)next_tid | (unsigned long long)prev_state << 32, 0);
}

/* sched:sched_wakeup: tid, waker */
static inline __attribute__((always_inline)) void ddet_sched_wakeup(unsigned int tid, unsigned int waker)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SCHED) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SCHED)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_SCHED_WAKEUP), tid, (unsigned long long)waker, 0);
}

/* power:cpu_idle: state */
static inline __attribute__((always_inline)) void ddet_cpu_idle(unsigned int state)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SCHED) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SCHED)
		ddet__emit0(DDET_ID_EVENT(0, DDET_EV_CPU_IDLE), state);
}

/* kmem:kmalloc: ptr, caller, bytes_req, bytes_alloc, gfp */
static inline __attribute__((always_inline)) void ddet_kmalloc(unsigned int ptr, unsigned int caller, unsigned int bytes_req, unsigned int bytes_alloc, unsigned int gfp)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_KMEM) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_KMEM)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_KMALLOC), ptr, (unsigned long long)caller | (unsigned long long)bytes_req << 32, (unsigned long long)bytes_alloc | (unsigned long long)gfp << 32);
}

/* kmem:kfree: ptr, caller */
static inline __attribute__((always_inline)) void ddet_kfree(unsigned int ptr, unsigned int caller)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_KMEM) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_KMEM)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_KFREE), ptr, (unsigned long long)caller, 0);
}

/* kmem:kmem_cache_alloc: ptr, caller, bytes_req, bytes_alloc, gfp */
static inline __attribute__((always_inline)) void ddet_kmem_cache_alloc(unsigned int ptr, unsigned int caller, unsigned int bytes_req, unsigned int bytes_alloc, unsigned int gfp)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_KMEM) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_KMEM)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_KMEM_CACHE_ALLOC), ptr, (unsigned long long)caller | (unsigned long long)bytes_req << 32, (unsigned long long)bytes_alloc | (unsigned long long)gfp << 32);
}

/* kmem:kmem_cache_free: ptr, caller */
static inline __attribute__((always_inline)) void ddet_kmem_cache_free(unsigned int ptr, unsigned int caller)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_KMEM) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_KMEM)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_KMEM_CACHE_FREE), ptr, (unsigned long long)caller, 0);
}

/* kmem:mm_page_alloc: pfn, order, gfp, caller */
static inline __attribute__((always_inline)) void ddet_mm_page_alloc(unsigned int pfn, unsigned int order, unsigned int gfp, unsigned int caller)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_KMEM) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_KMEM)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_MM_PAGE_ALLOC), pfn, (unsigned long long)order | (unsigned long long)gfp << 32, (unsigned long long)caller);
}

/* kmem:mm_page_free: pfn, order, caller */
static inline __attribute__((always_inline)) void ddet_mm_page_free(unsigned int pfn, unsigned int order, unsigned int caller)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_KMEM) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_KMEM)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_MM_PAGE_FREE), pfn, (unsigned long long)order | (unsigned long long)caller << 32, 0);
}

/* net:netif_receive_skb: skb, len, dev, protocol */
static inline __attribute__((always_inline)) void ddet_netif_receive_skb(unsigned int skb, unsigned int len, unsigned int dev, unsigned int protocol)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NET)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_NETIF_RECEIVE_SKB), skb, (unsigned long long)len | (unsigned long long)dev << 32, (unsigned long long)protocol);
}

/* net:net_dev_queue: skb, len, dev */
static inline __attribute__((always_inline)) void ddet_net_dev_queue(unsigned int skb, unsigned int len, unsigned int dev)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NET)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_NET_DEV_QUEUE), skb, (unsigned long long)len | (unsigned long long)dev << 32, 0);
}

/* net:net_dev_start_xmit: skb, len, dev */
static inline __attribute__((always_inline)) void ddet_net_dev_start_xmit(unsigned int skb, unsigned int len, unsigned int dev)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NET)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_NET_DEV_START_XMIT), skb, (unsigned long long)len | (unsigned long long)dev << 32, 0);
}

/* net:net_dev_xmit: skb, len, dev, rc */
static inline __attribute__((always_inline)) void ddet_net_dev_xmit(unsigned int skb, unsigned int len, unsigned int dev, unsigned int rc)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NET)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_NET_DEV_XMIT), skb, (unsigned long long)len | (unsigned long long)dev << 32, (unsigned long long)rc);
}

/* skb:kfree_skb: skb, caller, reason */
static inline __attribute__((always_inline)) void ddet_kfree_skb(unsigned int skb, unsigned int caller, unsigned int reason)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NET)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_KFREE_SKB), skb, (unsigned long long)caller | (unsigned long long)reason << 32, 0);
}

/* skb:consume_skb: skb, caller */
static inline __attribute__((always_inline)) void ddet_consume_skb(unsigned int skb, unsigned int caller)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_NET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_NET)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_CONSUME_SKB), skb, (unsigned long long)caller, 0);
}

/* dde:packet: number, skb, len, dev, dev_name0, dev_name1, dev_name2, dev_name3, vlan, csum_start, csum_offset, gso_size, ifindex, dir, csum_partial */
static inline __attribute__((always_inline)) void ddet_packet(unsigned int number, unsigned int skb, unsigned int len, unsigned int dev, unsigned int dev_name0, unsigned int dev_name1, unsigned int dev_name2, unsigned int dev_name3, unsigned int vlan, unsigned short csum_start, unsigned short csum_offset, unsigned short gso_size, unsigned short ifindex, unsigned char dir, unsigned char csum_partial)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_PACKET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_PACKET)
		ddet__emit3(DDET_ID_EVENT(3, DDET_EV_PACKET), number, (unsigned long long)skb | (unsigned long long)len << 32, (unsigned long long)dev | (unsigned long long)dev_name0 << 32, (unsigned long long)dev_name1 | (unsigned long long)dev_name2 << 32, (unsigned long long)dev_name3 | (unsigned long long)vlan << 32, (unsigned long long)csum_start | (unsigned long long)csum_offset << 16 | (unsigned long long)gso_size << 32 | (unsigned long long)ifindex << 48, (unsigned long long)dir | (unsigned long long)csum_partial << 8);
}

/* dde:packet_data: offset, bytes */
static inline __attribute__((always_inline)) void ddet_packet_data(unsigned int offset, const char *bytes, unsigned int len)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_PACKET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_PACKET)
		ddet__emit_text(DDET_EV_PACKET_DATA, offset, bytes, len);
}

/* dde:packet_refused: skb, rc */
static inline __attribute__((always_inline)) void ddet_packet_refused(unsigned int skb, unsigned int rc)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_PACKET) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_PACKET)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_PACKET_REFUSED), skb, (unsigned long long)rc, 0);
}

/* dde:virt_to_phys: addr, caller, cost, phys */
static inline __attribute__((always_inline)) void ddet_virt_to_phys(unsigned int addr, unsigned int caller, unsigned int cost, unsigned long long phys)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_V2P) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_V2P)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_VIRT_TO_PHYS), addr, (unsigned long long)caller | (unsigned long long)cost << 32, phys);
}

/* dde:phys_to_virt: addr, caller, cost, phys */
static inline __attribute__((always_inline)) void ddet_phys_to_virt(unsigned int addr, unsigned int caller, unsigned int cost, unsigned long long phys)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_V2P) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_V2P)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_PHYS_TO_VIRT), addr, (unsigned long long)caller | (unsigned long long)cost << 32, phys);
}

/* dma:dma_map: id, dma, cpu, size, dir, kind, caller, dev */
static inline __attribute__((always_inline)) void ddet_dma_map(unsigned int id, unsigned long long dma, unsigned int cpu, unsigned int size, unsigned int dir, unsigned int kind, unsigned int caller, unsigned int dev)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_DMA) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_DMA)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_DMA_MAP), id, dma, (unsigned long long)cpu | (unsigned long long)size << 32, (unsigned long long)dir | (unsigned long long)kind << 32, (unsigned long long)caller | (unsigned long long)dev << 32);
}

/* dma:dma_unmap: id, dma, size, dir, kind, caller, dev, copied */
static inline __attribute__((always_inline)) void ddet_dma_unmap(unsigned int id, unsigned long long dma, unsigned int size, unsigned int dir, unsigned int kind, unsigned int caller, unsigned int dev, unsigned int copied)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_DMA) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_DMA)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_DMA_UNMAP), id, dma, (unsigned long long)size | (unsigned long long)dir << 32, (unsigned long long)kind | (unsigned long long)caller << 32, (unsigned long long)dev | (unsigned long long)copied << 32);
}

/* dma:dma_alloc: id, dma, cpu, size, caller, dev */
static inline __attribute__((always_inline)) void ddet_dma_alloc(unsigned int id, unsigned long long dma, unsigned int cpu, unsigned int size, unsigned int caller, unsigned int dev)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_DMA) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_DMA)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_DMA_ALLOC), id, dma, (unsigned long long)cpu | (unsigned long long)size << 32, (unsigned long long)caller | (unsigned long long)dev << 32, 0);
}

/* dma:dma_free: id, dma, cpu, size, caller, dev */
static inline __attribute__((always_inline)) void ddet_dma_free(unsigned int id, unsigned long long dma, unsigned int cpu, unsigned int size, unsigned int caller, unsigned int dev)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_DMA) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_DMA)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_DMA_FREE), id, dma, (unsigned long long)cpu | (unsigned long long)size << 32, (unsigned long long)caller | (unsigned long long)dev << 32, 0);
}

/* dma:dma_sync: id, dma, size, dir, target, caller, dev, copied */
static inline __attribute__((always_inline)) void ddet_dma_sync(unsigned int id, unsigned long long dma, unsigned int size, unsigned int dir, unsigned int target, unsigned int caller, unsigned int dev, unsigned int copied)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_DMA) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_DMA)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_DMA_SYNC), id, dma, (unsigned long long)size | (unsigned long long)dir << 32, (unsigned long long)target | (unsigned long long)caller << 32, (unsigned long long)dev | (unsigned long long)copied << 32);
}

/* dde:mmio_read: offset, value, caller, width, bar, bdf */
static inline __attribute__((always_inline)) void ddet_mmio_read(unsigned int offset, unsigned long long value, unsigned int caller, unsigned char width, unsigned char bar, unsigned short bdf)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MMIO) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MMIO)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_MMIO_READ), offset, value, (unsigned long long)caller | (unsigned long long)width << 32 | (unsigned long long)bar << 40 | (unsigned long long)bdf << 48);
}

/* dde:mmio_write: offset, value, caller, width, bar, bdf */
static inline __attribute__((always_inline)) void ddet_mmio_write(unsigned int offset, unsigned long long value, unsigned int caller, unsigned char width, unsigned char bar, unsigned short bdf)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MMIO) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MMIO)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_MMIO_WRITE), offset, value, (unsigned long long)caller | (unsigned long long)width << 32 | (unsigned long long)bar << 40 | (unsigned long long)bdf << 48);
}

/* dde:pio_read: offset, value, caller, width, bar, bdf */
static inline __attribute__((always_inline)) void ddet_pio_read(unsigned int offset, unsigned long long value, unsigned int caller, unsigned char width, unsigned char bar, unsigned short bdf)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MMIO) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MMIO)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_PIO_READ), offset, value, (unsigned long long)caller | (unsigned long long)width << 32 | (unsigned long long)bar << 40 | (unsigned long long)bdf << 48);
}

/* dde:pio_write: offset, value, caller, width, bar, bdf */
static inline __attribute__((always_inline)) void ddet_pio_write(unsigned int offset, unsigned long long value, unsigned int caller, unsigned char width, unsigned char bar, unsigned short bdf)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MMIO) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MMIO)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_PIO_WRITE), offset, value, (unsigned long long)caller | (unsigned long long)width << 32 | (unsigned long long)bar << 40 | (unsigned long long)bdf << 48);
}

/* dde:config_read: offset, value, caller, width, bar, bdf */
static inline __attribute__((always_inline)) void ddet_config_read(unsigned int offset, unsigned long long value, unsigned int caller, unsigned char width, unsigned char bar, unsigned short bdf)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MMIO) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MMIO)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_CONFIG_READ), offset, value, (unsigned long long)caller | (unsigned long long)width << 32 | (unsigned long long)bar << 40 | (unsigned long long)bdf << 48);
}

/* dde:config_write: offset, value, caller, width, bar, bdf */
static inline __attribute__((always_inline)) void ddet_config_write(unsigned int offset, unsigned long long value, unsigned int caller, unsigned char width, unsigned char bar, unsigned short bdf)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MMIO) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MMIO)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_CONFIG_WRITE), offset, value, (unsigned long long)caller | (unsigned long long)width << 32 | (unsigned long long)bar << 40 | (unsigned long long)bdf << 48);
}

/* dde:printk: level, text */
static inline __attribute__((always_inline)) void ddet_printk(unsigned int level, const char *text, unsigned int len)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_PRINTK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_PRINTK)
		ddet__emit_text(DDET_EV_PRINTK, level, text, len);
}

/* dde:mark: kind, text */
static inline __attribute__((always_inline)) void ddet_mark(unsigned int kind, const char *text, unsigned int len)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MARK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MARK)
		ddet__emit_text(DDET_EV_MARK, kind, text, len);
}

/* dde:trigger: function, action */
static inline __attribute__((always_inline)) void ddet_trigger(unsigned int function, unsigned int action)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MARK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MARK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_TRIGGER), function, (unsigned long long)action, 0);
}

/* dde:stack: function, frames */
static inline __attribute__((always_inline)) void ddet_stack(unsigned int function, const unsigned int *frames, unsigned int n)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_MARK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_MARK)
		ddet__emit_bytes(DDET_EV_STACK, function, frames, 4 * n);
}

/* lock:contention_begin: lock, caller, flags */
static inline __attribute__((always_inline)) void ddet_contention_begin(unsigned int lock, unsigned int caller, unsigned int flags)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_LOCK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_LOCK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_CONTENTION_BEGIN), lock, (unsigned long long)caller | (unsigned long long)flags << 32, 0);
}

/* lock:contention_end: lock, ret */
static inline __attribute__((always_inline)) void ddet_contention_end(unsigned int lock, unsigned int ret)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_LOCK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_LOCK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_CONTENTION_END), lock, (unsigned long long)ret, 0);
}

/* dde:lock_held: lock, caller, kind, ticks */
static inline __attribute__((always_inline)) void ddet_lock_held(unsigned int lock, unsigned int caller, unsigned int kind, unsigned long long ticks)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_LOCK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_LOCK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_LOCK_HELD), lock, (unsigned long long)caller | (unsigned long long)kind << 32, ticks);
}

/* block:block_rq_issue: rq, bytes, sector, op, dev */
static inline __attribute__((always_inline)) void ddet_block_rq_issue(unsigned int rq, unsigned int bytes, unsigned long long sector, unsigned int op, unsigned int dev)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_BLOCK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_BLOCK)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_BLOCK_RQ_ISSUE), rq, (unsigned long long)bytes, sector, (unsigned long long)op | (unsigned long long)dev << 32, 0);
}

/* block:block_rq_complete: rq, error, sector, bytes */
static inline __attribute__((always_inline)) void ddet_block_rq_complete(unsigned int rq, unsigned int error, unsigned long long sector, unsigned int bytes)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_BLOCK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_BLOCK)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_BLOCK_RQ_COMPLETE), rq, (unsigned long long)error, sector, (unsigned long long)bytes, 0);
}

/* dde:call_site: caller, function, object, context */
static inline __attribute__((always_inline)) void ddet_call_site(unsigned int caller, unsigned int function, unsigned int object, unsigned int context)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_CHECK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_CHECK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_CALL_SITE), caller, (unsigned long long)function | (unsigned long long)object << 32, (unsigned long long)context);
}

/* dde:bind: state, dev */
static inline __attribute__((always_inline)) void ddet_bind(unsigned int state, unsigned int dev)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_CHECK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_CHECK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_BIND), state, (unsigned long long)dev, 0);
}

/* dde:leak: kind, caller, addr, size */
static inline __attribute__((always_inline)) void ddet_leak(unsigned int kind, unsigned int caller, unsigned int addr, unsigned int size)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_CHECK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_CHECK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_LEAK), kind, (unsigned long long)caller | (unsigned long long)addr << 32, (unsigned long long)size);
}

/* dde:misuse: kind, caller, addr, size, first */
static inline __attribute__((always_inline)) void ddet_misuse(unsigned int kind, unsigned int caller, unsigned int addr, unsigned int size, unsigned int first)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_CHECK) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_CHECK)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_MISUSE), kind, (unsigned long long)caller | (unsigned long long)addr << 32, (unsigned long long)size | (unsigned long long)first << 32);
}

/* dde:program_frame: frame, text */
static inline __attribute__((always_inline)) void ddet_program_frame(unsigned int frame, const char *text, unsigned int len)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SYSCALL) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SYSCALL)
		ddet__emit_text(DDET_EV_PROGRAM_FRAME, frame, text, len);
}

/* dde:program_stack: pid, frames */
static inline __attribute__((always_inline)) void ddet_program_stack(unsigned int pid, const unsigned int *frames, unsigned int n)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SYSCALL) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SYSCALL)
		ddet__emit_bytes(DDET_EV_PROGRAM_STACK, pid, frames, 4 * n);
}

/* dde:syscall_entry: call, arg0, arg1, arg2 */
static inline __attribute__((always_inline)) void ddet_syscall_entry(unsigned int call, unsigned long long arg0, unsigned long long arg1, unsigned long long arg2)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SYSCALL) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SYSCALL)
		ddet__emit2(DDET_ID_EVENT(2, DDET_EV_SYSCALL_ENTRY), call, arg0, arg1, arg2, 0);
}

/* dde:syscall_exit: call, error, result */
static inline __attribute__((always_inline)) void ddet_syscall_exit(unsigned int call, unsigned int error, unsigned long long result)
{
	__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_SYSCALL) : : on);
	return;
on:
	DDET_COLD;
	if (ddet_categories & DDET_CAT_SYSCALL)
		ddet__emit1(DDET_ID_EVENT(1, DDET_EV_SYSCALL_EXIT), call, (unsigned long long)error, result);
}

#endif
