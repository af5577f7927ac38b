/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of ddekit/posix and ddekit/device share; nothing outside ddekit includes it. */
#ifndef DDEKIT_INTERNAL_H
#define DDEKIT_INTERNAL_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ddekit/arena.h>
#include <ddekit/cpu.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddekit/irq.h>
#include <ddekit/pci.h>
#include <ddekit/thread.h>
#include <ddekit/time.h>

struct ddet_thread;

struct ddekit_thread {
	struct ddekit_thread *next; /* list of live threads; guarded by the list lock */
	pthread_t pthread;
	atomic_int go;              /* futex: 1 = the virtual CPU is yours */
	int started, dying;
	pid_t host_tid;
	int tid;                    /* Linux's pid */
	char name[32];
	char host_name[16];
	void (*fn)(void *);
	void *arg;
	unsigned long frame;        /* frame pointer while parked */
	jmp_buf end;                /* way out of a dead thread */
	struct ddet_thread *trace;
	void *altstack;
};

struct ddekit_options {
	unsigned long memory;       /* bytes */
	char cmdline[4096];
	char workload[1024];
	int posted;                 /* 0: wait for each write */
	int watchdog;               /* seconds, 0 = off */
	int pin;                    /* keep the threads of the virtual CPU on one host CPU */
	int trace_fd, result_fd, control_fd;
	int loglevel;
	const char *qemu;
	char **device_args;         /* for the back end; ends with NULL */
};
extern struct ddekit_options ddekit__options;
extern __thread struct ddekit_thread *ddekit__self;
extern struct ddekit_thread *volatile ddekit__runner;

/* Sources of events in the idle loop's epoll set: irq numbers below 64, then these. */
enum { DDEKIT__EV_KICK = 100, DDEKIT__EV_BACKEND, DDEKIT__EV_CONTROL };

void ddekit__arena_init(void);
int ddekit__arena_fd(void);
void ddekit__irq_init(void);
void ddekit__irq_watch(int fd, unsigned int source, int edge);
void ddekit__irq_line(unsigned int irq, int level);
void ddekit__time_init(void);
void ddekit__time_stop(void);
void ddekit__signals_init(void);
/** A fault in a page that own.c has taken away: 1 when it was dealt with. */
int ddekit__own_fault(void *siginfo, void *ctx);
void ddekit__thread_signals(struct ddekit_thread *t);
void ddekit__thread_run_boot(void);
void ddekit__watchdog_start(void);
int ddekit__idling(void);
void ddekit__control_ready(void);
void ddekit__request_stop(int code);
/** printf to stderr with the program's name; message of the host side, not of the kernel. */
void ddekit__say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** say + exit. */
void ddekit__die(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

/* The back end: config space, BARs, ports, and how interrupts come. */
struct ddekit_device_ops {
	const char *name;
	void (*start)(void);
	void (*stop)(void);
	void (*drain)(void);        /* its event source became readable */
	void (*settle)(void);       /* posted writes have reached the device and interrupt lines are up to date */
	unsigned int (*config_read)(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size);
	void (*config_write)(unsigned int bus, unsigned int devfn, unsigned int reg, unsigned int size, unsigned int v);
	uint64_t (*mmio_read)(unsigned long addr, unsigned int size);
	void (*mmio_write)(unsigned long addr, unsigned int size, uint64_t v);
	unsigned int (*pio_read)(unsigned int port, unsigned int size);
	void (*pio_write)(unsigned int port, unsigned int size, unsigned int v);
	unsigned int (*intx_irq)(unsigned int slot, unsigned int pin);
	void (*msi_message)(unsigned int irq, unsigned long long *address, unsigned int *data);
	void (*windows)(struct ddekit_pci_windows *w);
};
extern const struct ddekit_device_ops ddekit__qemu_ops, ddekit__none_ops;
extern const struct ddekit_device_ops *ddekit__device;
extern struct ddekit_pci_counters ddekit__pci_count;

static inline void ddekit__enter(void)
{
	ddekit_cpu.in_host++;
	atomic_signal_fence(memory_order_seq_cst);
}

static inline void ddekit__leave(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	ddekit_cpu.in_host--;
}

#endif
