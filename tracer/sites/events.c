// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches the places where typed events are written: a 5-byte nop against `jmp on`, by category.
 *
 * Called at a safe point by the holder of the virtual CPU, as patch.c is. A thread may have been interrupted before or behind such an
 * instruction, never within it. What a place holds is read from the text itself: one that holds something else (a debugger's
 * breakpoint) is left alone and counted, and tried again at the next change.
 */
#include <string.h>
#include "emit/ddet_cpu.h"
#include "sites/sites.h"

unsigned int ddet_events_apply(unsigned int categories)
{
	static const unsigned char nop5[5] = {0x0f, 0x1f, 0x44, 0x00, 0x00};
	static unsigned int applied, skipped;
	const struct ddet_event_site *s;

	if (categories == applied && !skipped)
		return 0;
	skipped = 0;
	for (s = __start_ddet_event_sites; s < __stop_ddet_event_sites; s++) {
		unsigned char jump[5] = {0xe9};
		unsigned int distance = (unsigned int)(s->on - (s->site + 5));
		const void *want = categories & s->category ? jump : nop5, *other = want == jump ? nop5 : jump;

		memcpy(jump + 1, &distance, 4);
		if (!memcmp((const void *)s->site, want, 5))
			continue;
		if (memcmp((const void *)s->site, other, 5) || ddet__write_text(s->site, want, 5))
			skipped++;
	}
	applied = categories;
	return skipped;
}
