/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sites of the executable, in run-time order: API thunks, then patchable function entries.
 */
#ifndef DDET_SITES_H
#define DDET_SITES_H

#define DDET_CELL_BYTES 32u
#define DDET_CELL_RETURN 20u

struct ddet_api_site {
	unsigned long long site;   /* `jmp target`, 5 bytes */
	unsigned long long target;
};

/* A place where a typed event is written: a 5-byte nop, or `jmp on`. Made by the functions of ddetrace_events.gen.h. */
struct ddet_event_site {
	unsigned long long site;
	unsigned long long on;
	unsigned long long category; /* DDET_CAT_* */
};

extern const struct ddet_event_site __start_ddet_event_sites[] __attribute__((weak, visibility("hidden")));
extern const struct ddet_event_site __stop_ddet_event_sites[] __attribute__((weak, visibility("hidden")));
extern const struct ddet_api_site __start_ddet_api_sites[] __attribute__((weak, visibility("hidden")));
extern const struct ddet_api_site __stop_ddet_api_sites[] __attribute__((weak, visibility("hidden")));
extern const unsigned long long __start___patchable_function_entries[] __attribute__((weak, visibility("hidden")));
extern const unsigned long long __stop___patchable_function_entries[] __attribute__((weak, visibility("hidden")));

/* Where site @i shall jump while it is on: the trampoline of its trigger, else 0 (its cell). trigger.c */
unsigned long ddet__trigger_entry(unsigned int i);
/* A new list of triggers from the control page; sites whose trigger changes are switched off for ddet_patch_apply() to switch on. */
void ddet__trigger_apply(void);
/* What a trampoline goes on to, and the function that a site stands for. patch.c */
unsigned long ddet__site_cell(unsigned int i);
unsigned long ddet__site_function(unsigned int i);
void ddet__site_off(unsigned int i);

/* Writes @bytes of code at @addr; the text stays mapped as it is. Returns 0 or -errno. */
int ddet__write_text(unsigned long addr, const void *from, unsigned long bytes);

#endif
