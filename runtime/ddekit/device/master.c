// SPDX-License-Identifier: GPL-2.0-only
#include "device/master.h"

static void (*set_master)(int on);
static int wanted, is_on, may;

static void settle(void)
{
	int on = wanted && may;

	if (on != is_on)
		set_master(is_on = on);
}

void ddekit__master_init(void (*set)(int on))
{
	set_master = set;
}

void ddekit__master_want(int on)
{
	wanted = on;
	settle();
}

int ddekit__master_wanted(void)
{
	return wanted;
}

void ddekit__master_given(void)
{
	may = 1;
	settle();
}
