/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The places in the executable's text that can be switched: sites (API thunks, then patchable function entries, in run-time order), and
 * where typed events are written. Knows text, no rings: control/ says what is on and what a site goes to.
 * All is called at a safe point by the holder of the virtual CPU.
 */
#ifndef DDET_SITES_H
#define DDET_SITES_H

#define DDET_CELL_BYTES 32u
#define DDET_CELL_RETURN 20u

struct ddet_api_site {
	unsigned long long site; /* `jmp target`, 5 bytes */
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

/* What cells are made of, and what came of it. */
struct ddet_cells {
	void (*enter)(void), (*leave)(void); /* the halves of a traced call (emit/calls.S) */
	unsigned long base, size; /* where the cells are */
	const unsigned long long *targets; /* by site, where the function goes on when a call is passed untraced */
};

/* Finds all sites; of them the first @api are API thunks. Returns their number. */
unsigned int ddet__sites_find(unsigned int *api);
/*
 * Makes a cell for each site, once. @detour tells where a site goes while it is on, 0: to its cell.
 * Returns 0 or -errno; cells->enter and leave are given, the rest is filled in.
 */
int ddet__cells_make(struct ddet_cells *cells, unsigned long (*detour)(unsigned int site));
/*
 * Switches the sites of @bitmap on and all others off; @args: by site, how many arguments after the first are recorded.
 * Returns how many are on; @skipped: how many could not be rewritten (a debugger's breakpoint, text that cannot be written).
 */
unsigned int ddet__sites_apply(const unsigned long *bitmap, const unsigned char *args, unsigned int *skipped);
/* Switches the places of typed events by category; returns how many could not be rewritten. They are tried again at the next call. */
unsigned int ddet__events_apply(unsigned int categories);

/* The address of a site's cell, 0 when there is none; the function that it stands for; whether it is on. */
unsigned long ddet__site_cell(unsigned int i);
unsigned long ddet__site_function(unsigned int i);
/* Switches one off, so that the next ddet__sites_apply() takes it to its new detour. */
void ddet__site_off(unsigned int i);

/* Writes @bytes of code at @addr; the text stays mapped as it is. Returns 0 or -errno. */
int ddet__write_text(unsigned long addr, const void *from, unsigned long bytes);

#endif
