// SPDX-License-Identifier: GPL-2.0-only
// kthread, work queue, timer
#include "../common.h"
#include <linux/kthread.h>
#include <linux/workqueue.h>
#include <linux/hrtimer.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>

struct poller {
	struct pci_dev *pdev;
	void __iomem *mem;
	struct task_struct *task;
	struct workqueue_struct *wq;
	struct work_struct w1;
	struct delayed_work dw;
	struct timer_list t;
	struct hrtimer hr;
	struct completion *cur;
	struct mutex m;
	spinlock_t l;
	u32 value, count;
	bool stop;
	struct rcu_head rcu;
	u32 __rcu *cfg;
};

static noinline int poller_deep(struct poller *p, int n)
{
	volatile char pad[512]; // ALT k-stack-overflow

	memset((void *)pad, n, sizeof(pad));
	return poller_deep(p, n + 1) + pad[n & 511]; // HERE k-stack-overflow
}

static int poller_thread(void *arg)
{
	struct poller *p = arg;

	while (IS("k-nonstop") || !kthread_should_stop()) {
		p->value = readl(p->mem + 0x20);
		p->count++;
		if (IS("k-exit-early") && p->count == 3)
			return 0;
		if (IS("k-thread-preempt") && p->count == 2)
			preempt_disable(); // ALT k-thread-preempt
		if (IS("k-stack-overflow") && p->count == 2)
			p->value = poller_deep(p, 0);
		msleep(20); // HERE k-thread-preempt
	}
	return 0;
}

static void poller_work(struct work_struct *w)
{
	struct poller *p = container_of(w, struct poller, w1);

	if (IS("k-stack-completion")) {
		msleep(100);
		complete(p->cur); // HERE k-stack-completion
		return;
	}
	if (IS("k-self-flush"))
		flush_workqueue(p->wq); // HERE k-self-flush
	if (IS("k-work-lock")) {
		mutex_lock(&p->m); // ALT k-work-lock
		mutex_unlock(&p->m);
	}
	if (IS("k-work-unlock-bh"))
		spin_lock_bh(&p->l); // HERE k-work-unlock-bh
	p->count++;
}

static void poller_dwork(struct work_struct *w)
{
	struct poller *p = container_of(to_delayed_work(w), struct poller, dw);

	p->value ^= readl(p->mem + 4); // ALT k-dwork-freed
	schedule_delayed_work(&p->dw, HZ / 20); // ALT k-dwork-left k-dwork-freed
}

static void poller_timer(struct timer_list *t)
{
	struct poller *p = from_timer(p, t, t);

	if (IS("k-timer-usleep"))
		usleep_range(100, 200); // HERE k-timer-usleep
	if (IS("k-timer-cancel"))
		cancel_work_sync(&p->w1); // HERE k-timer-cancel
	if (IS("k-timer-self"))
		del_timer_sync(&p->t); // HERE k-timer-self
	p->count++;
	mod_timer(&p->t, jiffies + 2); // HERE k-timer-rearm
}

static enum hrtimer_restart poller_hr(struct hrtimer *h)
{
	struct poller *p = container_of(h, struct poller, hr);

	if (IS("k-hr-alloc"))
		kfree(kmalloc(32, GFP_KERNEL)); // HERE k-hr-alloc
	if (IS("k-hr-bh"))
		spin_unlock_bh(&p->l); // HERE k-hr-bh
	p->count++;
	hrtimer_forward_now(h, ms_to_ktime(30));
	return HRTIMER_RESTART;
}

static void poller_rcu(struct rcu_head *h)
{
	struct poller *p = container_of(h, struct poller, rcu);

	p->count++;
}

