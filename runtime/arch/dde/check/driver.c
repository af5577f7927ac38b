// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for nothing in arch/: what of the executable is the driver under test, and where in it a call comes from. Any context. */
#include <linux/kernel.h>
#include <ddekit/host.h>

#include "../observe/frames.h"
#include "driver.h"

extern const unsigned long dde_driver_text[]; /* written by runtime/build after the link */

bool dde_in_driver(unsigned long pc)
{
	const unsigned long *r;

	for (r = dde_driver_text; r[1]; r += 2)
		if (pc >= r[0] && pc < r[1])
			return true;
	return false;
}

/* Names cost a run of addr2line each: the first places only, each once. */
#define PLACES 12

const char *dde_driver_place(u32 pc)
{
	static struct {
		u32 pc;
		char text[100];
	} places[PLACES + 1];
	unsigned int i;

	for (i = 0; i < PLACES && places[i].pc; i++)
		if (places[i].pc == pc)
			return places[i].text;
	if (i < PLACES) {
		places[i].pc = pc;
		ddekit_describe(pc, places[i].text, sizeof(places[i].text));
	} else {
		scnprintf(places[i].text, sizeof(places[i].text), "0x%x", pc);
	}
	return places[i].text;
}

u32 dde_driver_caller_from(unsigned long frame)
{
	const struct dde_frame *f = (const struct dde_frame *)frame;
	unsigned int n;

	if (!dde_frame_on_stack(current, f))
		return 0;
	for (n = 0; n < 64 && f; n++, f = dde_frame_up(current, f)) {
		unsigned long pc = dde_frame_ret(f);

		if (dde_in_driver(pc))
			return pc;
	}
	return 0;
}

u32 dde_driver_caller(void)
{
	return dde_driver_caller_from((unsigned long)__builtin_frame_address(0));
}
