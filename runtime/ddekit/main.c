// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver process: options, then back end and memory, events, tracer, device, and the kernel on a thread of its own. This is the
 * only file that knows all folders. The main thread stays behind: it is the parent that QEMU's death signal looks at, and it takes no
 * part in the virtual CPU.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ddekit/exit_codes.h>
#include <ddekit/irq.h>
#include <ddet/ddetrace.h>
#include "device/device.h"
#include "end/coverage.h"
#include "end/crash.h"
#include "end/trap.h"
#include "end/exit.h"
#include "end/watchdog.h"
#include "event/control.h"
#include "event/epoll.h"
#include "event/irq.h"
#include "host/log.h"
#include "host/options.h"
#include "host/thread.h"
#include "host/timer.h"
#include "program/program.h"

/*
 * A core file is to hold the kernel side, whose memory is a shared mapping of a file (of QEMU's RAM): private and shared, anonymous and
 * of files (bits 0, 1, 3), and the first pages of executables (4).
 */
static void whole_core_files(void)
{
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* without core files in this kernel */
	if (write(fd, "0x3b", 4) != 4)
		ddekit__say("a core file of this process will lack the kernel's memory");
	close(fd);
}

/* A recorder changed something: an interrupt takes the idle loop round to ddet_poll(). */
static void kick(void)
{
	ddekit_irq_raise(DDEKIT_IRQ_CONTROL);
}

static void timer_expired(void)
{
	ddekit_irq_raise(DDEKIT_IRQ_TIMER);
}

static void tracer_init(int fd)
{
	int err = ddet_init(fd);

	ddet_set_kick(kick);
	if (err)
		ddekit__die(DDEKIT_EXIT_TRACE, "the trace region cannot be used: %s", strerror(-err));
}

/* `NAME` or `NAME:DEVICE`; a back end reads the latter itself. */
static const struct ddekit_device_ops *back_end(const char *device)
{
	static const struct ddekit_device_ops *const known[] = { &ddekit__qemu_ops, &ddekit__vfio_ops, &ddekit__uio_ops };
	unsigned int i, n = strcspn(device, ":");

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]->name) == n && !strncmp(known[i]->name, device, n))
			return known[i];
	ddekit__die(DDEKIT_EXIT_USAGE, "--device %s: not qemu, vfio:BDF or uio:BDF", device);
}

int main(int argc, char **argv)
{
	const struct ddekit_options *o = &ddekit__options;
	struct rlimit nofile;

	if (argc > 1 && !strcmp(argv[1], "--launch"))
		ddekit__program_launch(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "--may-launch"))
		return ddekit__program_may_launch();
	if (argc > 1 && !strcmp(argv[1], "--offers"))
		return ddekit__program_offers();
	ddekit__options_parse(argc, argv);
	ddekit__log_results(o->result_fd);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* To be debugged is what this process is for: where Yama lets only parents attach (ptrace_scope 1), others of the same user may. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	whole_core_files();
	if (!getrlimit(RLIMIT_NOFILE, &nofile)) {
		nofile.rlim_cur = nofile.rlim_max;
		setrlimit(RLIMIT_NOFILE, &nofile);
	}
	ddekit__exit_init();
	ddekit__device_use(back_end(o->device));
	ddekit__epoll_init();
	ddekit__irq_init();
	ddekit__crash_init();
	ddekit__trap_init();
	ddekit__coverage_init();
	tracer_init(o->trace_fd);
	ddekit__device_start();
	if (o->control_fd >= 0)
		ddekit__control_open(o->control_fd);
	ddekit__timer_init(timer_expired);
	ddekit__at_exit(ddekit__timer_stop);
	ddekit__watchdog_start(o->watchdog);
	ddekit__thread_run_boot();
	for (;;)
		pause();
}
