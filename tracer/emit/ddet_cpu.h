/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emission state of the one virtual CPU, private to tracer/emit and tracer/control.
 *
 * Only the holder of the virtual CPU touches it, with ddet_busy set, so it needs no lock. ddet_switch() exchanges it.
 */
#ifndef DDET_CPU_H
#define DDET_CPU_H

#include "abi/ddet_abi.h"
#include "abi/ddet_offsets.h"

typedef unsigned long long ddet_u64;
typedef unsigned int ddet_u32;

struct ddet_thread;

/* A shadow stack entry: the stack word that held the return address at function entry, and that address. */
struct ddet_shadow {
	ddet_u64 slot;
	ddet_u64 ret;
};

struct ddet_cpu {
	ddet_u64 pos;	     /* ring position of the next record, in bytes, never wraps */
	ddet_u64 lim;	     /* end of the block; == pos when nothing may be written */
	ddet_u64 bias;	     /* address = pos + bias */
	volatile ddet_u64 *head; /* where pos is published */
	struct ddet_shadow *shadow;	 /* past the newest entry; NULL: no shadow stack yet */
	struct ddet_shadow *shadow_lim;	 /* end of the shadow stack */
	struct ddet_shadow *shadow_deep; /* calls whose entry would stand above are not recorded (depth limit) */
	ddet_u64 block;	   /* position of the current block's start */
	ddet_u64 extra;	   /* payload records in the current block */
	/* not used by the stub */
	ddet_u64 recorded; /* events in all earlier blocks */
	struct ddet_thread *thread;
};

struct ddet_thread {
	struct ddet_cpu cpu; /* while another thread runs */
	struct ddet_slot *slot;
	unsigned char *ring; /* NULL until the first event */
	ddet_u64 populated;  /* bytes of the ring that have pages */
	struct ddet_shadow *shadow_base;
	struct ddet_thread *next, *prev; /* all threads, for the debugger */
	int tid;
	unsigned int index;
};

#define DDET_OFFSET(name, field) \
	_Static_assert(DDET_CPU_##name == __builtin_offsetof(struct ddet_cpu, field), "ddet_offsets.h: " #field)
DDET_OFFSET(POS, pos);
DDET_OFFSET(LIM, lim);
DDET_OFFSET(BIAS, bias);
DDET_OFFSET(HEAD, head);
DDET_OFFSET(SHADOW, shadow);
DDET_OFFSET(SHADOW_LIM, shadow_lim);
DDET_OFFSET(SHADOW_DEEP, shadow_deep);
DDET_OFFSET(EXTRA, extra);

_Static_assert(__builtin_offsetof(struct ddet_ctl, tracepoints) == 1024, "ddet_abi.h: tracepoints");
_Static_assert(__builtin_offsetof(struct ddet_ctl, trigger_hits) == 1800 && sizeof(struct ddet_ctl) == 2064, "ddet_abi.h: triggers");

extern struct ddet_cpu ddet_cpu;
extern struct ddet_ctl *ddet_ctl;
extern struct ddet_slot *ddet_slots;
extern int ddet_fd;
/* The region as it was checked once: what the driver scribbles on the control page must not become an address or a divisor. */
extern ddet_u64 ddet_ring_bytes, ddet_rings_offset;
extern struct ddet_thread *ddet_threads;
extern unsigned int ddet_depth_limit;
extern volatile int ddet_busy;
extern unsigned int ddet_categories;

/* Slow paths. Called from the stub in the middle of a call, so they use general registers only and no libc. */
ddet_u64 ddet__refill(ddet_u64 bytes);
int ddet__shadow_setup(void);

/* The halves of a traced call (calls.S): a cell calls them around the function. Not to be called from C. */
void ddet__stub_entry(void);
void ddet__stub_exit(void);
/* By site, where the function goes on when a call is passed untraced. */
extern const ddet_u64 *ddet_targets;

/* A new depth limit for all threads; 0 = none. */
void ddet__depth_apply(unsigned int limit);

#define DDET_SHADOW_BYTES (256u << 10)
#define ddet_barrier() __asm__ volatile("" ::: "memory")

#endif
