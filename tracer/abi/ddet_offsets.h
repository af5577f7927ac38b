/* SPDX-License-Identifier: GPL-2.0-only */
/* Offsets in struct ddet_cpu for the assembler; ddet_cpu.h checks them. */
#ifndef DDET_OFFSETS_H
#define DDET_OFFSETS_H

#define DDET_CPU_POS 0
#define DDET_CPU_LIM 8
#define DDET_CPU_BIAS 16
#define DDET_CPU_HEAD 24
#define DDET_CPU_SHADOW 32
#define DDET_CPU_SHADOW_LIM 40
#define DDET_CPU_SHADOW_DEEP 48
#define DDET_CPU_EXTRA 64

#endif
