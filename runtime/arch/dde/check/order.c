// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for a part of lockdep: two mutexes or rwsems that the driver takes now in one order, now in the other. By the locks themselves and not by classes of them, so that nothing is told that could not happen with these two; spinlocks
 * are no code on one CPU (`check --with lockdep` has them). What does not fit is not known.
 */
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <ddet/ddetrace.h>

#include "../observe/locks.h"
#include "driver.h"
#include "order.h"

#define ORDERS 64

static struct order {
	const void *first, *second; /* NULL: free */
	u32 second_at;
	bool told;
} orders[ORDERS];

static struct order *find(const void *first, const void *second)
{
	unsigned int i;

	for (i = 0; i < ORDERS; i++)
		if (orders[i].first == first && orders[i].second == second)
			return &orders[i];
	return NULL;
}

static void on_order(const void *held, u32 held_at, const void *lock, u32 at)
{
	struct order *o, *other;
	unsigned long flags;
	u32 opposite = 0;

	if (!(ddet_categories & DDET_CAT_CHECK) || held == lock || !dde_in_driver(held_at) || !dde_in_driver(at))
		return;
	raw_local_irq_save(flags);
	o = find(held, lock);
	if (!o && (o = find(NULL, NULL)))
		*o = (struct order){ .first = held, .second = lock, .second_at = at };
	other = find(lock, held);
	if (other && o && !o->told) {
		o->told = other->told = true;
		opposite = other->second_at;
	}
	raw_local_irq_restore(flags);
	if (opposite)
		ddet_misuse(DDET_MISUSE_LOCK_ORDER, at, (unsigned long)lock, 0, opposite);
}

void dde_order_forget(unsigned long lock)
{
	unsigned long flags;
	unsigned int i;

	raw_local_irq_save(flags);
	for (i = 0; i < ORDERS; i++)
		if ((unsigned long)orders[i].first == lock || (unsigned long)orders[i].second == lock)
			orders[i] = (struct order){ 0 };
	raw_local_irq_restore(flags);
}

static int __init order_init(void)
{
	dde_on_lock_order = on_order;
	return 0;
}
early_initcall(order_init);
