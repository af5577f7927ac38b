// SPDX-License-Identifier: MIT
/* Compiled as kernel and driver code: with a site. */
#include "work.h"

NOINLINE unsigned work_site(unsigned x)
{
	__asm__ volatile("");
	return WORK(x);
}
