/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * ddetrace.h - what kernel-side code and DDEKit see of the tracer. A leaf: plain C types, no libc and no Linux header.
 *
 * Rules for callers. Only the holder of the virtual CPU calls anything here. While ddet_busy is not 0 a signal handler must
 * not run kernel code on the interrupted stack; ddet_may_interrupt(pc) answers the whole question. Files that hold the
 * hand-off path (between ddet_switch() and the thread's sleep) are compiled with -fpatchable-function-entry=0.
 */
#ifndef DDETRACE_H
#define DDETRACE_H

#ifdef __cplusplus
extern "C" {
#endif

#include "ddet_abi.h"

struct ddet_thread;

/*
 * ddet_init - attach the tracer to its shared memory
 * @fd: the recorder's region, or -1 to make a region of this process (a memfd named "ddetrace", found by `attach`)
 *
 * Call once, before the first thread. Applies what the recorder has set so far. Costs no ring memory.
 * Returns 0 or a negative errno; all other calls are harmless no-ops when it failed or was never called.
 */
int ddet_init(int fd);

/*
 * ddet_thread_new - register a thread
 * @name: copied, cut at 63 bytes
 * @role: enum ddet_role
 * @tid: the operating system's thread id, or 0 and ddet_thread_set_tid() later
 *
 * Returns NULL when memory or slots ran out; every call takes NULL.
 */
struct ddet_thread *ddet_thread_new(const char *name, int role, int tid);
void ddet_thread_set_tid(struct ddet_thread *thread, int tid);
void ddet_thread_set_role(struct ddet_thread *thread, int role);
void ddet_thread_rename(struct ddet_thread *thread, const char *name);
/* The last call for a thread; when it is the running one, no traced function of it may return afterwards. */
void ddet_thread_exit(struct ddet_thread *thread);

/*
 * Virtual CPU hand-off: from here on @next emits. Records sched:sched_switch itself. @next may be NULL (nobody emits).
 * ddet_prev_state is what the kernel side says of the running thread before it: its state, as task_state_index() has it.
 */
extern unsigned int ddet_prev_state;
void ddet_switch(struct ddet_thread *next);

/* Safe point: applies what a recorder has changed (sites, categories, mode). Cheap when nothing changed. */
void ddet_poll(void);

/* The kernel's tracepoints that a recorder wants: bit i of word i / 64, DDET_MAX_TRACEPOINTS in all. NULL without a region. */
const unsigned long long *ddet_tracepoints(void);
/* Changes whenever ddet_poll() has applied something. */
unsigned int ddet_applied(void);

/*
 * ddet_set_kick - let a recorder wake an idle process
 * @kick: makes the virtual CPU's idle loop go round, so that it comes to ddet_poll(). Called in a signal handler, on any thread.
 *
 * The recorder sends SIGURG after a change; without this an idle process answers only at its next interrupt.
 */
void ddet_set_kick(void (*kick)(void));

/* Non-zero inside the tracer. */
extern volatile int ddet_busy;
/* Bit mask DDET_CAT_*; 0 when nobody records. */
extern unsigned int ddet_categories;

/*
 * ddet_may_interrupt - may a signal handler run kernel code on top of the interrupted one?
 * @pc: the interrupted program counter
 *
 * No inside the tracer, and no in the middle of the five one-byte nops of a patchable entry, which ddet_poll() may replace.
 */
static inline int ddet_may_interrupt(unsigned long pc)
{
	const unsigned char *code = (const unsigned char *)pc;

	return !ddet_busy && !(code[0] == 0x90 && code[-1] == 0x90);
}

/*
 * Return addresses. In a traced function the return address on the stack is a stub cell. ddet_caller() turns
 * __builtin_return_address(0) into the real caller; ddet_real_return() does so for the stack word at @slot (stack walks).
 */
extern unsigned long ddet_cells_base, ddet_cells_size;
unsigned long ddet__caller(unsigned long ret);
unsigned long ddet_real_return(const void *slot, unsigned long ret);
/*
 * The C stack from frame pointer @frame outwards: up to @max return addresses into @pcs, the real ones; returns how many. Memory that
 * cannot be read ends it. Any signal handler.
 */
unsigned int ddet_frames(unsigned long frame, unsigned long *pcs, unsigned int max);

static inline __attribute__((always_inline)) unsigned long ddet_caller(unsigned long ret)
{
	return __builtin_expect(ret - ddet_cells_base < ddet_cells_size, 0) ? ddet__caller(ret) : ret;
}
#define DDET_CALLER() ((unsigned int)ddet_caller((unsigned long)__builtin_return_address(0)))

static inline __attribute__((always_inline)) unsigned long long ddet_tsc(void)
{
	unsigned int lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (unsigned long long)hi << 32 | lo;
}

/*
 * For the generated functions only. Each place where an event is written is 5 bytes of text: a nop, or `jmp on` while its category is
 * recorded (ddet_poll() rewrites it, tracer/sites/events.c), so that an event that is off costs neither a load nor a test. What lies
 * behind the jump looks at the category again: a debugger's breakpoint can keep a place from being rewritten.
 */
#ifdef DDET_NO_EVENTS /* an uninstrumented build, for bench:tracer */
#define DDET_EVENT_SITE ""
#else
#define DDET_EVENT_SITE                                                                              \
	"771:\t.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\t"                                               \
	".pushsection ddet_event_sites, \"aw\", @progbits\n\t"                                        \
	".balign 8\n\t.quad 771b, %l1, %c0\n\t.popsection"
#endif
#define DDET_COLD __attribute__((cold))
void ddet__emit0(unsigned int id, unsigned int arg);
void ddet__emit1(unsigned int id, unsigned int arg, unsigned long long a, unsigned long long b);
void ddet__emit2(unsigned int id, unsigned int arg, unsigned long long a, unsigned long long b, unsigned long long c,
		 unsigned long long d);
void ddet__emit3(unsigned int id, unsigned int arg, unsigned long long a, unsigned long long b, unsigned long long c,
		 unsigned long long d, unsigned long long e, unsigned long long f);
/* Cuts the text into events of at most 240 bytes. */
void ddet__emit_text(unsigned int event, unsigned int arg, const char *text, unsigned int len);
/* One event; of @data the first 240 bytes. */
void ddet__emit_bytes(unsigned int event, unsigned int arg, const void *data, unsigned int len);

/* Counts an event that the caller had no room for, so that the trace tells of the loss. */
void ddet_drop(void);

#include "ddetrace_events.gen.h"

#ifdef __cplusplus
}
#endif

#endif
