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

extern const struct ddet_api_site __start_ddet_api_sites[] __attribute__((weak, visibility("hidden")));
extern const struct ddet_api_site __stop_ddet_api_sites[] __attribute__((weak, visibility("hidden")));
extern const unsigned long long __start___patchable_function_entries[] __attribute__((weak, visibility("hidden")));
extern const unsigned long long __stop___patchable_function_entries[] __attribute__((weak, visibility("hidden")));

/* Writes @bytes of code at @addr; the text stays mapped as it is. Returns 0 or -errno. */
int ddet__write_text(unsigned long addr, const void *from, unsigned long bytes);

#endif
