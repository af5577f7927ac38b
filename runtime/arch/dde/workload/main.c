// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver process does once the kernel is up: find the devices, run the workloads, serve the control socket, shut down
 * in order. Control lines come by interrupt; a kernel thread carries them out, so that `unbind` works under traffic.
 */
#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kernel_stat.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <ddekit/irq.h>
#include <ddekit/pci.h>
#include <ddet/ddetrace.h>

#include "../cases/cases.h"
#include "workload.h"

static const struct dde_workload *const workloads[] = {
#ifdef CONFIG_INET
	&dde_ping, &dde_tcp, &dde_udp, &dde_ethtool,
#endif
#ifdef CONFIG_BLOCK
	&dde_block,
#endif
	&dde_rebind, &dde_micro,
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

static int run_idle(const struct dde_args *args)
{
	u64 seconds = dde_arg(args, "--duration", 0);

	if (seconds)
		dde_sleep_ms(seconds * 1000);
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
		char *s = kstrdup(line + 9, GFP_KERNEL);

		kfree(xchg(&queued, s));
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

void dde_control_irq(void)
{
	complete(&control_event);
}

static int __init start_clock(void)
{
	start_ns = ddekit_time_ns();
	return 0;
}
early_initcall(start_clock);

void dde_report_irqs(void)
{
	unsigned int irq, n = 0;
	char *buf = kmalloc(1000, GFP_KERNEL);
	int len = 0;

	for (irq = DDEKIT_IRQ_INTX_FIRST; buf && irq < DDEKIT_IRQ_COUNT; irq++) {
		struct irq_desc *desc = irq_to_desc(irq);

		if (!desc || !desc->action)
			continue;
		len += scnprintf(buf + len, 1000 - len, "%s{\"irq\":%u,\"name\":\"%s\",\"count\":%u}", n++ ? "," : "", irq,
				 desc->action->name, kstat_irqs_cpu(irq, 0));
	}
	if (buf)
		dde_result("{\"type\":\"irqs\",\"irqs\":[%s]}", buf);
	kfree(buf);
}

void dde_report_counters(void)
{
	struct ddekit_pci_counters c;

	ddekit_pci_counters(&c);
	dde_result("{\"type\":\"counters\",\"mmioReads\":%llu,\"mmioWrites\":%llu,\"posted\":%llu,\"pioReads\":%llu,\"pioWrites\":%llu,"
		   "\"configReads\":%llu,\"configWrites\":%llu,\"contextSwitches\":%llu,\"cpuNs\":%llu,\"dmaLive\":%u,\"uptimeMs\":%llu}",
		   c.mmio_reads, c.mmio_writes, c.posted, c.pio_reads, c.pio_writes, c.config_reads, c.config_writes,
		   nr_context_switches(), ddekit_cpu_time_ns(), dde_dma_live(), dde_uptime_ms());
}

void dde_shutdown(int code)
{
	int stop = ddekit_stop_requested(), leaks;

	dde_report_irqs();
	if (dde_case_lost_softirq) {
		/* The case study has shown its fault; a poll that stays lost would make the driver's remove wait for ever. */
		dde_case_lost_softirq = false;
		raise_softirq(NET_RX_SOFTIRQ);
	}
	mutex_lock(&device_lock);
	leaks = dde_devices_remove();
	mutex_unlock(&device_lock);
	if (stop > 0)
		code = stop;
	else if (!code && leaks)
		code = DDEKIT_EXIT_LEAK;
	ddekit_exit(code);
}

void dde_user_main(void)
{
	const char *list = ddekit_workload();
	int code;

	set_task_comm(current, "workload");
	kthread_run(control_thread, NULL, "dde-control");
	if (!dde_devices_find())
		ddekit_exit(DDEKIT_EXIT_NO_DEVICE);
	dde_devices_report();
	code = run_all(*list ? list : "idle");
	for (;;) {
		char *next = xchg(&queued, NULL);

		if (!next || dde_stopping())
			break;
		code = run_all(next);
		kfree(next);
	}
	dde_shutdown(code);
}
