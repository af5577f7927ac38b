/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory, console, results, options, end of the process. */
#ifndef DDEKIT_HOST_H
#define DDEKIT_HOST_H

/** Size of the arena in bytes; it starts at DDEKIT_ARENA_BASE and is zero. */
unsigned long ddekit_arena_size(void);
/** The kernel command line and the workload that the user asked for; "" when none. */
const char *ddekit_cmdline(void);
const char *ddekit_workload(void);
/** Seconds after which a virtual CPU that does not yield is reported; 0: never. */
unsigned int ddekit_watchdog_seconds(void);
/** Next line from the control socket into buf (no newline); length, or -1 when there is none. */
int ddekit_control_line(char *buf, unsigned int size);
void ddekit_console_write(const char *s, unsigned int n);
/** One JSON object (a line) to the result channel; a no-op without one. */
void ddekit_result(const char *json);
/** Non-zero once SIGINT/SIGTERM or `quit` asked for an orderly shutdown; the value is the exit code to use. */
int ddekit_stop_requested(void);
/** End the process: flushes, ends the back end, prints the exit record. Never returns. */
void ddekit_exit(int code) __attribute__((noreturn));
/** Print the C stack of the caller (or from the frame pointer, when not 0) with function, file and line. */
void ddekit_backtrace(unsigned long frame, unsigned long pc);
/** "function at file:line" of a code address, from the debug information; the bare address when there is none. Slow. */
void ddekit_describe(unsigned long pc, char *buf, unsigned int size);
/** The host C library's memcpy, to compare with. */
void *ddekit_memcpy(void *to, const void *from, unsigned long n);
/** User plus system CPU time of this process, and its hand-offs, since start. */
unsigned long long ddekit_cpu_time_ns(void);
/** Kernel entry, provided by the kernel side. */
void start_kernel(void);

#endif
