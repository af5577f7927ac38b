// SPDX-License-Identifier: MIT
/*
 * The stub under every kind of call, switched on and off while the program runs. Prints TAP.
 *
 * Each answer is computed three times: before the first patch, with every site on, and with all off again.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>
#include "sites/sites.h"
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"
#include "kernel_side.h"
#include "../support/reader.h"
#include "../support/tap.h"

/* FORMAT.md says so. */
#define AT(type, field, offset) _Static_assert(__builtin_offsetof(struct type, field) == (offset), #field)
AT(ddet_ctl, flags, 12);
AT(ddet_ctl, rings_offset, 48);
AT(ddet_ctl, mode, 64);
AT(ddet_ctl, generation, 76);
AT(ddet_ctl, pid, 88);
AT(ddet_ctl, site_count, 96);
AT(ddet_ctl, patched_sites, 104);
AT(ddet_ctl, thread_count, 112);
AT(ddet_ctl, noring_lost, 120);
AT(ddet_ctl, tsc, 136);
AT(ddet_ctl, cells, 160);
AT(ddet_ctl, cost_pair, 176);
AT(ddet_ctl, args_offset, 192);
AT(ddet_ctl, tracepoints, 1024);
AT(ddet_ctl, trigger_count, 1280);
AT(ddet_ctl, triggers, 1288);
AT(ddet_ctl, trigger_hits, 1800);
AT(ddet_ctl, snapshots, 2056);
AT(ddet_slot, name_version, 16);
AT(ddet_slot, start_tsc, 24);
AT(ddet_slot, name, 64);
AT(ddet_slot, head, 128);
AT(ddet_slot, lost, 136);
AT(ddet_slot, tail, 192);
_Static_assert(sizeof(struct ddet_slot) == 256, "slot");

static uint8_t *region;
static struct rec records[1 << 16];

/* Every time with other numbers of arguments (0 to 5, and one that is too large); all_args fixes them. */
static int all_args = -1;
static void all_sites(int on)
{
	static unsigned int turn_of_args;
	struct ddet_ctl *ctl = ddet_ctl;
	unsigned int i;

	turn_of_args++;
	for (i = 0; i < ctl->site_count; i++)
		region[ctl->args_offset + i] = all_args >= 0 ? (uint8_t)all_args : (uint8_t)((i + turn_of_args) % 7);

	for (i = 0; i < ctl->site_count; i++) {
		uint8_t *byte = region + ctl->bitmap_offset + i / 8;

		*byte = on ? *byte | 1 << i % 8 : *byte & ~(1 << i % 8);
	}
	ctl->generation++;
	ddet_poll();
}

/* The site number of a function of kernel_side.c, or of a thunk. */
static unsigned int site_of(const void *f)
{
	unsigned int i, api = ddet_ctl->api_site_count;

	for (i = 0; i < api; i++)
		if (__start_ddet_api_sites[i].site == (unsigned long)f)
			return i;
	for (i = api; i < ddet_ctl->site_count; i++)
		if (__start___patchable_function_entries[i - api] == (unsigned long)f)
			return i;
	return ~0u;
}

static uint64_t mark_at;
static void mark(void)
{
	mark_at = *(volatile unsigned long long *)&ddet_slots[0].head;
}
static long since_mark(void)
{
	return ring_events(region, 0, mark_at, records, 1 << 16);
}

/* Sum of all results: one number that must not depend on tracing. */
static double everything(void)
{
	struct pair p = two_regs(10, 3);
	struct big b = in_memory(5);
	__int128 w = wide((__int128)1 << 100, 5);
	double sum = 0;

	sum += outer(5) + tail_a(4) + recurse(100);
	sum += many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) + varargs(12, 1l, 2l, 3l, 4l, 5l, 6l, 7l, 8l, 9l, 10l, 11l, 12l);
	sum += floats(10, .5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5) + half(3.0);
	sum += p.a * 1000 + p.b + b.v[0] + b.v[5] * 7 + (long)(w >> 90) + (long)(w & 0xff);
	sum += catcher(0) + catcher(7) + after_jump(50) + driver_calls(9) + driver_tail(3);
	return sum;
}

