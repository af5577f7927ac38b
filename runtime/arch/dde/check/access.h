/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that a module's own code may not touch; see access.c. Any context, interrupt flag off or on. */
#ifndef ARCH_DDE_ACCESS_H
#define ARCH_DDE_ACCESS_H
#include <linux/types.h>

/** Nobody may touch the @marks bytes behind the @size bytes at @ptr, which is a multiple of 8. */
void dde_access_end(unsigned long ptr, size_t size, size_t marks);
/** Nobody may touch these any more. */
void dde_access_freed(unsigned long ptr, size_t size);
/** All may be touched. */
void dde_access_open(unsigned long ptr, size_t size);
#endif
