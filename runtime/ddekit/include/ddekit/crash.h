/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a process whose driver went wrong: addresses for whoever started it, which knows names and lines. */
#ifndef DDEKIT_CRASH_H
#define DDEKIT_CRASH_H

/**
 * Tells of a crash, lets the parent look at the process as it is (ARCHITECTURE.md, `hold`), and ends it with @code. Allocates nothing.
 * @reason: the JSON event's; @text: what the kernel says of it; @stage: of a probe or remove that hangs, or NULL.
 * @frame, @thread: where it stands, of a parked thread; 0: the caller.
 */
void ddekit_crash(const char *reason, const char *text, const char *stage, unsigned long frame, const char *thread, int code)
	__attribute__((noreturn));

/**
 * What the kernel side knows beside the stack, told by ddekit_result() while the report is made. It may fault: the report then goes on
 * without it. @sp, @top: stack pointer where it happened, and the end of that stack; 0 when the thread is parked.
 */
extern void (*ddekit_crash_notes)(unsigned long sp, unsigned long top);

#endif
