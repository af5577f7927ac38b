/* SPDX-License-Identifier: GPL-2.0-only */
/* The case studies (dde.case=NAME on the command line): they hook themselves in where kernel/, observe/ and check/ let them. */
#ifndef ARCH_DDE_CASES_H
#define ARCH_DDE_CASES_H

/** A case study has shown its fault; a poll that stays lost would make the driver's remove wait for ever. */
void dde_cases_end(void);
#endif
