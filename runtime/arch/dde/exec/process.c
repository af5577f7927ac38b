// SPDX-License-Identifier: GPL-2.0-only
/* Processes and threads of the program, and the kernel threads that stand for them. */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/init_task.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "exec.h"

#define MAX_THREADS 512
#define MAX_FORKED 16

struct forked {
	struct list_head list;
	struct list_head maps;
	struct files_struct *files;
};

static LIST_HEAD(processes);
static LIST_HEAD(threads);
static unsigned int thread_count;

static struct files_struct *copy_table(struct files_struct *from)
{
	struct files_struct *files = dup_fd(from, NULL);

	return IS_ERR(files) ? NULL : files;
}

static unsigned long user_read(struct dde_user *user, void *to, unsigned long from, unsigned long n)
{
	return ddekit_program_read(container_of(user, struct exec_thread, user)->tid, to, from, n);
}

static unsigned long user_write(struct dde_user *user, unsigned long to, const void *from, unsigned long n)
{
	return ddekit_program_write(container_of(user, struct exec_thread, user)->tid, to, from, n);
}

static struct exec_process *known(int id)
{
	struct exec_process *p;

	list_for_each_entry(p, &processes, list)
		if (p->id == id)
			return p;
	return NULL;
}

/* The oldest table that its parent had at a fork, and its mappings; an empty one for the first. */
static struct files_struct *table_of(int parent, struct list_head *maps)
{
	struct exec_process *p = known(parent);
	struct forked *f = p ? list_first_entry_or_null(&p->forked, struct forked, list) : NULL;
	struct files_struct *files;

	if (!f)
		return copy_table(&init_files);
	files = f->files;
	list_splice(&f->maps, maps);
	list_del(&f->list);
	kfree(f);
	return files;
}

static void drop_forked(struct forked *f)
{
	exec_unmap_all(&f->maps);
	put_files_struct(f->files);
	list_del(&f->list);
	kfree(f);
}

struct exec_thread *exec_thread_known(int tid)
{
	struct exec_thread *t;

	list_for_each_entry(t, &threads, list)
		if (t->tid == tid && !t->end)
			return t;
	return NULL;
}

struct exec_thread *exec_thread_with(int pid)
{
	struct exec_thread *t;

	list_for_each_entry(t, &threads, list)
		if (task_pid_nr(t->task) == pid)
			return t;
	return NULL;
}

struct exec_process *exec_process_of(const struct ddekit_call *call)
{
	struct exec_thread *t = exec_thread_known(call->tid);
	struct exec_process *p;
	int id, parent;

	if (t)
		return t->process;
	id = ddekit_program_process(call->tid, &parent);
	if (id < 0)
		return NULL;
	p = known(id);
	if (p)
		return p;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return NULL;
	p->id = id;
	p->program = call->program;
	p->mm = mm_alloc();
	INIT_LIST_HEAD(&p->forked);
	INIT_LIST_HEAD(&p->maps);
	p->files = table_of(parent, &p->maps);
	if (known(parent) && known(parent)->cwd.dentry) {
		p->cwd = known(parent)->cwd;
		path_get(&p->cwd);
	}
	if (!p->mm || !p->files) {
		if (p->mm)
			mmput(p->mm);
		if (p->files)
			put_files_struct(p->files);
		kfree(p);
		return NULL;
	}
	p->check = true;
	list_add_tail(&p->list, &processes);
	return p;
}

static bool empty(const struct exec_process *p)
{
	unsigned int fd;

	for (fd = 0; fd < EXEC_MAX_FDS; fd++)
		if (exec_holds(p, fd))
			return false;
	return true;
}

void exec_forked(struct exec_process *p)
{
	struct forked *f, *first;
	unsigned int n = 0;

	if (empty(p) && list_empty(&p->maps))
		return;
	list_for_each_entry(f, &p->forked, list)
		n++;
	if (n >= MAX_FORKED) { /* of children that have failed or said nothing */
		first = list_first_entry(&p->forked, struct forked, list);
		drop_forked(first);
	}
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return;
	f->files = copy_table(p->files);
	if (!f->files) {
		kfree(f);
		return;
	}
	INIT_LIST_HEAD(&f->maps);
	exec_copy_maps(&p->maps, &f->maps);
	list_add_tail(&f->list, &p->forked);
}

/* The dispatcher takes the table for as long; what it puts is released by flush_delayed_fput(). */
void exec_reconcile(struct exec_process *p)
{
	struct files_struct *own = current->files;
	unsigned int fd;

	p->check = false;
	exec_unmap_lost(p);
	ddekit_program_forget(p->id);
	if (empty(p))
		return;
	current->files = p->files;
	for (fd = 0; fd < EXEC_MAX_FDS; fd++)
		if (exec_holds(p, fd) && !ddekit_program_stands(p->id, fd))
			close_fd(fd);
	current->files = own;
	exec_mirrors_sweep();
	flush_delayed_fput();
}

struct exec_thread *exec_current(void)
{
	return dde_user ? container_of(dde_user, struct exec_thread, user) : NULL;
}

static void be_of(struct exec_process *p)
{
	struct files_struct *old = current->files;

	task_lock(current);
	atomic_inc(&p->files->count);
	current->files = p->files;
	task_unlock(current);
	if (old)
		put_files_struct(old);
	kthread_use_mm(p->mm);
}

