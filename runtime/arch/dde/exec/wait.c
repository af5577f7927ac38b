// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll() and select(). With descriptors of the driver's alone Linux's own do it. With some of both sides neither kernel can wait for all:
 * they are asked in turn, first often, then each few milliseconds.
 */
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "exec.h"

#define SLOWEST_MS 10

struct waited {
	int fd;
	short events, revents;
	bool ours;
};

static bool is_poll(int nr)
{
	return nr == EXEC_poll || nr == EXEC_ppoll;
}

/* Fills what the call waits for; the number, 0 for one that only sleeps, or -errno. */
static int what(struct exec_process *p, const struct ddekit_call *c, struct waited *w)
{
	static const short of_set[] = { POLLIN | POLLRDNORM | POLLHUP | POLLERR, POLLOUT | POLLWRNORM | POLLERR, POLLPRI };
	unsigned long bits[EXEC_MAX_FDS / BITS_PER_LONG];
	unsigned int n = 0, i, set;
	struct pollfd one;

	if (is_poll(c->nr)) {
		if (c->args[1] > EXEC_MAX_FDS)
			return -EINVAL;
		for (i = 0; i < c->args[1]; i++) {
			if (ddekit_program_read(c->tid, &one, c->args[0] + i * sizeof(one), sizeof(one)))
				return -EFAULT;
			w[i] = (struct waited){ one.fd, one.events, 0, one.fd >= 0 && exec_holds(p, one.fd) };
		}
		return c->args[1];
	}
	if (c->args[0] > EXEC_MAX_FDS)
		return -EINVAL;
	for (set = 0; set < 3; set++) {
		if (!c->args[1 + set])
			continue;
		memset(bits, 0, sizeof(bits));
		if (ddekit_program_read(c->tid, bits, c->args[1 + set], BITS_TO_LONGS(c->args[0]) * sizeof(long)))
			return -EFAULT;
		for_each_set_bit(i, bits, c->args[0])
		{
			if (n == EXEC_MAX_FDS)
				return -EINVAL;
			w[n++] = (struct waited){ i, of_set[set], 0, exec_holds(p, i) };
		}
	}
	return n;
}

int exec_wait_kind(struct exec_process *p, const struct ddekit_call *c)
{
	struct waited *w = kmalloc_array(EXEC_MAX_FDS, sizeof(*w), GFP_KERNEL);
	int n = w ? what(p, c, w) : 0, i;
	bool ours = false, hosts = false;

	for (i = 0; i < n; i++) {
		if (w[i].ours)
			ours = true;
		else if (w[i].fd >= 0)
			hosts = true;
	}
	kfree(w);
	if (!ours)
		return 0;
	return hosts ? 2 : 1;
}

static int ask(struct exec_process *p, struct waited *w, int n)
{
	int i, ready = 0;

	for (i = 0; i < n; i++) {
		short wanted = w[i].events | POLLERR | POLLHUP;

		if (w[i].fd < 0)
			continue;
		if (w[i].ours) {
			struct file *f = fget(w[i].fd);

			/* As a __poll_t has the same bits as poll()'s. */
			w[i].revents = f ? (__force short)(vfs_poll(f, NULL) & wanted) : POLLNVAL;
			if (f)
				fput(f);
		} else {
			w[i].revents = ddekit_program_poll(p->id, w[i].fd, w[i].events);
		}
		ready += w[i].revents != 0;
	}
	return ready;
}

/* Milliseconds; -1: for ever. */
static long limit(const struct ddekit_call *c)
{
	unsigned long at = c->nr == EXEC_ppoll ? c->args[2] : c->args[4];
	s64 t[2];

	if (c->nr == EXEC_poll)
		return (int)c->args[2];
	if (!at)
		return -1;
	if (ddekit_program_read(c->tid, t, at, sizeof(t)))
		return 0;
	return min_t(s64, t[0], 1000000) * 1000 + t[1] / (c->nr == EXEC_select ? 1000 : 1000000);
}

static long give(const struct ddekit_call *c, const struct waited *w, int n, int ready)
{
	unsigned long bits[EXEC_MAX_FDS / BITS_PER_LONG];
	unsigned int set, at = 0;
	int i;

	if (is_poll(c->nr)) {
		for (i = 0; i < n; i++)
			if (put_user(w[i].revents, &((struct pollfd __user *)c->args[0])[i].revents))
				return -EFAULT;
		return ready;
	}
	for (set = 0; set < 3; set++) {
		static const short of_set[] = { POLLIN, POLLOUT, POLLPRI };

		if (!c->args[1 + set])
			continue;
		memset(bits, 0, sizeof(bits));
		for (; at < n && (w[at].events & of_set[set]); at++)
			if (w[at].revents)
				__set_bit(w[at].fd, bits);
		if (copy_to_user((void __user *)c->args[1 + set], bits, BITS_TO_LONGS(c->args[0]) * sizeof(long)))
			return -EFAULT;
	}
	return ready;
}

long exec_wait_mixed(struct exec_thread *t)
{
	struct waited *w = kmalloc_array(EXEC_MAX_FDS, sizeof(*w), GFP_KERNEL);
	int n = w ? what(t->process, &t->call, w) : -ENOMEM, ready = 0;
	long left = limit(&t->call), step = 0;
	unsigned long end = jiffies + msecs_to_jiffies(max(left, 0L));

	while (n >= 0) {
		ready = ask(t->process, w, n);
		if (ready || (left >= 0 && time_after_eq(jiffies, end)))
			break;
		if (signal_pending(current)) {
			n = -EINTR;
			break;
		}
		step = min(step + 1, (long)SLOWEST_MS);
		schedule_timeout_interruptible(msecs_to_jiffies(step));
	}
	if (n >= 0)
		n = give(&t->call, w, n, ready);
	kfree(w);
	return n;
}
