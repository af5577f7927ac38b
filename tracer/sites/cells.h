/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDET_CELLS_H
#define DDET_CELLS_H

#include "sites/sites.h"

/* Writes @count cells within reach of the text; enter, leave and targets are given, base and size are filled in. 0 or -errno. */
int ddet__cells_write(struct ddet_cells *cells, unsigned int count);

#endif