static void test_records(void)
{
	unsigned int s_outer = site_of(outer), s_leaf = site_of(leaf);
	long n;

	mark();
	outer(7);
	n = since_mark();
	ok(n == 6, "a call with two calls inside makes 6 records, got %ld", n);
	ok(records[0].id == (DDET_KIND_ENTRY << 28 | s_outer) && records[0].arg == 7, "entry with the first argument");
	ok(records[1].id == (DDET_KIND_ENTRY << 28 | s_leaf) && records[2].id == (DDET_KIND_EXIT << 28 | s_leaf), "nested");
	ok(records[2].arg == 22 && records[5].arg == 22 + 25, "exits with the return values");
	ok(records[0].tsc <= records[1].tsc && records[4].tsc <= records[5].tsc, "time goes on");

	mark();
	tail_a(1);
	n = since_mark();
	ok(n == 6, "tail calls: three entries, three exits, got %ld", n);
	ok(records[5].id == (DDET_KIND_EXIT << 28 | site_of(tail_a)) && records[3].id == (DDET_KIND_EXIT << 28 | s_leaf),
	   "tail calls: exits from the inside out");

	mark();
	driver_calls(1);
	n = since_mark();
	ok(n == 10, "thunk and target are both sites: 10 records, got %ld", n);
	ok(DDET_NUMBER(records[1].id) < ddet_ctl->api_site_count, "the API site comes first");

	mark();
	catcher(3);
	n = since_mark();
	ok(n == 1 + 4 + 2 + 1, "longjmp over four frames leaves their entries open: 8 records, got %ld", n);
}

/* What the ring holds of a call's arguments, read by FORMAT.md's words. */
static void test_args(void)
{
	unsigned int s_many = site_of(many), n;
	const uint32_t want[8] = {22, 33, 44, 55, 66, 0, 0, 0};

	for (n = 0; n <= 5; n++) {
		const uint32_t *words;
		unsigned int extra = n == 0 ? 0 : n <= 4 ? 1 : 2;
		long got;

		all_args = (int)n;
		all_sites(1);
		mark();
		/* A thread of its own block: room for the call lies ahead. */
		got = many(0x1100000011l, 22, 33, 44, 0x7700000037l, 66, 7, 8, 9, 10);
		ok(got == 0x1100000011l + 44 + 99 + 176 + 5 * 0x7700000037l + 396 + 49 + 64 + 81 + 100,
		   "%u arguments recorded: same result", n);
		words = (const void *)(region + ddet_ctl->rings_offset + (mark_at + 16) % ddet_ctl->ring_bytes);
		ok(since_mark() == 2 && ddet_slots[0].head - mark_at == 32 + 16 * extra, "%u payload records", extra);
		ok(records[0].id == (DDET_KIND_ENTRY << 28 | n << 24 | s_many) && records[0].arg == 0x11, "entry tells of %u words", n);
		ok(!memcmp(words, want, 4 * n), "low halves of rsi, rdx, rcx, r8, r9");
		ok(records[1].id == (DDET_KIND_EXIT << 28 | s_many), "a plain exit");
	}
	all_args = 0;
	all_sites(1);
}

