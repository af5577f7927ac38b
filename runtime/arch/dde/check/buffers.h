/* SPDX-License-Identifier: GPL-2.0-only */
/* What memory a driver gives to the device. */
#ifndef ARCH_DDE_BUFFERS_H
#define ARCH_DDE_BUFFERS_H
#include <linux/types.h>

/** Tells of memory that is not for DMA: a stack, or what lies outside of the memory that the kernel allocates from. Any context. */
void dde_buffer_check(const void *cpu, size_t size, u32 caller);
/** Whether an address lies on the running thread's stack, or on the one that the machine booted on. Any context. */
bool dde_on_stack(unsigned long addr);
#endif
