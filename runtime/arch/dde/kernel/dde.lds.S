/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for arch/um/kernel/uml.lds.S: the tables that Linux finds by linker symbols, added to the host linker's own script.
 * Preprocessed with the kernel's include path; used as `gcc -no-pie ... -Wl,-T,dde.lds`.
 */
#include <asm/thread_info.h>
#include <asm/cache.h>
#include <asm-generic/vmlinux.lds.h>

#define TABLE(start, stop, section) start = .; KEEP(*(section)) stop = .;
#define TABLE_OF_USED(start, stop, section) start = .; *(section) stop = .;
#define FIXUP(x) TABLE(__start_pci_fixups_##x, __end_pci_fixups_##x, .pci_fixup_##x)

SECTIONS
{
	.dde.ro : {
		. = ALIGN(64);
		SCHED_DATA
		. = ALIGN(8);
		FIXUP(early)
		FIXUP(header)
		FIXUP(final)
		FIXUP(enable)
		FIXUP(resume)
		FIXUP(suspend)
		FIXUP(resume_early)
		FIXUP(suspend_late)
		. = ALIGN(8);
		/* Not kept: modules are resolved by the linker, and what is exported must not stay for that alone. */
		TABLE_OF_USED(__start___ksymtab, __stop___ksymtab, SORT(___ksymtab+*))
		TABLE_OF_USED(__start___ksymtab_gpl, __stop___ksymtab_gpl, SORT(___ksymtab_gpl+*))
		TABLE_OF_USED(__start___kcrctab, __stop___kcrctab, SORT(___kcrctab+*))
		TABLE_OF_USED(__start___kcrctab_gpl, __stop___kcrctab_gpl, SORT(___kcrctab_gpl+*))
		. = ALIGN(8);
		TABLE(__start___param, __stop___param, __param)
		TABLE(__start___modver, __stop___modver, __modver)
		TABLE(__start___ex_table, __stop___ex_table, __ex_table)
		. = ALIGN(8);
		TABLE(__start___tracepoints_ptrs, __stop___tracepoints_ptrs, __tracepoints_ptrs)
		*(__tracepoints_strings)
		. = ALIGN(8);
		TABLE(__start_builtin_fw, __end_builtin_fw, .builtin_fw)
		TABLE(__start_notes, __stop_notes, .note.dde)
		TABLE(__start_error_injection_whitelist, __stop_error_injection_whitelist, _error_injection_whitelist)
		. = ALIGN(16);
		INIT_SETUP(16)
		INIT_CALLS
		CON_INITCALL
		TABLE(__dtb_start, __dtb_end, .dtb.init.rodata)
		/* Tables of options that few builds have; each macro is empty without its option. Compare with INIT_DATA and RO_DATA. */
		. = ALIGN(8);
		LSM_TABLE()
		EARLY_LSM_TABLE()
		EARLYCON_TABLE()
		CLK_OF_TABLES()
		RESERVEDMEM_OF_TABLES()
		TIMER_OF_TABLES()
		CPU_METHOD_OF_TABLES()
		CPUIDLE_METHOD_OF_TABLES()
		IRQCHIP_OF_MATCH_TABLE()
		ACPI_PROBE_TABLE(irqchip)
		ACPI_PROBE_TABLE(timer)
		THERMAL_TABLE(governor)
		KPROBE_BLACKLIST()
		KUNIT_TABLE()
		. = ALIGN(8);
		TABLE(__kunit_init_suites_start, __kunit_init_suites_end, .kunit_init_test_suites)
		TABLE(__start_printk_index, __stop_printk_index, .printk_index)
		. = ALIGN(8);
		TABLE(__tracedata_start, __tracedata_end, .tracedata)
		. = ALIGN(8);
		TABLE(__start___jump_table, __stop___jump_table, __jump_table)
#ifdef CONFIG_CONSTRUCTORS
		. = ALIGN(8);
		/* Of the kernel side only: the host's constructors are the C library's to call. */
		__ctors_start = .;
		KEEP(*kernel.o(SORT(.ctors.*) .ctors SORT(.init_array.*) .init_array))
		__ctors_end = .;
#endif
	}
	.dde.data : {
		INIT_TASK_DATA(65536)
		TABLE(__start_once, __end_once, .data.once)
		TABLE(__start_once2, __end_once2, .data..once)
		. = ALIGN(8);
		TABLE(__start___dyndbg, __stop___dyndbg, __dyndbg)
		TABLE(__start___dyndbg_classes, __stop___dyndbg_classes, __dyndbg_classes)
		TABLE(__start___bug_table, __stop___bug_table, __bug_table)
		. = ALIGN(8);
		TABLE(__start_ftrace_events, __stop_ftrace_events, _ftrace_events)
		TABLE(__start_ftrace_eval_maps, __stop_ftrace_eval_maps, _ftrace_eval_map)
		TABLE(__start___trace_bprintk_fmt, __stop___trace_bprintk_fmt, __trace_printk_fmt)
		TABLE(__start___tracepoint_str, __stop___tracepoint_str, __tracepoint_str)
		TABLE(__start_syscalls_metadata, __stop_syscalls_metadata, __syscalls_metadata)
		BPF_RAW_TP()
		LIKELY_PROFILE()
		BRANCH_PROFILE()
		. = ALIGN(64);
		*(__tracepoints)
		__initramfs_start = .;
		__initramfs_size = .;
		QUAD(0)
	}
}
INSERT AFTER .data;

jiffies = jiffies_64;
_text = __executable_start;
_stext = __executable_start;
_etext = etext;
_sinittext = etext;
_einittext = etext;
_sdata = data_start;
_edata = edata;
__bss_start = edata;
__bss_stop = _end;
__init_begin = _end;
__init_end = _end;
__start_rodata = etext;
__end_rodata = etext;
__irqentry_text_start = etext;
__irqentry_text_end = etext;
__softirqentry_text_start = etext;
__softirqentry_text_end = etext;
__sched_text_start = etext;
__sched_text_end = etext;
__cpuidle_text_start = etext;
__cpuidle_text_end = etext;
__lock_text_start = etext;
__lock_text_end = etext;
__kprobes_text_start = etext;
__kprobes_text_end = etext;
__nosave_begin = _end;
__nosave_end = _end;
__per_cpu_start = _end;
__per_cpu_end = _end;
__start_ro_after_init = etext;
__end_ro_after_init = etext;
