// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches the places where typed events are written: a 5-byte nop against `jmp on`, by category.
 *
 * Called at a safe point by the holder of the virtual CPU, as patch.c's functions are. A thread may have been interrupted before or behind such an
 * instruction, never within it. What a place holds is read from the text itself: one that holds something else (a debugger's
 * breakpoint) is left alone and counted, and tried again at the next change.
 */
#include <string.h>
#include "sites/code.h"
#include "sites/sites.h"

unsigned int ddet__events_apply(unsigned int categories)
{
	static unsigned int applied, skipped;
	const struct ddet_event_site *s;

	if (categories == applied && !skipped)
		return 0;
	skipped = 0;
	for (s = __start_ddet_event_sites; s < __stop_ddet_event_sites; s++) {
		unsigned char jump[DDET_INSN_BYTES];
		const void *want = categories & s->category ? jump : ddet_nop5, *other = want == jump ? ddet_nop5 : jump;

		ddet_make_jump(jump, s->site, s->on);
		if (!memcmp((const void *)s->site, want, sizeof(jump)))
			continue;
		if (memcmp((const void *)s->site, other, sizeof(jump)) || ddet__write_text(s->site, want, sizeof(jump)))
			skipped++;
	}
	applied = categories;
	return skipped;
}
