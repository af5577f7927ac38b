/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The shared memory between a driver process and its recorder: one memfd with
 *
 *	0		control page		struct ddet_ctl
 *	bitmap_offset	site bitmap		max_sites bits: which sites shall be traced
 *	args_offset	argument counts		max_sites bytes: arguments after the first that an entry records
 *	table_offset	thread table		max_threads x struct ddet_slot
 *	rings_offset	rings			max_threads x ring_bytes, sparse
 *
 * Used by the writer (C, in the driver process) and by the reader (C++, in the addon). FORMAT.md describes every byte.
 *
 * Who writes what: the recorder writes `categories`, `mode`, `depth_limit`, the bitmap, the argument counts, then `generation`;
 * and `tail` of each slot. The driver process writes all the rest. All fields are naturally aligned; x86 stores are seen in order.
 */
#ifndef DDET_ABI_H
#define DDET_ABI_H

#define DDET_MAGIC 0x474e495254454444ull /* "DDETRING" */
#define DDET_ABI_VERSION 2u

#define DDET_BLOCK_BYTES 65536u
#define DDET_RECORD_BYTES 16u
#define DDET_MAX_THREADS 1024u
#define DDET_MAX_SITES (1u << 20)
#define DDET_DEFAULT_RING_BYTES (16u << 20)
#define DDET_MAX_TRACEPOINTS 2048u
#define DDET_MAX_TRIGGERS 64u

/*
 * A record's id: kind << 28 | number. For events the number is extra << 24 | event id, extra = payload records that follow.
 * For entries it is n << 24 | site, n = arguments after the first that follow as words of ceil(n / 4) payload records.
 */
#define DDET_KIND_SHIFT 28
#define DDET_KIND_ENTRY 1u /* number = n << 24 | site, arg = low 32 bits of the first argument */
#define DDET_KIND_EXIT 2u  /* number = site, arg = low 32 bits of the return value */
#define DDET_KIND_EVENT 3u /* a typed event */
#define DDET_KIND_BLOCK 4u /* first record of a block; one payload record {u64 recorded, u64 lost}, both cumulative */
#define DDET_KIND_PAD 5u   /* rest of the block is unused; arg = bytes including this record */
#define DDET_NUMBER(id) ((id) & 0x0fffffffu)
#define DDET_KIND(id) ((id) >> DDET_KIND_SHIFT)
#define DDET_SITE(id) ((id) & 0x00ffffffu)
#define DDET_EXTRA_SHIFT 24
#define DDET_ARGS_SHIFT 24
#define DDET_ARGS(id) (((id) >> DDET_ARGS_SHIFT) & 15u)
#define DDET_MAX_ARGS 5u /* those of rsi, rdx, rcx, r8, r9; rdi's is in the entry record itself */
#define DDET_ARG_RECORDS(n) (((n) + 3u) / 4u)
#define DDET_EXTRA(id) (((id) >> DDET_EXTRA_SHIFT) & 15u)
#define DDET_ID_EVENT(extra, event) \
	(DDET_KIND_EVENT << DDET_KIND_SHIFT | (unsigned int)(extra) << DDET_EXTRA_SHIFT | (unsigned int)(event))
#define DDET_BLOCK_HEADER_BYTES 32u

enum ddet_mode {
	DDET_MODE_DROP = 0,	 /* a full ring drops the newest events and counts them */
	DDET_MODE_OVERWRITE = 1, /* flight recorder: the oldest block is overwritten */
};

/* Control page flags. */
#define DDET_CTL_READY 1u	  /* the driver process has called ddet_init() */
#define DDET_CTL_INVARIANT_TSC 2u /* CPUID says that the TSC is invariant */
#define DDET_CTL_KICK 4u	  /* SIGURG brings the process to a safe point soon */

/* What a call of a function sets off; the values are those of the enum `trigger` of the event table. */
struct ddet_trigger {
	unsigned int site;
	unsigned int action;
};

struct ddet_ctl {
	unsigned long long magic;
	unsigned int abi_version;
	unsigned int flags;
	unsigned long long region_bytes;
	unsigned long long ring_bytes; /* a multiple of DDET_BLOCK_BYTES; also the stride */
	unsigned long long bitmap_offset;
	unsigned long long table_offset;
	unsigned long long rings_offset;
	unsigned int max_threads;
	unsigned int max_sites;

	/* Written by the recorder. */
	unsigned int mode;
	unsigned int categories;
	unsigned int depth_limit; /* 0 = none; else nested traced calls deeper than this are not recorded */
	unsigned int generation;  /* last; ddet_poll() applies all of the above when it changes */
	unsigned int drainer_pid; /* 0 = nobody reads the rings */
	unsigned int followers;	  /* who read along; the recorder then keeps the ring of an exited thread for a while */

	/* Written by the driver process. */
	unsigned int pid;
	unsigned int applied_generation;
	unsigned int site_count;
	unsigned int api_site_count;
	unsigned int patched_sites;
	unsigned int skipped_sites; /* sites and events' nops left alone as their bytes were not as expected (a breakpoint) */
	unsigned int thread_count;  /* slots ever used: only [0, thread_count) need be looked at */
	unsigned int thread_uids;   /* threads ever made */
	unsigned long long noring_lost; /* events without a thread, and those of recycled slots */
	unsigned long long reserved1;
	unsigned long long tsc;	    /* one moment, three clocks, taken by ddet_init() */
	unsigned long long mono_raw; /* CLOCK_MONOTONIC_RAW, ns */
	unsigned long long realtime; /* CLOCK_REALTIME, ns */
	unsigned long long cells;    /* address of the stub cells, 0 before the first site was switched on */
	unsigned int cell_bytes;
	unsigned int cell_return; /* offset in a cell where the traced function returns to */
	/* The tracer's own cost, in 1/1000 TSC ticks; 0 before the first site was switched on. */
	unsigned int cost_pair;	 /* added to the caller by an entry and exit record */
	unsigned int cost_inner; /* of that, what lies between the two time stamps */
	unsigned int cost_event; /* one typed event with two arguments */
	unsigned int cost_args;  /* what the arguments of an entry add to cost_pair */
	unsigned long long args_offset; /* written by the maker of the region, as the other offsets */
	unsigned char reserved2[824];

