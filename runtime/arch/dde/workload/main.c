// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver process does once the kernel is up: find the devices, run the workloads, serve the control socket, shut down
 * in order. Control lines come by interrupt; a kernel thread carries them out, so that `unbind` works under traffic.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <ddet/ddetrace.h>

#include "../cases/cases.h"
#include "../kernel/dde.h"
#include "modules.h"
#include "workload.h"

static const struct dde_workload *const workloads[] = {
#ifdef CONFIG_INET
	&dde_ping, &dde_tcp, &dde_udp, &dde_tap, &dde_ethtool,
#endif
#ifdef CONFIG_BLOCK
	&dde_block,
#endif
	&dde_rebind, &dde_micro, &dde_exec,
};

static DECLARE_WAIT_QUEUE_HEAD(main_wait);
static DECLARE_COMPLETION(control_event);
static DEFINE_MUTEX(device_lock);
static bool stopping;
static char *queued;
static u64 start_ns;

bool dde_stopping(void)
{
	return READ_ONCE(stopping);
}

u64 dde_uptime_ms(void)
{
	return (ddekit_time_ns() - start_ns) / 1000000;
}

void dde_sleep_ms(unsigned int ms)
{
	wait_event_timeout(main_wait, dde_stopping(), msecs_to_jiffies(ms));
}

int dde_fail(const char *workload, const char *fmt, ...)
{
	char msg[200];
	va_list ap;

	va_start(ap, fmt);
	vscnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	pr_err("dde: %s: %s\n", workload, msg);
	dde_result("{\"type\":\"result\",\"workload\":\"%s\",\"ok\":false,\"error\":\"%s\"}", workload, msg);
	return DDEKIT_EXIT_WORKLOAD;
}

const char *dde_arg_str(const struct dde_args *args, const char *name, const char *def)
{
	int i;

	for (i = 0; i + 1 < args->argc; i++)
		if (!strcmp(args->argv[i], name))
			return args->argv[i + 1];
	return def;
}

u64 dde_arg(const struct dde_args *args, const char *name, u64 def)
{
	const char *s = dde_arg_str(args, name, NULL);
	char *end;
	u64 v;

	if (!s)
		return def;
	v = memparse(s, &end);
	return end == s || *end ? def : v;
}

/* "N" is N seconds, "Nns" is nanoseconds, as profiler/run/workloads.ts writes it. */
u64 dde_arg_ns(const struct dde_args *args, const char *name)
{
	const char *s = dde_arg_str(args, name, NULL);
	char *end;
	u64 v;

	if (!s)
		return 0;
	v = simple_strtoull(s, &end, 10);
	return strcmp(end, "ns") ? v * NSEC_PER_SEC : v;
}

static int run_idle(const struct dde_args *args)
{
	u64 duration = dde_arg_ns(args, "--duration");

	if (duration)
		dde_sleep_ms(div_u64(duration + NSEC_PER_MSEC - 1, NSEC_PER_MSEC));
	else
		wait_event(main_wait, dde_stopping() || READ_ONCE(queued));
	dde_result("{\"type\":\"result\",\"workload\":\"idle\",\"ok\":true}");
	return 0;
}

static int run_one(char *text)
{
	struct dde_args args = { 0 };
	char *word;
	unsigned int i;

	while ((word = strsep(&text, " \t")) && args.argc < ARRAY_SIZE(args.argv))
		if (*word)
			args.argv[args.argc++] = word;
	if (!args.argc)
		return 0;
	if (!strcmp(args.argv[0], "idle"))
		return run_idle(&args);
	for (i = 0; i < ARRAY_SIZE(workloads); i++)
		if (!strcmp(args.argv[0], workloads[i]->name))
			return workloads[i]->run(&args);
	dde_fail(args.argv[0], "this build has no such workload");
	return DDEKIT_EXIT_USAGE;
}

static void mark(const char *workload, const char *what)
{
	char text[120];
	int n = scnprintf(text, sizeof(text), "%s: %s", workload, what);

	ddet_mark(DDET_MARK_WORKLOAD, text, n);
}

