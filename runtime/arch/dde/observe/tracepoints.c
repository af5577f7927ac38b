// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for the enabling side of kernel/trace/trace_events.c: records any TRACE_EVENT of the core or of a driver by name. An event's
 * own probe function fills its own record, which it takes from trace_event_buffer_reserve(): that call and its commit come here
 * (tables/hooks.txt), so that the record goes into the trace's ring and not into Linux's. Its number is 4096 + its place in the table
 * that the linker makes; names and fields are read from the executable when it is built (runtime/build/describe/tracepoints.ts).
 */
#include <linux/init.h>
#include <linux/slab.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <linux/version.h>

#include "probes.h"
#include "trace.h"

#define FIRST_EVENT 4096
/* Records may be filled in an interrupt that came while another is filled. */
#define MAX_NESTED 4
#define MAX_RECORD 4096

extern struct trace_event_call *__start_ftrace_events[];
extern struct trace_event_call *__stop_ftrace_events[];

/* Where runtime/build finds what; 32-bit numbers. The order is that of its reader. */
static const u32 dde_tracepoint_layout[] __used = {
	1, /* version */
	offsetof(struct trace_event_call, class),
	offsetof(struct trace_event_call, tp),
	offsetof(struct trace_event_call, print_fmt),
	offsetof(struct trace_event_call, flags),
	TRACE_EVENT_FL_TRACEPOINT,
	offsetof(struct trace_event_class, system),
	offsetof(struct trace_event_class, fields_array),
	sizeof(struct trace_event_fields),
	offsetof(struct trace_event_fields, type),
	offsetof(struct trace_event_fields, name),
	offsetof(struct trace_event_fields, size),
	offsetof(struct trace_event_fields, align),
	/* is_signed follows: an int in 6.1, its lowest bit in 6.12 */
	offsetof(struct trace_event_fields, align) + sizeof(int),
	offsetof(struct tracepoint, name),
	sizeof(struct trace_entry),
};

static struct trace_event_file *files;
static unsigned long registered[DDET_MAX_TRACEPOINTS / BITS_PER_LONG];
static unsigned int count;

static struct {
	char record[MAX_RECORD] __aligned(8);
	unsigned long len;
} buffers[MAX_NESTED];
static unsigned int nested;

void *__real_trace_event_buffer_reserve(struct trace_event_buffer *to, struct trace_event_file *file, unsigned long len);
void *__wrap_trace_event_buffer_reserve(struct trace_event_buffer *to, struct trace_event_file *file, unsigned long len);
void *__wrap_trace_event_buffer_reserve(struct trace_event_buffer *to, struct trace_event_file *file, unsigned long len)
{
	unsigned int mine;

	if (!files || file < files || file >= files + count)
		return __real_trace_event_buffer_reserve(to, file, len);
	if (!(ddet_categories & DDET_CAT_TRACEPOINT))
		return NULL;
	if (nested == MAX_NESTED || len > MAX_RECORD) {
		ddet_drop();
		return NULL;
	}
	/* Taken first: an interrupt may fill the next one at any moment. */
	mine = nested++;
	barrier();
	buffers[mine].len = len;
	to->trace_file = file;
	to->entry = buffers[mine].record;
	return to->entry;
}

void __real_trace_event_buffer_commit(struct trace_event_buffer *to);
void __wrap_trace_event_buffer_commit(struct trace_event_buffer *to);
void __wrap_trace_event_buffer_commit(struct trace_event_buffer *to)
{
	unsigned int top = nested - 1;
	unsigned long len;

	if (!nested || to->entry != buffers[top].record) {
		__real_trace_event_buffer_commit(to);
		return;
	}
	/* Linux's common fields (type, flags, pid) say nothing that the trace does not have. */
	len = buffers[top].len - sizeof(struct trace_entry);
	ddet__emit_bytes(FIRST_EVENT + (to->trace_file - files), len, buffers[top].record + sizeof(struct trace_entry), len);
	barrier();
	nested = top;
}

static void switch_one(unsigned int i, bool on)
{
	struct trace_event_call *call = __start_ftrace_events[i];

	if (!(call->flags & TRACE_EVENT_FL_TRACEPOINT) || !call->class->probe)
		return;
	files[i].event_call = call;
	if (on ? tracepoint_probe_register(call->tp, call->class->probe, &files[i]) :
		 tracepoint_probe_unregister(call->tp, call->class->probe, &files[i]))
		return;
	__change_bit(i, registered);
}

static void update(bool on)
{
	const unsigned long long *want = ddet_tracepoints();
	unsigned int i;

	if (!want || (!on && bitmap_empty(registered, DDET_MAX_TRACEPOINTS)))
		return;
	if (!files) {
		count = min_t(unsigned int, __stop_ftrace_events - __start_ftrace_events, DDET_MAX_TRACEPOINTS);
		files = kcalloc(count, sizeof(*files), GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(count);
		barrier_data(dde_tracepoint_layout); /* the linker shall keep it */
		if (!files)
			return;
	}
	for (i = 0; i < count; i++) {
		bool wanted = on && (want[i / 64] >> (i % 64) & 1);

		if (wanted != test_bit(i, registered))
			switch_one(i, wanted);
	}
}

static struct dde_probe probe = { .category = DDET_CAT_TRACEPOINT, .change = update };

static int __init tracepoints_init(void)
{
	dde_probes_add(&probe, 1);
	return 0;
}
early_initcall(tracepoints_init);
