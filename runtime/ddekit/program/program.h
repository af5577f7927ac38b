/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_PROGRAM_PROGRAM_H
#define DDEKIT_PROGRAM_PROGRAM_H

/* The filter's descriptor; -1 before there is one. */
extern int ddekit__program_listener;

#endif
