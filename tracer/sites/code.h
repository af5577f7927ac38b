/* SPDX-License-Identifier: GPL-2.0-only */
/* The instructions that sites are made of. */
#ifndef DDET_CODE_H
#define DDET_CODE_H

#include <string.h>

#define DDET_INSN_BYTES 5u

static const unsigned char ddet_nop5[DDET_INSN_BYTES] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };

/* The distance of a jump or call, which counts from behind its 4 bytes at @from. */
static inline void ddet_put_rel32(unsigned char *at, unsigned long from, unsigned long to)
{
	unsigned int distance = (unsigned int)(to - (from + 4));

	memcpy(at, &distance, 4);
}

/* `jmp to`, for an instruction at address @at. */
static inline void ddet_make_jump(unsigned char *bytes, unsigned long at, unsigned long to)
{
	bytes[0] = 0xe9;
	ddet_put_rel32(bytes + 1, at + 1, to);
}

#endif
