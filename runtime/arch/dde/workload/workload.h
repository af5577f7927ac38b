/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workloads run as pid 1's program, in process context, on Linux's own stacks. A workload prints its result as one JSON line
 * with dde_result() and returns an exit code (0: all went well).
 */
#ifndef DDE_WORKLOAD_H
#define DDE_WORKLOAD_H

#include <linux/types.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>
#include <ddekit/time.h>
#include "../observe/result.h"

struct net_device;
struct socket;
struct pci_dev;
struct device;

struct dde_args {
	int argc;
	char *argv[24];
};

struct dde_workload {
	const char *name;
	int (*run)(const struct dde_args *args);
};

extern const struct dde_workload dde_ping, dde_tcp, dde_udp, dde_tap, dde_ethtool, dde_block, dde_rebind, dde_micro, dde_exec;

/** Value of `--name N`, with K, M or G suffix; def when absent or no number. */
u64 dde_arg(const struct dde_args *args, const char *name, u64 def);
/* A duration in nanoseconds; 0 when it is not given. */
u64 dde_arg_ns(const struct dde_args *args, const char *name);
const char *dde_arg_str(const struct dde_args *args, const char *name, const char *def);
/** True once the user asked to stop; loops end early. */
bool dde_stopping(void);
/** Milliseconds since the process entered the kernel. */
u64 dde_uptime_ms(void);
/** Sleep, but wake up when asked to stop. */
void dde_sleep_ms(unsigned int ms);
/** One failure line for the user and the result channel; returns DDEKIT_EXIT_WORKLOAD. */
int dde_fail(const char *workload, const char *fmt, ...) __printf(2, 3);

/* exec/ */
/** A program of the user has come, made a call or ended; or a stop may have been asked for. Interrupt context. */
void dde_exec_called(void);
void dde_exec_event(void);
/** From now on programs may be brought to the driver; they are ended. */
void dde_exec_serve(void);
void dde_exec_stop(void);

/* report.c */
/** Device interrupts, and what the process has done so far, one JSON line each. */
void dde_report_irqs(void);
void dde_report_counters(void);

/* devices.c */
/** Find and report the devices under test; their number. wanted: there is a driver, so devices without one are told. */
int dde_devices_find(bool wanted);
/** A driver is for a device and did not take it. */
bool dde_devices_missed(void);
/** One JSON line for each device whose kind of interrupts has not been reported yet. */
void dde_devices_report(void);
/** The first device under test, NULL when none. */
struct device *dde_first_device(void);
int dde_devices_unbind(void);
int dde_devices_bind(void);
/** Unbind, then count what is left: DMA mappings, interrupts. Returns the number of leaks. */
int dde_devices_remove(void);

/* block.c */
/** The first disk of the driver; waits for it. NULL when none came. */
struct device *dde_disk(unsigned int seconds);

/* net.c */
/**
 * The first Ethernet device, up, with link and address 10.0.2.15/24 or that of dde.address=; NULL (and a message, unless @workload is NULL) after a time-out. Hold: none.
 */
struct net_device *dde_net_up(const char *workload);
/** The same without an address. */
struct net_device *dde_net_link(const char *workload);
/** A.B.C.D/N with N from 1 to 30; false, and nothing is changed, when it is none. */
bool dde_read_address(const char *text, u32 *ip, unsigned int *bits);
/** Socket with receive and send time-out of 1 s, so that a stop request is seen. */
int dde_socket(int type, int protocol, u16 port, struct socket **sock);
/** Send or receive all of it; 0, or -errno (-EINTR when stopped, -ECONNRESET at end of stream). */
int dde_send_all(struct socket *sock, const void *buf, size_t len);
int dde_recv_all(struct socket *sock, void *buf, size_t len);
#define DDE_LOCAL_IP 0x0a00020f
#define DDE_PEER_IP 0x0a000202
#endif
