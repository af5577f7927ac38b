/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _UAPI_ASM_DDE_UNISTD_H
#define _UAPI_ASM_DDE_UNISTD_H
#define __ARCH_WANT_SYS_CLONE
#include <asm-generic/unistd.h>
#endif