static int run_all(const char *list)
{
	char *copy = kstrdup(list, GFP_KERNEL), *rest = copy, *one, name[32];
	int code = 0, c;

	while (copy && (one = strsep(&rest, ";")) && !dde_stopping()) {
		one = skip_spaces(one);
		strscpy(name, one, min(sizeof(name), strcspn(one, " \t") + 1)); /* run_one() cuts the text up */
		mark(one, "begins");
		c = run_one(one);
		mark(name, c ? "failed" : "ended");
		dde_devices_report();
		dde_report_counters();
		if (c && !code)
			code = c;
	}
	kfree(copy);
	return code;
}

/* Behind what waits already: lines may come faster than workloads end. */
static void queue(const char *text)
{
	char *before = xchg(&queued, NULL), *all = before ? kasprintf(GFP_KERNEL, "%s;%s", before, text) : kstrdup(text, GFP_KERNEL);

	xchg(&queued, all);
	kfree(before);
}

static void control_line(char *line)
{
	int err = 0;

	if (!strcmp(line, "quit")) {
		WRITE_ONCE(stopping, true);
	} else if (!strcmp(line, "unbind") || !strcmp(line, "bind")) {
		mutex_lock(&device_lock);
		err = *line == 'u' ? dde_devices_unbind() : dde_devices_bind();
		mutex_unlock(&device_lock);
	} else if (!strncmp(line, "workload ", 9)) {
		queue(line + 9);
	} else {
		err = -EINVAL;
	}
	dde_result("{\"type\":\"control\",\"ok\":%s,\"error\":%d}", err ? "false" : "true", err);
	wake_up_all(&main_wait);
}

static int control_thread(void *unused)
{
	static char line[1024];

	for (;;) {
		wait_for_completion(&control_event);
		while (ddekit_control_line(line, sizeof(line)) >= 0)
			control_line(line);
		if (ddekit_stop_requested()) {
			WRITE_ONCE(stopping, true);
			wake_up_all(&main_wait);
		}
	}
	return 0;
}

static void control_irq(void)
{
	complete(&control_event);
	dde_exec_event(); /* a stop may have been asked for */
}

/* Orderly end: unbind drivers, report leaks, exit. */
static void __noreturn shut_down(int code)
{
	int stop = ddekit_stop_requested(), leaks;

	dde_exec_stop();
	dde_report_irqs();
	dde_cases_end();
	mutex_lock(&device_lock);
	leaks = dde_devices_remove();
	mutex_unlock(&device_lock);
	if (stop > 0)
		code = stop;
	else if (!code && leaks)
		code = DDEKIT_EXIT_LEAK;
	else if (!code && dde_devices_missed())
		code = DDEKIT_EXIT_NO_DEVICE;
	ddekit_exit(code);
}

static void user_main(void)
{
	const char *list = ddekit_workload();
	bool drivers;
	int code;

	set_task_comm(current, "workload");
	kthread_run(control_thread, NULL, "dde-control");
	if (dde_modules_start(&drivers))
		ddekit_exit(DDEKIT_EXIT_NO_DEVICE);
	if (!drivers)
		pr_info("dde: the module registered no pci_driver: its init and exit are run\n");
	if (!dde_devices_find(drivers) && drivers) {
		/* What a failed probe leaves is judged as what a remove leaves. */
		dde_devices_remove();
		ddekit_exit(DDEKIT_EXIT_NO_DEVICE);
	}
	dde_devices_report();
	dde_exec_serve();
	code = run_all(*list ? list : "idle");
	for (;;) {
		char *next = xchg(&queued, NULL);

		if (!next || dde_stopping())
			break;
		code = run_all(next);
		kfree(next);
	}
	shut_down(code);
}

static const struct dde_program program = { .main = user_main, .control = control_irq, .called = dde_exec_called };

static int __init workload_init(void)
{
	dde_program = &program;
	start_ns = ddekit_time_ns();
	return 0;
}
early_initcall(workload_init);
