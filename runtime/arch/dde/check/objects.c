// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for what rmmod and a reader of /proc and /sys would see: what a driver has registered with Linux, started, or holds a
 * reference of, with the line that did it, until it is ended. Which calls make and end what is told by tables/guards.txt; threads end by
 * themselves, and of files only those count whose folder is the driver's to clear. Any context; the interrupt flag protects the table.
 * What does not fit is not known and never told.
 */
#include <linux/cdev.h>
#include <linux/dcache.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <trace/events/sched.h>
#include <ddekit/host.h>
#include <ddet/ddetrace.h>

#include "../observe/probes.h"
#include "../observe/result.h"
#include "bind.h"
#include "driver.h"
#include "guard.h"
#include "objects.h"

/* The first ones of runtime/build/link/thunks.ts; what has no case of its own is told apart by its number only. */
enum object_class { NOTHING,
		    THREAD,
		    DEBUGFS,
		    DEBUGFS_LOOKUP,
		    PROC,
		    PROC_NAME,
		    SYSFS,
		    DEVICE,
		    DEVICE_NUMBER,
		    INPUT,
		    ENABLED,
		    MASTER,
		    VECTORS,
		    DEVICE_REFERENCE,
		    SYSFS_LINK };
/* How the key of what a call makes is found: an argument, or one of these. */
enum { RESULT = 7,
       NUMBER,
       MAJOR,
       AT = 10 };

#define OBJECTS 1024
#define BITS 8

struct object {
	struct hlist_node node;
	u32 key, name, function, caller;
	u8 class;
	bool by_module; /* made by the init of a module, without a device */
};

static struct object objects[OBJECTS];
static struct hlist_head table[1 << BITS];
static struct object *unused;
static unsigned int used, live;

static unsigned long argument(const struct dde_guard_regs *r, unsigned int n)
{
	return n >= 1 && n <= 6 ? *(&r->rdi - (n - 1)) : 0;
}

static struct hlist_head *head_of(u32 key)
{
	return &table[hash_32(key, BITS)];
}

static void drop(struct object *o)
{
	hlist_del(&o->node);
	o->node.next = (struct hlist_node *)unused;
	unused = o;
	live--;
}

static struct object *find(u8 class, u32 key)
{
	struct object *o;

	hlist_for_each_entry(o, head_of(key), node)
		if (o->class == class && o->key == key)
			return o;
	return NULL;
}

static void forget(u8 class, u32 key, bool newest)
{
	unsigned long flags;
	struct object *o;

	raw_local_irq_save(flags);
	while ((o = find(class, key))) {
		drop(o);
		if (newest)
			break;
	}
	raw_local_irq_restore(flags);
}

/* What is not told by its key alone. */
static bool is_meant(const struct object *o, u8 class, const struct dde_guard_regs *r, unsigned int n)
{
	const char *name = (const char *)argument(r, 1);

	if (class == DEBUGFS_LOOKUP)
		return o->class == DEBUGFS && !strcmp(((struct dentry *)(unsigned long)o->key)->d_name.name, name);
	if (class == PROC_NAME)
		return o->class == PROC && o->name == jhash(name, strlen(name), 0);
	return o->class == DEVICE && ((struct device *)(unsigned long)o->key)->devt == (dev_t)argument(r, n);
}

static void forget_meant(u8 class, const struct dde_guard_regs *r, unsigned int n)
{
	struct hlist_node *next;
	unsigned long flags;
	struct object *o;
	unsigned int i;

	raw_local_irq_save(flags);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		hlist_for_each_entry_safe(o, next, &table[i], node) if (is_meant(o, class, r, n))
			drop(o);
	raw_local_irq_restore(flags);
}

void dde_object_ends(u64 what, const struct dde_guard_regs *r)
{
	unsigned int n = what >> 45 & 7;
	u8 class = what >> 32;

	if (!n || !live)
		return;
	if (class == DEBUGFS_LOOKUP || class == PROC_NAME || class == DEVICE_NUMBER)
		forget_meant(class, r, n);
	else
		forget(class, argument(r, n), what >> 48 & 1);
}

/* Whether the call did what it was asked for, and the key of what it made; 0 if there is nothing. */
static u32 key_of(unsigned int how, bool always, const struct dde_guard_regs *r)
{
	int err = r->rax;

	if (how == RESULT)
		return IS_ERR_OR_NULL((void *)r->rax) ? 0 : r->rax;
	if (!always && err < 0)
		return 0;
	if (how == NUMBER)
		return err;
	if (how == MAJOR)
		return argument(r, 1) ?: err;
	if (how > AT)
		return *(u32 *)argument(r, how - AT);
	return argument(r, how);
}

