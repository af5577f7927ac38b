// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the thread table and switches the emission state at a hand-off.
 *
 * The holder of the virtual CPU is the only writer of everything here; the reader writes `tail` and frees exited slots
 * (EXITED -> FREE), which only this file takes again.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"

struct ddet_ctl *ddet_ctl;
struct ddet_slot *ddet_slots;
struct ddet_thread *ddet_threads;
int ddet_fd = -1;
ddet_u64 ddet_ring_bytes, ddet_rings_offset;
unsigned int ddet_depth_limit;

static struct ddet_thread *ddet_zombie; /* exited while running: freed at the next switch */

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

	for (i = 0; i < DDET_MAX_THREADS; i++) {
		if (ddet_slots[i].state == DDET_SLOT_FREE)
			goto found;
	}
	/* Nobody has read the oldest ring of an exited thread: its events are lost, and counted. */
	for (i = 0; i < DDET_MAX_THREADS; i++) {
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
		munmap(t->ring, ddet_ring_bytes);
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

static void ddet_set_depth(struct ddet_cpu *cpu, struct ddet_thread *t)
{
	if (!t->shadow_base || !cpu->shadow)
		return;
	cpu->shadow_deep = ddet_depth_limit ? t->shadow_base + 1 + ddet_depth_limit : cpu->shadow_lim;
	if (cpu->shadow_deep > cpu->shadow_lim)
		cpu->shadow_deep = cpu->shadow_lim;
}

void ddet__depth_apply(unsigned int limit)
{
	struct ddet_thread *t;

	ddet_depth_limit = limit > DDET_SHADOW_BYTES / sizeof(struct ddet_shadow) ? 0 : limit;
	for (t = ddet_threads; t; t = t->next)
		ddet_set_depth(t == ddet_cpu.thread ? &ddet_cpu : &t->cpu, t);
}
