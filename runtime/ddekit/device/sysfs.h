/* SPDX-License-Identifier: GPL-2.0-only */
/* A PCI device of this machine, as sysfs has it. Before there is a second thread. */
#ifndef DDEKIT_DEVICE_SYSFS_H
#define DDEKIT_DEVICE_SYSFS_H

/**
 * Of --device: `BACKEND:DDDD:BB:SS.F` with or without `,WORD`. Another form ends the process with DDEKIT_EXIT_USAGE.
 * @words: those that may be, ends with NULL
 * @word: out: the index of the one that is there, -1 without
 * @slot: out
 * Return: the address
 */
const char *ddekit__sysfs_wanted(const char *const words[], int *word, unsigned int *slot);
/** The last part of what a link of the device's folder leads to; NULL when there is no such link. */
const char *ddekit__sysfs_link(const char *bdf, const char *link);
/** A file of the device's folder; -1 with errno. */
int ddekit__sysfs_open(const char *bdf, const char *file, int flags);
/** Ends the process unless the device is there and bound to that driver. */
void ddekit__sysfs_bound(const char *back_end, const char *bdf, const char *driver);
#endif
