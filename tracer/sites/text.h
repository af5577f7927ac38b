/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDET_TEXT_H
#define DDET_TEXT_H

/* Writes behind one another that are close together: held back until ddet__text_flush(), so nothing may run that text before. */
void ddet__text_set(unsigned long addr, const unsigned char *bytes, unsigned int n);
/* Carries them out. Returns 0, or the first error since the last flush (-errno); then some of them are not written. */
int ddet__text_flush(void);

#endif
