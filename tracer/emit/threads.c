// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches to the shared region, keeps the thread table, switches the emission state at a hand-off.
 *
 * The holder of the virtual CPU is the only writer of everything here; the reader writes `tail` and frees exited slots
 * (EXITED -> FREE), which only this file takes again.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"

struct ddet_ctl *ddet_ctl;
struct ddet_slot *ddet_slots;
struct ddet_thread *ddet_threads;
int ddet_fd = -1;
unsigned int ddet_depth_limit;

static struct ddet_thread *ddet_zombie; /* exited while running: freed at the next switch */

static ddet_u64 ddet_now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (ddet_u64)ts.tv_sec * 1000000000u + (ddet_u64)ts.tv_nsec;
}

static int ddet_invariant_tsc(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
}

static int ddet_make_region(void)
{
	struct ddet_ctl ctl = {0};
	int fd, err;

	fd = memfd_create("ddetrace", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	ddet_region_layout(&ctl, DDET_DEFAULT_RING_BYTES, DDET_MODE_DROP);
	if (ftruncate(fd, (off_t)ctl.region_bytes) || pwrite(fd, &ctl, sizeof(ctl), 0) != (ssize_t)sizeof(ctl)) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

int ddet_init(int fd)
{
	struct stat st;
	struct ddet_ctl *ctl;
	ddet_u64 before;
	int err, own = fd < 0;

	if (ddet_ctl)
		return -EBUSY;
	if (own)
		fd = ddet_make_region();
	if (fd < 0)
		return fd;
	err = -EINVAL;
	if (fstat(fd, &st) || st.st_size < 4096)
		goto out_close;
	ctl = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (ctl == MAP_FAILED) {
		err = -errno;
		goto out_close;
	}
	if (!ddet_region_valid(ctl, (ddet_u64)st.st_size)) {
		munmap(ctl, 4096);
		goto out_close;
	}
	before = ctl->rings_offset;
	munmap(ctl, 4096);
	ctl = mmap(NULL, before, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ctl == MAP_FAILED) {
		err = -errno;
		goto out_close;
	}
	ddet_slots = (struct ddet_slot *)((char *)ctl + ctl->table_offset);
	ddet_fd = fd;

	/* Of a few tries the one with the least between its two TSC readings. */
	for (int i = 0, best = 0x7fffffff; i < 8; i++) {
		ddet_u64 a = ddet_tsc(), mono = ddet_now(CLOCK_MONOTONIC_RAW), real = ddet_now(CLOCK_REALTIME), b = ddet_tsc();

		if ((int)(b - a) < best) {
			best = (int)(b - a);
			ctl->tsc = a + (b - a) / 2;
			ctl->mono_raw = mono;
			ctl->realtime = real;
		}
	}
	ctl->pid = (unsigned int)getpid();
	ddet_ctl = ctl;
	ddet_patch_init();
	ctl->flags = DDET_CTL_READY | (ddet_invariant_tsc() ? DDET_CTL_INVARIANT_TSC : 0);
	ddet_poll();
	return 0;

out_close:
	if (own)
		close(fd);
	return err;
}

static void (*ddet_kick)(void);

void ddet__raise_kick(void)
{
	if (ddet_kick)
		ddet_kick();
}

static void ddet_on_kick(int sig)
{
	int saved = errno;

	(void)sig;
	ddet_kick();
	errno = saved;
}

void ddet_set_kick(void (*kick)(void))
{
	struct sigaction sa = {.sa_handler = ddet_on_kick, .sa_flags = SA_RESTART};

	if (!ddet_ctl || !kick)
		return;
	ddet_kick = kick;
	if (sigaction(SIGURG, &sa, NULL) == 0)
		ddet_ctl->flags |= DDET_CTL_KICK;
}

static void ddet_set_name(struct ddet_slot *slot, const char *name)
{
	size_t len = strnlen(name, DDET_NAME_BYTES - 1);

	slot->name_version++; /* odd: a reader tries again */
	ddet_barrier();
	memset(slot->name, 0, DDET_NAME_BYTES);
	memcpy(slot->name, name, len);
	ddet_barrier();
	slot->name_version++;
}

static struct ddet_slot *ddet_take_slot(unsigned int *index)
{
	unsigned int i;

	for (i = 0; i < ddet_ctl->max_threads; i++) {
		if (ddet_slots[i].state == DDET_SLOT_FREE)
			goto found;
	}
	/* Nobody has read the oldest ring of an exited thread: its events are lost, and counted. */
	for (i = 0; i < ddet_ctl->max_threads; i++) {
		if (ddet_slots[i].state == DDET_SLOT_EXITED && ddet_ctl->drainer_pid == 0) {
			ddet_ctl->noring_lost += ddet_slots[i].lost;
			goto found;
		}
	}
	return NULL;
found:
	if (i >= ddet_ctl->thread_count)
		ddet_ctl->thread_count = i + 1;
	*index = i;
	return &ddet_slots[i];
}

struct ddet_thread *ddet_thread_new(const char *name, int role, int tid)
{
	struct ddet_thread *t;
	struct ddet_slot *slot;

	if (!ddet_ctl)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	slot = ddet_take_slot(&t->index);
	t->cpu.thread = t;
	t->tid = tid;
	t->slot = slot;
	if (slot) {
		slot->uid = ++ddet_ctl->thread_uids;
		slot->tid = tid;
		slot->role = (unsigned int)role;
		slot->start_tsc = ddet_tsc();
		slot->exit_tsc = 0;
		slot->head = slot->lost = slot->tail = 0;
		ddet_set_name(slot, name);
		ddet_barrier();
		slot->state = DDET_SLOT_LIVE;
		t->cpu.head = &slot->head;
	}
	t->next = ddet_threads;
	if (t->next)
		t->next->prev = t;
	ddet_threads = t;
	return t;
}

void ddet_thread_set_tid(struct ddet_thread *t, int tid)
{
	if (!t)
		return;
	t->tid = tid;
	if (t->slot)
		t->slot->tid = tid;
}

void ddet_thread_set_role(struct ddet_thread *t, int role)
{
	if (t && t->slot)
		t->slot->role = (unsigned int)role;
}

void ddet_thread_rename(struct ddet_thread *t, const char *name)
{
	if (t && t->slot)
		ddet_set_name(t->slot, name);
}

static void ddet_free_thread(struct ddet_thread *t)
{
	if (t->ring)
		munmap(t->ring, ddet_ctl->ring_bytes);
	if (t->shadow_base)
		munmap(t->shadow_base, DDET_SHADOW_BYTES);
	if (t->prev)
		t->prev->next = t->next;
	else
		ddet_threads = t->next;
	if (t->next)
		t->next->prev = t->prev;
	if (t->slot) {
		t->slot->exit_tsc = ddet_tsc();
		ddet_barrier();
		t->slot->state = t->slot->head || t->slot->lost ? DDET_SLOT_EXITED : DDET_SLOT_FREE;
	}
	free(t);
}

void ddet_thread_exit(struct ddet_thread *t)
{
	if (!t)
		return;
	if (t == ddet_cpu.thread)
		ddet_zombie = t; /* its shadow stack may still be needed on the way to the switch */
	else
		ddet_free_thread(t);
}

unsigned int ddet_prev_state;

void ddet_switch(struct ddet_thread *next)
{
	struct ddet_thread *prev = ddet_cpu.thread;

	if (next == prev)
		return;
	if (prev && next)
		ddet_sched_switch((unsigned int)prev->tid, (unsigned int)next->tid, ddet_prev_state);
	ddet_busy = 1;
	ddet_barrier();
	if (prev)
		prev->cpu = ddet_cpu;
	if (next)
		ddet_cpu = next->cpu;
	else
		memset(&ddet_cpu, 0, sizeof(ddet_cpu));
	ddet_barrier();
	ddet_busy = 0;
	if (ddet_zombie && ddet_zombie == prev) {
		ddet_zombie = NULL;
		ddet_free_thread(prev);
	}
}

const unsigned long long *ddet_tracepoints(void)
{
	return ddet_ctl ? ddet_ctl->tracepoints : NULL;
}

unsigned int ddet_applied(void)
{
	return ddet_ctl ? ddet_ctl->applied_generation : 0;
}

static void ddet_set_depth(struct ddet_cpu *cpu, struct ddet_thread *t)
{
	if (!t->shadow_base || !cpu->shadow)
		return;
	cpu->shadow_deep = ddet_depth_limit ? t->shadow_base + 1 + ddet_depth_limit : cpu->shadow_lim;
	if (cpu->shadow_deep > cpu->shadow_lim)
		cpu->shadow_deep = cpu->shadow_lim;
}

/*
 * A recorder that was killed cannot switch tracing off. Once it has been seen alive (it may live in another pid namespace, where
 * it cannot be seen at all) its death ends the recording.
 */
static void ddet_watch_recorder(void)
{
	static unsigned int seen;
	static ddet_u64 next;
	ddet_u64 now = ddet_tsc();
	unsigned int pid = ddet_ctl->drainer_pid;
	int alive;

	if (now < next)
		return;
	next = now + (1ull << 30); /* about half a second */
	alive = kill((pid_t)pid, 0) == 0 || errno == EPERM;
	if (alive) {
		seen = pid;
	} else if (seen == pid) {
		seen = 0;
		memset((char *)ddet_ctl + ddet_ctl->bitmap_offset, 0, ddet_ctl->site_count / 8 + 1);
		ddet_ctl->categories = 0;
		ddet_ctl->trigger_count = 0;
		memset(ddet_ctl->tracepoints, 0, sizeof(ddet_ctl->tracepoints));
		ddet_ctl->drainer_pid = 0;
		ddet_ctl->generation++;
	}
}

void ddet_poll(void)
{
	struct ddet_thread *t;
	unsigned int generation;

	if (!ddet_ctl)
		return;
	if (ddet_ctl->drainer_pid)
		ddet_watch_recorder();
	/* Partner: the recorder stores `generation` after all it asks for. */
	generation = *(volatile unsigned int *)&ddet_ctl->generation;
	if (generation == ddet_ctl->applied_generation)
		return;
	ddet_busy = 1;
	ddet_barrier();
	ddet_depth_limit = ddet_ctl->depth_limit;
	if (ddet_depth_limit > DDET_SHADOW_BYTES / sizeof(struct ddet_shadow))
		ddet_depth_limit = 0;
	for (t = ddet_threads; t; t = t->next)
		ddet_set_depth(t == ddet_cpu.thread ? &ddet_cpu : &t->cpu, t);
	ddet_patch_apply((const unsigned long *)((const char *)ddet_ctl + ddet_ctl->bitmap_offset),
			 (const unsigned char *)ddet_ctl + ddet_ctl->args_offset);
	ddet_categories = ddet_ctl->categories;
	ddet_ctl->skipped_sites += ddet_events_apply(ddet_categories);
	ddet_barrier();
	ddet_busy = 0;
	ddet_ctl->applied_generation = generation;
}
