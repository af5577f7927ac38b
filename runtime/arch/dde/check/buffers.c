// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for check_for_stack() and check_for_illegal_area() of kernel/dma/debug.c, which only a debug build has
 * (Documentation/core-api/dma-api-howto.rst, "What memory is DMA'able?"). Takes no lock; callable in any context.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/setup.h>
#include <ddet/ddetrace.h>

#include "buffers.h"

bool dde_on_stack(unsigned long addr)
{
	return addr - (unsigned long)task_stack_page(current) < THREAD_SIZE || object_is_on_stack((void *)addr);
}

void dde_buffer_check(const void *cpu, size_t size, u32 caller)
{
	unsigned long addr = (unsigned long)cpu;

	if (likely(!(ddet_categories & DDET_CAT_CHECK)))
		return;
	if (dde_on_stack(addr))
		ddet_misuse(DDET_MISUSE_DMA_STACK, caller, addr, size, 0);
	else if (!virt_addr_valid(addr) || size > memory_end - __pa(addr))
		ddet_misuse(DDET_MISUSE_DMA_NO_MEMORY, caller, addr, size, 0);
}
