// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the calls of the programs and sorts them: the host's own, or one of the driver's. Programs are started by the workload `exec`, or are
 * brought to the running driver; the thread for their calls comes with the first.
 */
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/if_arp.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/socket.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "../workload/workload.h"
#include "exec.h"

#define CHECK_EVERY (HZ / 20)
#define CLONE_FILES_OR_THREAD (CLONE_FILES | CLONE_THREAD)
#define DISK_SECONDS 5

static DECLARE_COMPLETION(event); /* for the dispatcher */
static DECLARE_COMPLETION(news); /* for the workload */
static bool net;

void exec_wake(void)
{
	complete(&event);
}

void dde_exec_event(void)
{
	complete(&event);
	complete(&news);
}

static unsigned long clone_flags(const struct ddekit_call *c)
{
	u64 flags = 0;

	if (c->nr != EXEC_clone3)
		return c->nr == EXEC_clone ? c->args[0] : 0;
	/* struct clone_args begins with them. */
	return ddekit_program_read(c->tid, &flags, c->args[0], sizeof(flags)) ? 0 : flags;
}

/* Programs that talk to an interface of the driver's mean Linux's network here; the local sockets of the host stay the host's. */
static bool socket_ours(unsigned int family)
{
	return net && (family == AF_INET || family == AF_INET6 || family == AF_NETLINK || family == AF_PACKET || family == AF_CAN);
}

static bool empty_path(const struct ddekit_call *c, unsigned int flags)
{
	char first = 1;

	return (flags & AT_EMPTY_PATH) && (!c->args[1] || (!ddekit_program_read(c->tid, &first, c->args[1], 1) && !first));
}

static bool at_ours(struct exec_process *p, const struct ddekit_call *c, unsigned int flags)
{
	if (exec_holds(p, c->args[0]))
		return true; /* a directory of the driver's, or the descriptor itself */
	return !empty_path(c, flags) && exec_path_ours(p, c->tid, c->args[1], (int)c->args[0] == AT_FDCWD);
}

static bool ours(struct exec_process *p, const struct ddekit_call *c)
{
	unsigned int fd;

	switch (c->nr) {
		EXEC_PATH(EXEC_CASE)
		EXEC_PATH_OTHER(EXEC_CASE)
		/* A process that works in a folder of the driver's may leave it by any path. */
		return (c->nr == EXEC_chdir && p->cwd.dentry) || exec_path_ours(p, c->tid, c->args[0], true);
	case EXEC_fchdir:
		return p->cwd.dentry || exec_holds(p, c->args[0]);
	case EXEC_getcwd:
		return p->cwd.dentry;
	case EXEC_openat:
	case EXEC_openat2:
	case EXEC_faccessat:
	case EXEC_readlinkat:
		return at_ours(p, c, 0);
	case EXEC_faccessat2:
	case EXEC_newfstatat:
		return at_ours(p, c, c->args[3]);
	case EXEC_statx:
		return at_ours(p, c, c->args[2]);
	case EXEC_poll:
	case EXEC_ppoll:
	case EXEC_select:
	case EXEC_pselect6:
		return exec_wait_kind(p, c) != 0;
	case EXEC_mmap:
		return exec_holds(p, c->args[4]);
	case EXEC_dup2:
	case EXEC_dup3:
	case EXEC_sendfile:
		return exec_holds(p, c->args[0]) || exec_holds(p, c->args[1]);
	case EXEC_splice:
	case EXEC_copy_file_range:
		return exec_holds(p, c->args[0]) || exec_holds(p, c->args[2]);
	case EXEC_close_range:
		if (c->args[2] & CLOSE_RANGE_CLOEXEC)
			return false; /* closes nothing before an exec */
		for (fd = c->args[0]; fd < EXEC_MAX_FDS && fd <= c->args[1]; fd++)
			if (exec_holds(p, fd))
				return true;
		return false;
	case EXEC_munmap:
		return exec_maps_at(p, c->args[0], c->args[1]);
	case EXEC_exit_group:
		if (!list_empty(&p->maps))
			return true;
		for (fd = 0; fd < EXEC_MAX_FDS; fd++)
			if (exec_holds(p, fd))
				return true;
		return false;
	case EXEC_epoll_ctl:
		return exec_holds(p, c->args[2]);
	case EXEC_socket:
		return socket_ours(c->args[0]);
	default:
		return exec_holds(p, c->args[0]);
	}
}

