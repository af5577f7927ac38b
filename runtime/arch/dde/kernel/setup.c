// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for arch/um/kernel/um_arch.c and mem.c: tells the core about memory and the command line, ends the machine.
 * Differs from Linux in that memory is the arena that DDEKit mapped, and the kernel image lies outside it.
 * Runs once, before there is a second thread.
 */
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/version.h>
#include <asm/dma.h>
#include <asm/setup.h>
#include <ddekit/exit_codes.h>
#include <ddekit/host.h>

unsigned long memory_start, memory_end;
EXPORT_SYMBOL(memory_start);
EXPORT_SYMBOL(memory_end);
/* Of the arena: devices read it, and a struct page belongs to it. */
void *empty_zero_page;
EXPORT_SYMBOL(empty_zero_page);
extern bool no_hash_pointers; /* lib/vsprintf.c; declared by a header since 6.12 only */
static char command_line[COMMAND_LINE_SIZE];

void __init setup_arch(char **cmdline_p)
{
	unsigned long zones[MAX_NR_ZONES] = { 0 };

	strscpy(boot_command_line, ddekit_cmdline(), COMMAND_LINE_SIZE);
	strscpy(command_line, boot_command_line, COMMAND_LINE_SIZE);
	*cmdline_p = command_line;

	/* A driver's developer wants the addresses; as a parameter it would print a page of warning. */
	no_hash_pointers = true;

	memory_start = DDEKIT_ARENA_PHYS;
	memory_end = memory_start + ddekit_arena_size();
	memblock_add(memory_start, memory_end - memory_start);
	min_low_pfn = memory_start >> PAGE_SHIFT;
	max_low_pfn = max_pfn = memory_end >> PAGE_SHIFT;
	set_max_mapnr(max_pfn);
	high_memory = __va(memory_end);
	zones[ZONE_DMA] = min(max_low_pfn, MAX_DMA_PFN);
	zones[ZONE_NORMAL] = max_low_pfn;
	parse_early_param();
	free_area_init(zones);
}

void __init mem_init(void)
{
	empty_zero_page = memblock_alloc(PAGE_SIZE, PAGE_SIZE);
	if (!empty_zero_page)
		panic("no memory for the zero page");
	memblock_free_all();
}

/* The image is shared with the host program: nothing of it is given to the page allocator. */
void free_initmem(void)
{
}

void machine_halt(void)
{
	ddekit_exit(DDEKIT_EXIT_OK);
}

void machine_power_off(void)
{
	ddekit_exit(DDEKIT_EXIT_OK);
}

void machine_restart(char *cmd)
{
	ddekit_exit(DDEKIT_EXIT_OK);
}