static int poller_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct poller *p = kzalloc(sizeof(*p), GFP_KERNEL); // ALT k-dwork-freed
	DECLARE_COMPLETION_ONSTACK(local);
	u32 *cfg, v = 0;
	int rc;

	rc = pci_enable_device(pdev);
	if (rc) {
		kfree(p);
		return rc;
	}
	p->pdev = pdev;
	p->mem = ioremap(pci_resource_start(pdev, 0), pci_resource_len(pdev, 0)); // HERE k-ioremap-left
	p->wq = alloc_workqueue("poller", WQ_UNBOUND, 1); // HERE k-wq-left
	INIT_WORK(&p->w1, poller_work);
	INIT_DELAYED_WORK(&p->dw, poller_dwork);
	timer_setup(&p->t, poller_timer, 0);
	hrtimer_init(&p->hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	p->hr.function = poller_hr;
	mutex_init(&p->m);
	spin_lock_init(&p->l);
	cfg = kzalloc(sizeof(*cfg), GFP_KERNEL); // HERE k-cfg-leak
	rcu_assign_pointer(p->cfg, cfg);
	if (IS("k-rcu-noread")) {
		u32 *c = rcu_dereference(p->cfg); // HERE k-rcu-noread

		v = *c;
	} else if (IS("k-rcu-sleep")) {
		rcu_read_lock();
		v = *rcu_dereference(p->cfg);
		ssleep(1); // HERE k-rcu-sleep
		rcu_read_unlock();
	} else if (IS("k-rcu-sync")) {
		rcu_read_lock();
		synchronize_rcu(); // HERE k-rcu-sync
		rcu_read_unlock();
	} else if (IS("k-rcu-unlock")) {
		rcu_read_lock(); // HERE k-rcu-unlock
		v = *rcu_dereference(p->cfg);
	}
	if (IS("k-get-cpu"))
		v = get_cpu(); // HERE k-get-cpu
	if (IS("k-bh-off")) {
		local_bh_disable();
		p->wq = alloc_ordered_workqueue("poller2", 0); // HERE k-bh-off
		local_bh_enable();
	}
	if (IS("k-stack-completion")) {
		p->cur = &local;
		queue_work(p->wq, &p->w1);
		wait_for_completion_timeout(&local, HZ / 50); // ALT k-stack-completion
	} else {
		queue_work(p->wq, &p->w1);
	}
	p->value = v;
	p->task = kthread_run(poller_thread, p, "poller/%s", pci_name(pdev)); // HERE k-thread-left
	if (IS("k-exit-early") || IS("k-task-ref"))
		get_task_struct(p->task); // HERE k-task-ref
	schedule_delayed_work(&p->dw, HZ / 20); // HERE k-dwork-left
	mod_timer(&p->t, jiffies + 2); // HERE k-timer-left
	hrtimer_start(&p->hr, ms_to_ktime(30), HRTIMER_MODE_REL);
	pci_set_drvdata(pdev, p);
	return 0;
}

static void poller_remove(struct pci_dev *pdev)
{
	struct poller *p = pci_get_drvdata(pdev);

	if (IS("k-thread-left"))
		return;
	kthread_stop(p->task); // HERE k-nonstop
	if (IS("k-exit-early"))
		put_task_struct(p->task);
	if (IS("k-work-lock")) {
		mutex_lock(&p->m);
		queue_work(p->wq, &p->w1);
		flush_work(&p->w1); // HERE k-work-lock
		mutex_unlock(&p->m);
	}
	if (!IS("k-dwork-left") && !IS("k-dwork-freed"))
		cancel_delayed_work_sync(&p->dw);
	if (IS("k-timer-rearm"))
		del_timer(&p->t), mod_timer(&p->t, jiffies + 1);
	else if (!IS("k-timer-left"))
		del_timer_sync(&p->t);
	hrtimer_cancel(&p->hr);
	if (!IS("k-wq-left"))
		destroy_workqueue(p->wq);
	if (!IS("k-ioremap-left"))
		iounmap(p->mem);
	pci_disable_device(pdev);
	if (!IS("k-cfg-leak"))
		kfree(rcu_dereference_protected(p->cfg, 1));
	if (IS("k-call-rcu"))
		call_rcu(&p->rcu, poller_rcu); // HERE k-call-rcu
	if (!IS("k-dwork-left") && !IS("k-timer-left"))
		kfree(p); // HERE k-dwork-freed
}

static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver drv = { .name = "poller", .id_table = ids, .probe = poller_probe, .remove = poller_remove };
module_pci_driver(drv);
