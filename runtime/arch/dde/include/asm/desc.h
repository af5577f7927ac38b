/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for arch/x86/include/asm/desc.h: descriptor tables are the host's. */
#ifndef _ASM_DDE_DESC_H
#define _ASM_DDE_DESC_H
#include <asm/processor.h>
#endif
