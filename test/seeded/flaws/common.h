/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drivers share: the mode, a flaw each. */
#include <linux/version.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
static char *mode = "";
module_param(mode, charp, 0444);
#define IS(x) (!strcmp(mode, x))
MODULE_LICENSE("GPL");