/* Calls with payload fill many blocks: the count of events stays exact. */
static void test_args_count(void)
{
	const struct ddet_slot *slot = ddet_slots;
	unsigned int i, calls = 20000;
	uint64_t recorded_before, lost_before = slot->lost;
	long n;

	all_args = 5;
	all_sites(1);
	ddet_ctl->mode = DDET_MODE_OVERWRITE;
	mark();
	recorded_before = ddet_cpu.recorded + (ddet_cpu.pos - ddet_cpu.block - 32) / 16 - ddet_cpu.extra;
	for (i = 0; i < calls; i++)
		many(i, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	n = since_mark();
	ok(n == 2 * (long)calls && slot->lost == lost_before, "%u calls over many blocks: %ld events", calls, n);
	ok(ddet_cpu.recorded + (ddet_cpu.pos - ddet_cpu.block - 32) / 16 - ddet_cpu.extra == recorded_before + 2 * calls,
	   "the block records' count is exact");
	ddet_ctl->mode = DDET_MODE_DROP;
	all_args = 0;
	all_sites(1);
}

static void test_shadow_is_clean(void)
{
	ok(ddet_cpu.shadow == ddet_cpu.thread->shadow_base + 1, "the shadow stack is empty after the calls");
}

static void test_overflow(void)
{
	long depth = 60000; /* the shadow stack holds 16,384 */

	ok(recurse(depth) == depth, "recursion deeper than the shadow stack still computes");
	test_shadow_is_clean();
}

static void test_depth_limit(void)
{
	long n;

	ddet_ctl->depth_limit = 2;
	ddet_ctl->generation++;
	ddet_poll();
	mark();
	recurse(10);
	n = since_mark();
	ok(n == 4, "depth limit 2 records two of eleven nested calls: 4 records, got %ld", n);
	ddet_ctl->depth_limit = 0;
	ddet_ctl->generation++;
	ddet_poll();
}

static unsigned long expected_caller;
static void find_caller(void)
{
	expected_caller = ddet_caller((unsigned long)__builtin_return_address(0));
}

static void test_return_address(int on)
{
	unsigned long got = driver_deep();

	the_hook = find_caller;
	switcher(1);
	the_hook = NULL;
	ok(expected_caller > (unsigned long)switcher && expected_caller < (unsigned long)switcher + 200,
	   "ddet_caller in an untraced function, tracing %s", on ? "on" : "off");
	if (on)
		ok(got - ddet_cells_base < ddet_cells_size, "a traced function's return address is a cell");
	else
		ok(got > (unsigned long)driver_deep && got < (unsigned long)driver_deep + 100, "untraced: the real one");
}

/* Two "kernel threads" hand the virtual CPU to and fro in the middle of traced functions. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;
static struct ddet_thread *threads[2];
static __thread int self;

static void yield_cpu(void)
{
	pthread_mutex_lock(&lock);
	ddet_switch(threads[!self]);
	turn = !self;
	pthread_cond_broadcast(&changed);
	while (turn != self)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void *second_thread(void *arg)
{
	long i, sum = 0;

	self = 1;
	pthread_mutex_lock(&lock);
	while (turn != 1)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	for (i = 0; i < 2000; i++)
		sum += switcher(i) + tail_a(i);
	*(long *)arg = sum;
	ddet_thread_exit(threads[1]);
	pthread_mutex_lock(&lock);
	ddet_switch(threads[0]);
	turn = 0;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void test_threads(void)
{
	pthread_t t;
	long i, sum = 0, other = 0, want = 0;

	for (i = 0; i < 2000; i++)
		want += i + leaf(i) + leaf(i + 2);
	threads[0] = ddet_cpu.thread;
	threads[1] = ddet_thread_new("second", DDET_ROLE_KTHREAD, 2);
	pthread_create(&t, NULL, second_thread, &other);
	the_hook = yield_cpu;
	for (i = 0; i < 2000; i++)
		sum += switcher(i) + tail_a(i);
	yield_cpu();
	pthread_join(t, NULL);
	the_hook = NULL;
	ok(sum == want && other == want, "2,000 switches in the middle of traced functions");
	ok(ddet_slots[1].state == DDET_SLOT_EXITED && !strcmp(ddet_slots[1].name, "second"), "the exited thread keeps its slot");
	test_shadow_is_clean();
}

/* A timer signal runs traced functions on top of whatever it interrupts, unless ddet_may_interrupt() forbids. */
static volatile long interrupts, deferred;
static void on_alarm(int sig, siginfo_t *info, void *context)
{
	unsigned long pc = (unsigned long)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

	(void)sig, (void)info;
	if (!ddet_may_interrupt(pc)) {
		deferred++;
		return;
	}
	if (outer(3) != 10 + 13)
		abort();
	ddet_softirq_raise(3);
	interrupts++;
}

static void test_interrupts(void)
{
	struct sigaction sa = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_RESTART};
	struct itimerval every = {{0, 50}, {0, 50}}, off = {{0, 0}, {0, 0}};
	long sum = 0, i;

	ddet_ctl->categories = ~0u;
	ddet_ctl->generation++;
	ddet_poll();
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (i = 0; i < 200000 || (interrupts < 200 && i < 20000000); i++) {
		sum += outer(i) - 2 * (3 * i + 1) - 3;
		sum += tail_a(i) - (3 * (i + 2) + 1);
		ddet_dma_map(1, 2, 3, 4, 5, 6, 7, 8);
		if (i % 5000 == 0)
			all_sites(i / 5000 & 1);
	}
	setitimer(ITIMER_REAL, &off, NULL);
	all_sites(1);
	ok(sum == 0, "calls stay right under %ld interrupts (%ld deferred)", interrupts, deferred);
	ok(interrupts >= 200, "there were interrupts");
	test_shadow_is_clean();
}

