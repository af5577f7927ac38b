/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to device registers, for kernel/io.c: emits them with device, BAR and offset. */
#ifndef ARCH_DDE_REGISTERS_H
#define ARCH_DDE_REGISTERS_H
#include <linux/types.h>
#include <ddet/ddetrace.h>

struct dde_register {
	u32 offset;
	u16 bdf;
	u8 bar; /* 0xff: of no device, and the offset is the address */
};

/** Which register a bus address or port number is (they do not overlap). Any context. */
struct dde_register dde_register_at(unsigned long addr);

#define DDE_REGISTER_EVENT(event, addr, value, width, caller)                                                   \
	do {                                                                                                    \
		if (unlikely(ddet_categories & DDET_CAT_MMIO)) {                                                \
			struct dde_register r_ = dde_register_at(addr);                                         \
			ddet_##event(r_.offset, value, caller, width, r_.bar, r_.bdf);                          \
		}                                                                                               \
	} while (0)
#endif
