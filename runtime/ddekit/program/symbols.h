/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DDEKIT_PROGRAM_SYMBOLS_H
#define DDEKIT_PROGRAM_SYMBOLS_H

/** The following are about this process; its mappings are read if they are not known or do not have this address. */
void ddekit__program_regions(int process, unsigned long pc);
/** Bytes of code, from the file; NULL when there is no code. */
const unsigned char *ddekit__program_text(unsigned long at, unsigned int n);
/**
 * The number of the function's name, that of its file in brackets when it has none, or 0; @start: where the function begins, 0: not
 * known.
 */
unsigned int ddekit__program_function(unsigned long pc, unsigned long *start);
const char *ddekit__program_name(unsigned int frame);

#endif