static void set_triggers(unsigned int n, const struct ddet_trigger *list)
{
	memcpy(ddet_ctl->triggers, list, n * sizeof(*list));
	ddet_ctl->trigger_count = n;
	ddet_ctl->generation++;
	ddet_poll();
}

static void test_triggers(double expected)
{
	const struct ddet_trigger list[] = {
		{site_of(outer), DDET_TRIGGER_STACK}, {site_of(floats), DDET_TRIGGER_SNAPSHOT},
		{site_of(many), DDET_TRIGGER_STACK},  {ddet_ctl->site_count + 7, DDET_TRIGGER_STOP},
		{site_of(leaf), DDET_TRIGGER_STACK},  {site_of(varargs), DDET_TRIGGER_SNAPSHOT},
	};
	const struct ddet_trigger stop = {site_of(work), DDET_TRIGGER_STOP};
	unsigned int i, stacks = 0;
	const unsigned int *frames;
	long n;

	all_args = 0;
	all_sites(1);
	ddet_ctl->categories = DDET_CAT_MARK;
	set_triggers(6, list);
	ok(everything() == expected, "same results with triggers on six functions, stack and register arguments included");
	ok(ddet_ctl->trigger_hits[0] > 0 && ddet_ctl->trigger_hits[1] == 1 && ddet_ctl->trigger_hits[2] == 1,
	   "calls are counted: %u %u %u", ddet_ctl->trigger_hits[0], ddet_ctl->trigger_hits[1], ddet_ctl->trigger_hits[2]);
	ok(ddet_ctl->trigger_hits[3] == 0 && ddet_ctl->snapshots == 2, "a site that does not exist is no trigger");
	test_shadow_is_clean();

	/* Earlier tests have filled the ring: as if a reader had taken it all. */
	ddet_slots[0].tail = ddet_slots[0].head;
	outer(1);
	mark();
	outer(7);
	n = since_mark();
	for (i = 0; i < (unsigned int)n; i++)
		stacks += records[i].id >> DDET_KIND_SHIFT == DDET_KIND_EVENT && (records[i].id & 0xffffff) == DDET_EV_STACK;
	ok(stacks == 3 && n == 12, "outer and two leaf: 3 stacks, 3 triggers, 6 entries and exits; got %u of %ld", stacks, n);
	/* leaf's stack: outer, this function. ring_events() leaves payload out, so it is read from the ring. */
	frames = NULL;
	for (uint64_t pos = mark_at; pos < ddet_slots[0].head; pos += 16) {
		const struct rec *r = (const struct rec *)(ddet_cpu.thread->ring + pos % ddet_ctl->ring_bytes);

		if (r->id >> DDET_KIND_SHIFT == DDET_KIND_EVENT && (r->id & 0xffffff) == DDET_EV_STACK &&
		    r->arg == (unsigned int)(unsigned long)leaf && !frames)
			frames = (const unsigned int *)(r + 1);
	}
	ok(frames && frames[0] - (unsigned int)(unsigned long)outer < 100 &&
		   frames[1] - (unsigned int)(unsigned long)test_triggers < 2000,
	   "its callers, not the cells that they return to");

	set_triggers(1, &stop);
	n = ddet_ctl->trigger_hits[0];
	ok(work(5) == 5 * 2654435761u + 1 && n == 0 && ddet_ctl->stops == 1 && ddet_categories == 0, "a call ends the recording");
	ddet_poll();
	ok(ddet_ctl->patched_sites == 0, "and at the next safe point all sites are off");
	ok(everything() == expected && ddet_ctl->stops == 1, "no trigger is left");
}