	/* Written by the recorder, at 1024. */
	unsigned long long tracepoints[DDET_MAX_TRACEPOINTS / 64]; /* bit i of word i / 64: the kernel's tracepoint i */
	unsigned int trigger_count;
	unsigned int reserved3;
	struct ddet_trigger triggers[DDET_MAX_TRIGGERS];

	/* Written by the driver process. */
	unsigned int trigger_hits[DDET_MAX_TRIGGERS]; /* calls since the trigger was set */
	unsigned int snapshots; /* calls that asked for a snapshot, ever */
	unsigned int stops;	/* calls that ended the recording, ever */
};

enum ddet_slot_state {
	DDET_SLOT_FREE = 0,
	DDET_SLOT_LIVE = 1,
	DDET_SLOT_EXITED = 2,	/* the ring may still hold events */
};

enum ddet_role {
	DDET_ROLE_OTHER = 0,
	DDET_ROLE_BOOT = 1,
	DDET_ROLE_IRQ = 2,
	DDET_ROLE_SOFTIRQ = 3,
	DDET_ROLE_TIMER = 4,
	DDET_ROLE_WORK = 5,
	DDET_ROLE_KTHREAD = 6,
	DDET_ROLE_WORKLOAD = 7,
	DDET_ROLE_IDLE = 8,
};

#define DDET_NAME_BYTES 64

/* One thread and its ring: 256 bytes, three parts on cache lines of their own. */
struct ddet_slot {
	/* identity */
	volatile unsigned int state;
	unsigned int uid; /* unique in the process: 1, 2, ... */
	int tid;
	unsigned int role;
	volatile unsigned int name_version; /* odd while the name changes */
	unsigned int reserved0;
	unsigned long long start_tsc;
	unsigned long long exit_tsc;
	unsigned char reserved1[24];
	char name[DDET_NAME_BYTES];
	/* writer's line: positions are bytes since the ring's start and never wrap */
	volatile unsigned long long head; /* everything below is written */
	volatile unsigned long long lost; /* events that found no room */
	unsigned char reserved2[48];
	/* reader's line */
	volatile unsigned long long tail; /* everything below may be overwritten (mode drop) */
	unsigned char reserved3[56];
};

#define DDET_PAGE_UP(x) (((x) + 4095ull) & ~4095ull)

/* Fills the control page of a new region and returns the bytes that the region needs. */
static inline unsigned long long ddet_region_layout(struct ddet_ctl *ctl, unsigned long long ring_bytes, unsigned int mode)
{
	if (ring_bytes < 2 * DDET_BLOCK_BYTES)
		ring_bytes = 2 * DDET_BLOCK_BYTES;
	ctl->magic = DDET_MAGIC;
	ctl->abi_version = DDET_ABI_VERSION;
	ctl->ring_bytes = (ring_bytes + DDET_BLOCK_BYTES - 1) / DDET_BLOCK_BYTES * DDET_BLOCK_BYTES;
	ctl->max_threads = DDET_MAX_THREADS;
	ctl->max_sites = DDET_MAX_SITES;
	ctl->mode = mode;
	ctl->bitmap_offset = 4096;
	ctl->args_offset = ctl->bitmap_offset + DDET_PAGE_UP(DDET_MAX_SITES / 8);
	ctl->table_offset = ctl->args_offset + DDET_PAGE_UP(DDET_MAX_SITES);
	ctl->rings_offset = ctl->table_offset + DDET_PAGE_UP(DDET_MAX_THREADS * sizeof(struct ddet_slot));
	ctl->region_bytes = ctl->rings_offset + ctl->max_threads * ctl->ring_bytes;
	return ctl->region_bytes;
}

/* Non-zero when a control page that came from outside is usable; region_bytes = size of the file that holds it. */
static inline int ddet_region_valid(const struct ddet_ctl *ctl, unsigned long long file_bytes)
{
	return ctl->magic == DDET_MAGIC && ctl->abi_version == DDET_ABI_VERSION && ctl->max_threads == DDET_MAX_THREADS &&
	       ctl->max_sites == DDET_MAX_SITES && ctl->bitmap_offset == 4096 &&
	       ctl->args_offset == 4096 + DDET_PAGE_UP(DDET_MAX_SITES / 8) &&
	       ctl->table_offset == ctl->args_offset + DDET_PAGE_UP(DDET_MAX_SITES) &&
	       ctl->rings_offset == ctl->table_offset + DDET_PAGE_UP(DDET_MAX_THREADS * sizeof(struct ddet_slot)) &&
	       ctl->ring_bytes >= 2 * DDET_BLOCK_BYTES && ctl->ring_bytes <= (1ull << 32) &&
	       ctl->ring_bytes % DDET_BLOCK_BYTES == 0 &&
	       ctl->region_bytes == ctl->rings_offset + ctl->max_threads * ctl->ring_bytes && ctl->region_bytes <= file_bytes;
}

#endif