static void dispatch(const struct ddekit_call *c)
{
	struct exec_process *p = exec_process_of(c);
	struct exec_thread *t = NULL;

	if (p) {
		switch (c->nr) {
		case EXEC_clone:
		case EXEC_clone3:
		case EXEC_fork:
		case EXEC_vfork:
			if (!(clone_flags(c) & CLONE_FILES_OR_THREAD))
				exec_forked(p);
			break;
		case EXEC_execve:
		case EXEC_execveat:
			p->check = true;
			break;
		default:
			if (p->check)
				exec_reconcile(p);
			if (ours(p, c))
				t = exec_thread_of(c, p);
		}
	}
	if (t)
		exec_thread_run(t, c);
	else
		ddekit_program_continue(c->id);
}

static bool driver_has_net(bool ethernet)
{
#ifdef CONFIG_INET
	struct net_device *dev;

	for_each_netdev(&init_net, dev)
		if (dev->dev.parent && (!ethernet || dev->type == ARPHRD_ETHER))
			return true;
#endif
	return false;
}

/* A controller's disks come after its probe; a program that is started on a machine finds them. */
static void wait_for_disk(void)
{
#ifdef CONFIG_BLOCK
	struct device *dev = dde_first_device();

	if (dev && to_pci_dev(dev)->class >> 16 == PCI_BASE_CLASS_STORAGE)
		dde_disk(DISK_SECONDS);
#endif
}

/* As a machine is when somebody logs in. @workload: who fails when it cannot be; NULL: nobody. 0 or -errno. */
static int prepare(const char *workload)
{
	static DEFINE_MUTEX(one_by_one);
	bool up = true;
	int err;

	mutex_lock(&one_by_one);
	net = driver_has_net(false);
#ifdef CONFIG_INET
	up = !driver_has_net(true) || dde_net_up(workload);
#endif
	wait_for_disk();
	err = exec_paths_init();
	mutex_unlock(&one_by_one);
	if (err && workload)
		dde_fail(workload, "cannot mount /dev, /sys and /proc of the driver: error %d", err);
	/* Without a link a program that was brought may still want to look. */
	return err ?: (up || !workload ? 0 : -ENETDOWN);
}

static unsigned long ending[BITS_TO_LONGS(DDEKIT_PROGRAMS)]; /* programs whose end is wanted */
static DECLARE_COMPLETION(all_ended);
static bool all_back;

/* From a stop that was asked for to the end of all programs. */
enum { OPEN,
       CLOSING,
       ASKED,
       KILLED,
       CLOSED };
static int state;
static DECLARE_COMPLETION(closed);
static struct task_struct *dispatcher;
static bool serving;

/* Those that others have brought. */
static void admit(void)
{
	static bool prepared;
	const char *refusal = NULL;

	if (!ddekit_program_waiting())
		return;
	if (!prepared)
		prepared = !prepare(NULL);
	if (state != OPEN)
		refusal = "the driver is about to end";
	else if (!prepared)
		refusal = "/dev, /sys and /proc of the driver cannot be mounted";
	while (ddekit_program_admit(refusal) >= 0)
		;
}

/* The programs that are left have a tenth of a second for their end. */
static void close_step(void)
{
	static unsigned long since;

	if (state == CLOSING) {
		exec_signal_all(SIGTERM);
		since = jiffies;
		state = ASKED;
	} else if (state == ASKED && time_after(jiffies, since + HZ / 10)) {
		exec_signal_all(SIGKILL);
		state = KILLED;
	} else if (state == KILLED && time_after(jiffies, since + HZ / 5)) {
		exec_end(-1);
		state = CLOSED;
		complete(&closed);
	}
	if (state != CLOSED && exec_idle()) {
		state = CLOSED;
		complete(&closed);
	}
}

