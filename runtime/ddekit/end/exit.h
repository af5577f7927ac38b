/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of the process, once and in order. */
#ifndef DDEKIT_END_EXIT_H
#define DDEKIT_END_EXIT_H

void ddekit__exit_init(void);
/** Called by ddekit_exit(), the last one registered first, on whatever thread ends the process, a signal handler included. */
void ddekit__at_exit(void (*fn)(void));
/** True once the process is ending: failures are its consequence then. */
int ddekit__ending(void);
/** Claims the end for a report that goes before it; false when the process is ending already. ddekit_exit() then goes on with it. */
int ddekit__exit_claim(void);

#endif