/* A recorder changes the triggers while calls are on their way through trampolines: each still arrives where it was going. */
static volatile long rotations;
static void on_rotate(int sig, siginfo_t *info, void *context)
{
	static struct ddet_trigger list[2];
	unsigned int turn = (unsigned int)rotations & 1;

	(void)sig, (void)info;
	if (!ddet_may_interrupt((unsigned long)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP]))
		return;
	list[turn] = (struct ddet_trigger){site_of(leaf), DDET_TRIGGER_STACK};
	list[!turn] = (struct ddet_trigger){site_of(half), DDET_TRIGGER_STACK};
	set_triggers(2, list);
	rotations++;
}

static void test_rotation(void)
{
	struct sigaction sa = {.sa_sigaction = on_rotate, .sa_flags = SA_SIGINFO | SA_RESTART};
	struct itimerval every = {{0, 50}, {0, 50}}, off = {{0, 0}, {0, 0}};
	long wrong = 0, i;

	all_args = 0;
	all_sites(1);
	ddet_ctl->categories = DDET_CAT_MARK;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (i = 0; i < 20000 || (rotations < 2000 && i < 2000000); i++)
		wrong += (leaf(i) != 3 * i + 1) + (half(8) != 4);
	setitimer(ITIMER_REAL, &off, NULL);
	ok(wrong == 0 && rotations >= 200, "%ld changes of the triggers in %ld calls, %ld of them went astray", rotations, 2 * i, wrong);
	ddet_ctl->trigger_count = 0;
	ddet_ctl->generation++;
	ddet_poll();
}

static void test_breakpoint(void)
{
	/* As gdb plants one: int3 over the first nop. The patcher must leave it, and say so. */
	unsigned int site = site_of(many);
	unsigned char int3 = 0xcc, nop5[5] = {0x0f, 0x1f, 0x44, 0, 0};

	all_sites(0);
	ok(site != ~0u && !memcmp((void *)many, nop5, 5), "a site that was switched off holds one 5-byte nop");
	ddet__write_text((unsigned long)many, &int3, 1);
	all_sites(1);
	ok(*(unsigned char *)many == 0xcc && ddet_ctl->skipped_sites == 1, "a breakpoint is left in place and counted");
	ddet__write_text((unsigned long)many, nop5, 1);
	ddet_ctl->generation++;
	ddet_poll();
	ok(*(unsigned char *)many == 0xe9 && ddet_ctl->skipped_sites == 0, "the next change switches the site on");
}

/* One place for each of two categories, and one that a category shares. */
static __attribute__((noinline)) void event_places(unsigned int x)
{
	ddet_irq_handler_exit(x, 1);
	ddet_softirq_raise(x);
	ddet_softirq_entry(x);
}

static void categories(unsigned int mask)
{
	ddet_ctl->categories = mask;
	ddet_ctl->generation++;
	ddet_poll();
}

static unsigned int events_on(void)
{
	const struct ddet_event_site *s;
	unsigned int on = 0;

	for (s = __start_ddet_event_sites; s < __stop_ddet_event_sites; s++)
		on += *(const unsigned char *)s->site == 0xe9;
	return on;
}