static int dispatch_all(void *unused)
{
	unsigned long checked = jiffies;
	struct ddekit_call call;
	unsigned int i;

	for (;;) {
		if (exec_idle() && state == OPEN)
			wait_for_completion_interruptible(&event);
		else
			wait_for_completion_timeout(&event, CHECK_EVERY);
		admit();
		while (exec_next_call(&call))
			dispatch(&call);
		exec_go_on();
		if (time_after_eq(jiffies, checked + CHECK_EVERY)) {
			exec_check_all();
			checked = jiffies;
		}
		for_each_set_bit(i, ending, DDEKIT_PROGRAMS)
		{
			all_back = exec_end(i);
			clear_bit(i, ending);
			complete(&all_ended);
		}
		if (state != OPEN && state != CLOSED)
			close_step();
	}
	return 0;
}

/* By the workload and by who opens the door, perhaps at the same time. */
static int start_dispatcher(void)
{
	static DEFINE_MUTEX(one_by_one);
	struct task_struct *task;

	mutex_lock(&one_by_one);
	task = dispatcher ?: kthread_run(dispatch_all, NULL, "dde-exec");
	if (!IS_ERR(task))
		dispatcher = task;
	mutex_unlock(&one_by_one);
	return PTR_ERR_OR_ZERO(task);
}

static void door_opened(struct work_struct *work)
{
	if (ddekit_program_waiting())
		start_dispatcher();
}

static DECLARE_WORK(door, door_opened);

void dde_exec_called(void)
{
	if (serving && !dispatcher)
		schedule_work(&door);
	dde_exec_event();
}

void dde_exec_serve(void)
{
	int err = ddekit_program_listen();

	if (err)
		pr_info("dde: no program can be brought to this driver: error %d\n", err);
	serving = !err;
}

void dde_exec_stop(void)
{
	serving = false;
	if (!dispatcher)
		return;
	state = CLOSING;
	exec_wake();
	wait_for_completion_timeout(&closed, 2 * HZ);
}

/* What the program has left, and what it has left open. False: a call of the driver did not come back. */
static bool end_of(unsigned int program)
{
	reinit_completion(&all_ended);
	set_bit(program, ending);
	exec_wake();
	wait_for_completion(&all_ended);
	return all_back;
}

/* The program's number, or -errno. That the host allows it has been found out before (driver --may-launch). */
static int start(void)
{
	int err = prepare("exec");

	if (err)
		return err;
	err = start_dispatcher();
	reinit_completion(&news);
	if (!err)
		err = ddekit_program_start();
	if (err < 0)
		dde_fail("exec", "the program cannot be started: error %d", err);
	return err;
}

/* The exit status of the program as wait() has it; -1 when the run was stopped. */
static int serve(void)
{
	unsigned long killed = 0;
	int status = -1;

	while (!ddekit_program_ended(&status)) {
		if (dde_stopping() && !killed) {
			ddekit_program_kill(SIGINT);
			killed = jiffies | 1;
		} else if (killed && time_after(jiffies, killed + HZ / 10)) {
			ddekit_program_kill(SIGKILL);
		}
		wait_for_completion_timeout(&news, CHECK_EVERY);
	}
	return killed ? -1 : status;
}

static int run_exec(const struct dde_args *args)
{
	int program = start(), status, code, sig;
	bool back;

	if (program < 0)
		return DDEKIT_EXIT_WORKLOAD;
	status = serve();
	ddekit_program_kill(SIGKILL); /* what it has left in its process group */
	back = end_of(program);
	if (status < 0)
		return dde_fail("exec", "interrupted");
	code = (status >> 8) & 0xff;
	sig = status & 0x7f;
	dde_result("{\"type\":\"result\",\"workload\":\"exec\",\"ok\":%s,\"exitCode\":%d,\"signal\":%d,\"cameBack\":%s}",
		   !code && !sig && back ? "true" : "false", code, sig, back ? "true" : "false");
	return code || sig || !back ? DDEKIT_EXIT_WORKLOAD : 0;
}

const struct dde_workload dde_exec = { "exec", run_exec };
