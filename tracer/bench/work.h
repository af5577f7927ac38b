/* SPDX-License-Identifier: MIT */
#ifndef WORK_H
#define WORK_H

#define REF_BYTES (64u << 20)

/* The same small function five times: not instrumented, with a site, with a typed event, and with the reference tracer in line. */
unsigned work_plain(unsigned x);
unsigned work_site(unsigned x);
unsigned work_event(unsigned x);
unsigned work_ref(unsigned x);

extern unsigned char *ref_ring;
extern unsigned long ref_cursor;

#define WORK(x) ((x) * 2654435761u + 1)
#define NOINLINE __attribute__((noinline, noipa))

#endif