/* States of a device, whose calls give the line only: Linux knows whether they are left. */
static bool is_state(u8 class)
{
	return class == ENABLED || class == MASTER || class == VECTORS;
}

/* Files whose folder goes when somebody else removes it are not the driver's to clear. */
static bool counts(u8 class, u32 key, const struct dde_guard_regs *r, unsigned long parent)
{
	switch (class) {
	case SYSFS:
	case SYSFS_LINK:
	case DEVICE_REFERENCE:
		return dde_bind_has((struct device *)argument(r, 1));
	case DEBUGFS:
		return IS_ROOT(((struct dentry *)(unsigned long)key)->d_parent);
	case PROC:
		return !parent;
	}
	return true;
}

void dde_object_made(u64 what, const struct dde_guard_regs *r, u32 caller)
{
	unsigned int how = what >> 40 & 31;
	u8 class = what >> 32;
	unsigned long flags;
	struct object *o;
	u32 key;

	if (!how || !dde_acting())
		return;
	key = key_of(how, what >> 49 & 1, r);
	if (!key || !counts(class, key, r, argument(r, what >> 12 & 15)))
		return;
	if (is_state(class))
		forget(class, key, false);
	raw_local_irq_save(flags);
	o = unused;
	if (o)
		unused = (struct object *)o->node.next;
	else if (used < OBJECTS)
		o = &objects[used++];
	if (o) {
		*o = (struct object){ .key = key, .function = r->function, .caller = caller, .class = class, .by_module = !dde_bound };
		if (class == PROC)
			o->name = jhash((char *)argument(r, 1), strlen((char *)argument(r, 1)), 0);
		hlist_add_head(&o->node, head_of(key));
		live++;
	}
	raw_local_irq_restore(flags);
}

static bool is_left(const struct object *o)
{
	return !is_state(o->class) && !(o->by_module && dde_modules_stay);
}

unsigned int dde_objects_live(void)
{
	unsigned int n = 0, i;
	struct object *o;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		hlist_for_each_entry(o, &table[i], node)
			n += is_left(o);
	return n;
}

static void report(unsigned int n, u8 kind, u32 key, u32 function, u32 caller, const char *what)
{
	const char *by;

	ddet_leak(kind, caller, key, function);
	if (n >= 20)
		return;
	by = dde_driver_place(caller);
	pr_warn("dde: left behind: %s 0x%x, by %s\n", what, key, by);
	dde_result("{\"type\":\"leak\",\"kind\":\"%s\",\"address\":\"0x%x\",\"caller\":\"%s\"}", what, key, by);
}

static void report_state(u8 class, u8 kind, struct pci_dev *pdev, const char *what)
{
	const struct object *o = find(class, (unsigned long)pdev);

	if (o)
		report(0, kind, o->key, o->function, o->caller, what);
}

void dde_objects_report_leaks(void)
{
	unsigned int n = 0, i;
	struct object *o;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		hlist_for_each_entry(o, &table[i], node)
			if (is_left(o))
				report(n++, DDET_LEAK_OBJECT, o->key, o->function, o->caller, o->class == THREAD ? "thread" : "object");
}

void dde_states_report_leaks(struct pci_dev **devices, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct pci_dev *pdev = devices[i];

		if (pdev->msi_enabled || pdev->msix_enabled)
			report_state(VECTORS, DDET_LEAK_VECTORS, pdev, "interrupt vectors");
		if (pci_is_enabled(pdev))
			report_state(ENABLED, DDET_LEAK_ENABLED, pdev, "enabled device");
		if (pdev->is_busmaster)
			report_state(MASTER, DDET_LEAK_BUS_MASTER, pdev, "bus mastering");
	}
}

static void on_exit(void *data, struct task_struct *task)
{
	if (live)
		forget(THREAD, (unsigned long)task, false);
}

static int objects_on(void)
{
	return register_trace_sched_process_exit(on_exit, NULL);
}

/* What ends from now on goes unseen: nothing may be remembered beyond. */
static int objects_off(void)
{
	unregister_trace_sched_process_exit(on_exit, NULL);
	memset(table, 0, sizeof(table));
	unused = NULL;
	used = live = 0;
	return 0;
}

static struct dde_probe probe = { .category = DDET_CAT_CHECK, .on = objects_on, .off = objects_off };

static int __init objects_init(void)
{
	dde_probes_add(&probe, 1);
	return 0;
}
early_initcall(objects_init);
