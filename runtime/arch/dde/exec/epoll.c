// SPDX-License-Identifier: GPL-2.0-only
/*
 * epoll. The program's epoll instance is the host's, with all that a program may wait for there. A driver's file that is added to one gets a
 * descriptor that the host can wait for (ddekit_program_mirror()), and this file is waited for here: each wake-up, and each call of a program,
 * brings its readiness over. One mirror a file, whichever descriptors name it.
 */
#include <linux/file.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/eventpoll.h>

#include "exec.h"

#define MAX_QUEUES 4

struct mirror {
	struct list_head list;
	struct file *file; /* referenced: exec_mirrors_sweep() */
	int host; /* of ddekit */
	struct poll_table_struct table;
	struct work_struct work;
	unsigned int queues;
	struct queue {
		wait_queue_entry_t entry;
		wait_queue_head_t *head; /* NULL: gone */
		struct mirror *mirror;
	} queue[MAX_QUEUES];
};

/* Looked at by the dispatcher and by each thread that carries out a call; a driver's poll may sleep. */
static LIST_HEAD(mirrors);
static DEFINE_MUTEX(lock);

static void bring_over(struct mirror *m, bool again)
{
	__poll_t now = vfs_poll(m->file, NULL);
	short events = 0;

	if (now & (EPOLLIN | EPOLLRDNORM | EPOLLRDBAND))
		events |= POLLIN;
	if (now & (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND))
		events |= POLLOUT;
	if (now & EPOLLPRI)
		events |= POLLPRI;
	if (now & EPOLLHUP)
		events |= POLLHUP;
	/* sysfs says POLLERR | POLLPRI when an attribute has changed. */
	if ((now & EPOLLERR) && !(now & EPOLLPRI))
		events |= POLLERR;
	ddekit_program_mirror_set(m->host, events, again);
}

static void woken(struct work_struct *work)
{
	bring_over(container_of(work, struct mirror, work), true);
}

static int on_wake(wait_queue_entry_t *entry, unsigned int mode, int sync, void *key)
{
	struct queue *q = container_of(entry, struct queue, entry);

	if (key_to_poll(key) & POLLFREE) { /* the queue goes away, as in fs/eventpoll.c */
		list_del_init(&entry->entry);
		q->head = NULL;
	}
	schedule_work(&q->mirror->work);
	return 1;
}

static void wait_on(struct file *file, wait_queue_head_t *head, poll_table *table)
{
	struct mirror *m = container_of(table, struct mirror, table);
	struct queue *q;

	if (m->queues == MAX_QUEUES)
		return;
	q = &m->queue[m->queues++];
	q->head = head;
	q->mirror = m;
	init_waitqueue_func_entry(&q->entry, on_wake);
	add_wait_queue(head, &q->entry);
}

static struct mirror *mirror_of(const struct file *file)
{
	struct mirror *m;

	list_for_each_entry(m, &mirrors, list)
		if (m->file == file)
			return m;
	return NULL;
}

static long add(struct exec_thread *t, int fd, struct file *file)
{
	struct mirror *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->host = ddekit_program_mirror(t->call.id, t->process->id, fd);
	if (m->host < 0) {
		int err = m->host;

		kfree(m);
		return err;
	}
	m->file = get_file(file);
	INIT_WORK(&m->work, woken);
	init_poll_funcptr(&m->table, wait_on);
	vfs_poll(file, &m->table);
	list_add(&m->list, &mirrors);
	bring_over(m, false);
	return 0;
}

static void drop(struct mirror *m)
{
	unsigned int i;

	for (i = 0; i < m->queues; i++)
		if (m->queue[i].head)
			remove_wait_queue(m->queue[i].head, &m->queue[i].entry);
	list_del(&m->list);
	cancel_work_sync(&m->work);
	ddekit_program_mirror_end(m->host);
	fput(m->file);
	kfree(m);
}

static long show(struct exec_thread *t, int fd, struct file *file)
{
	struct mirror *m = mirror_of(file);

	return m ? ddekit_program_mirror_also(m->host, t->call.id, t->process->id, fd) : add(t, fd, file);
}

/* The host does it; before that there must be something for it to wait for. */
long exec_epoll_ctl(struct exec_thread *t, bool *hosts)
{
	const unsigned long *a = t->call.args;
	struct file *file = fget(a[2]);
	long err = 0;

	if (!file)
		return -EBADF;
	if (!file_can_poll(file))
		err = -EPERM;
	else if (!ddekit_program_mirrored(t->process->id, a[2])) {
		mutex_lock(&lock);
		/* What the host cannot wait for is in none of its sets. */
		err = a[1] == EPOLL_CTL_ADD ? show(t, a[2], file) : -ENOENT;
		mutex_unlock(&lock);
	}
	*hosts = !err;
	fput(file);
	return err;
}

void exec_mirrors_update(void)
{
	struct mirror *m;

	if (list_empty(&mirrors))
		return;
	mutex_lock(&lock);
	list_for_each_entry(m, &mirrors, list)
		bring_over(m, false);
	mutex_unlock(&lock);
}

void exec_mirrors_sweep(void)
{
	struct mirror *m, *next;

	/* A poll that does not come back must not hold the dispatcher: it comes by again. */
	if (!mutex_trylock(&lock))
		return;
	list_for_each_entry_safe(m, next, &mirrors, list)
		if (file_count(m->file) == 1)
			drop(m);
	mutex_unlock(&lock);
}