static int thread_main(void *arg)
{
	struct exec_thread *t = arg;

	be_of(t->process);
	unshare_fs_struct(); /* kernel threads share one */
	exec_signals_allow();
	for (;;) {
		while (wait_for_completion_interruptible(&t->work))
			exec_signals_forward(t);
		if (t->end)
			break;
		current->thread.user = &t->user;
		dde_user = &t->user;
		do
			exec_carry_out(t);
		while (exec_look_for_next(t));
		current->thread.user = NULL;
		dde_user = NULL;
		t->busy = false;
		exec_wake();
	}
	kthread_unuse_mm(t->process->mm);
	t->ended = true;
	exec_wake();
	return 0;
}

static struct exec_thread *new_thread(int tid, struct exec_process *p)
{
	struct exec_thread *t = thread_count < MAX_THREADS ? kzalloc(sizeof(*t), GFP_KERNEL) : NULL;
	char name[TASK_COMM_LEN];

	if (!t)
		return NULL;
	t->tid = tid;
	t->process = p;
	t->user.read = user_read;
	t->user.write = user_write;
	init_completion(&t->work);
	ddekit_program_name(tid, name, sizeof(name));
	t->task = kthread_create(thread_main, t, "%.7s/%d", name, tid);
	if (IS_ERR(t->task)) {
		kfree(t);
		return NULL;
	}
	get_task_struct(t->task);
	wake_up_process(t->task);
	list_add_tail(&t->list, &threads);
	thread_count++;
	p->threads++;
	return t;
}

struct exec_thread *exec_thread_of(const struct ddekit_call *call, struct exec_process *p)
{
	return exec_thread_known(call->tid) ?: new_thread(call->tid, p);
}

static void begin(struct exec_thread *t, const struct ddekit_call *call)
{
	t->call = *call;
	t->busy = true;
	complete(&t->work);
}

void exec_thread_run(struct exec_thread *t, const struct ddekit_call *call)
{
	if (!t->busy) {
		begin(t, call);
		return;
	}
	/* A signal took the program's thread out of the call before: that ends here as it would have there. */
	t->next = *call;
	t->pending = true;
	send_sig(SIGINT, t->task, 0);
}

static void drop_thread(struct exec_thread *t)
{
	put_task_struct(t->task);
	t->process->threads--;
	thread_count--;
	list_del(&t->list);
	kfree(t);
}

static void drop_process(struct exec_process *p)
{
	struct forked *f, *n;

	list_for_each_entry_safe(f, n, &p->forked, list)
		drop_forked(f);
	exec_unmap_all(&p->maps);
	put_files_struct(p->files);
	exec_mirrors_sweep();
	flush_delayed_fput();
	if (p->cwd.dentry)
		path_put(&p->cwd);
	mmput(p->mm);
	list_del(&p->list);
	kfree(p);
}

static void end_thread(struct exec_thread *t)
{
	if (t->end)
		return;
	t->end = true;
	complete(&t->work);
}

static bool is_of(const struct exec_process *p, int program)
{
	return program < 0 || p->program == program;
}

static void interrupt(struct exec_thread *t, bool gone)
{
	if (gone || !ddekit_program_waits(t->call.id))
		send_sig(gone ? SIGKILL : SIGINT, t->task, 1);
}

void exec_go_on(void)
{
	struct exec_thread *t, *n;

	list_for_each_entry_safe(t, n, &threads, list) {
		if (t->ended) {
			drop_thread(t);
		} else if (t->pending && !t->busy) {
			t->pending = false;
			begin(t, &t->next);
		}
	}
}

void exec_check_all(void)
{
	struct exec_process *p, *np;
	struct exec_thread *t;
	unsigned int i;

	exec_mirrors_sweep();
	list_for_each_entry(t, &threads, list) {
		bool alive = ddekit_program_alive(t->process->id);

		if (t->busy)
			interrupt(t, !alive);
		else if (!alive || !ddekit_program_alive(t->tid))
			end_thread(t);
	}
	list_for_each_entry_safe(p, np, &processes, list)
		if (!p->threads && !ddekit_program_alive(p->id))
			drop_process(p);
	for (i = 0; i < DDEKIT_PROGRAMS; i++)
		ddekit_program_over(i);
}

bool exec_idle(void)
{
	return list_empty(&threads) && list_empty(&processes);
}

void exec_signal_all(int sig)
{
	struct exec_process *p;

	list_for_each_entry(p, &processes, list)
		ddekit_program_signal(p->id, 0, sig);
}

/* Nobody is left who could wait. */
static bool end_step(int program)
{
	struct exec_process *p, *np;
	struct exec_thread *t;
	bool left = false;

	list_for_each_entry(t, &threads, list) {
		if (!is_of(t->process, program))
			continue;
		if (t->busy)
			interrupt(t, true);
		else
			end_thread(t);
	}
	exec_go_on();
	list_for_each_entry_safe(p, np, &processes, list) {
		if (!is_of(p, program))
			continue;
		if (p->threads)
			left = true;
		else
			drop_process(p);
	}
	return !left;
}

bool exec_end(int program)
{
	unsigned long until = jiffies + HZ;
	bool done;

	while (!(done = end_step(program)) && time_before(jiffies, until))
		schedule_timeout_uninterruptible(1);
	return done;
}