static void test_event_places(void)
{
	const struct ddet_event_site *s, *first = NULL;
	unsigned int all = 0;
	unsigned char int3 = 0xcc, nop = 0x0f;

	for (s = __start_ddet_event_sites; s < __stop_ddet_event_sites; s++) {
		all++;
		if (s->site - (unsigned long)event_places < 200 && s->category == DDET_CAT_IRQ)
			first = s;
	}
	all_sites(0);
	categories(0);
	ok(first && events_on() == 0, "%u places of events, all off", all);
	ddet_slots[0].tail = ddet_slots[0].head;
	mark();
	event_places(5);
	ok(since_mark() == 0, "nothing is recorded");
	categories(DDET_CAT_SOFTIRQ);
	ok(events_on() > 1 && events_on() < all, "%u belong to a category that is on", events_on());
	mark();
	event_places(5);
	ok(since_mark() == 2 && records[0].arg == 5, "its two events, and not the third");
	categories(~0u);
	ok(events_on() == all && ddet_ctl->skipped_sites == 0, "all on");
	mark();
	event_places(6);
	ok(since_mark() == 3 && (records[0].id & 0xffffff) == DDET_EV_IRQ_HANDLER_EXIT, "three events, in order");

	categories(0);
	if (!first)
		return;
	ddet__write_text(first->site, &int3, 1);
	categories(~0u);
	ok(*(unsigned char *)first->site == 0xcc && ddet_ctl->skipped_sites == 1, "a breakpoint is left in place and counted");
	ddet__write_text(first->site, &nop, 1);
	ddet_ctl->generation++;
	ddet_poll();
	ok(events_on() == all && ddet_ctl->skipped_sites == 0, "the next change switches it on");
	int3 = 0xe9;
	ddet__write_text(first->site, "\xcc", 1);
	categories(0);
	ok(events_on() == 0 && ddet_ctl->skipped_sites == 1, "one that cannot be switched off");
	ddet__write_text(first->site, &int3, 1);
	mark();
	event_places(7);
	ok(since_mark() == 0, "records nothing all the same");
	ddet_ctl->generation++;
	ddet_poll();
	ok(events_on() == 0 && ddet_ctl->skipped_sites == 0, "and is off at the next change");
}

int main(void)
{
	double before = everything(), on, off;
	unsigned sum = 0, check = 0, i;
	long n;

	ok(ddet_init(-1) == 0, "ddet_init makes a region");
	region = (uint8_t *)mmap(NULL, ddet_ctl->region_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, ddet_fd, 0);
	ok(ddet_ctl->site_count > 20 && ddet_ctl->api_site_count == 3, "%u sites, %u of them API thunks", ddet_ctl->site_count,
	   ddet_ctl->api_site_count);
	ddet_switch(ddet_thread_new("main", DDET_ROLE_BOOT, (int)getpid()));
	ok(ddet_cpu.thread->ring == NULL && ddet_cells_base == 0, "nothing is mapped before tracing is on");
	test_return_address(0);

	all_args = 0;
	all_sites(1);
	ok(ddet_ctl->patched_sites == ddet_ctl->site_count && ddet_ctl->skipped_sites == 0, "all sites on");
	ok(ddet_ctl->cost_pair > 0 && ddet_ctl->cost_inner <= ddet_ctl->cost_pair, "own cost: pair %u, inner %u, event %u mticks",
	   ddet_ctl->cost_pair, ddet_ctl->cost_inner, ddet_ctl->cost_event);
	on = everything();
	ok(on == before, "same results with all sites on: %.1f %.1f", before, on);
	test_shadow_is_clean();
	test_records();
	test_args();
	test_args_count();
	test_return_address(1);
	test_overflow();
	test_depth_limit();
	test_threads();

	for (i = 0; i < 1000000; i++) {
		sum += work(i);
		check += i * 2654435761u + 1;
	}
	ok(sum == check, "a million calls");

	all_args = -1; /* from here on any number of them */
	for (i = 0; i < 200; i++) {
		all_sites((int)(i & 1));
		if (everything() != before)
			break;
	}
	ok(i == 200, "200 times on and off");
	test_triggers(before);
	test_rotation();
	all_args = -1;
	test_breakpoint();
	test_event_places();
	test_interrupts();

	all_sites(0);
	ok(ddet_ctl->patched_sites == 0, "all sites off");
	mark();
	n = (long)ddet_slots[0].lost;
	off = everything();
	ok(off == before && since_mark() == 0 && (long)ddet_slots[0].lost == n, "off: same results, no records");
	return tap_end();
}
