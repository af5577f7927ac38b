/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a site with a trigger jumps to: number r11d of the trampoline, all argument registers saved, the C half, and on to the site's cell,
 * which finds everything as the caller left it. The trampolines lie in the text, so debuggers unwind them by their CFI.
 */
#include "control/trampolines.h"

	.text
	.p2align 4
	.globl	ddet__trampolines
	.type	ddet__trampolines, @function
ddet__trampolines:
	.cfi_startproc
	.set	number, 0
	.rept	DDET_TRAMPOLINES
	.p2align 4
	movl	$number, %r11d
	jmp	ddet__trigger_common
	.set	number, number + 1
	.endr
	.cfi_endproc
	.size	ddet__trampolines, . - ddet__trampolines

	.p2align 4
	.type	ddet__trigger_common, @function
ddet__trigger_common:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	movq	%r11, %rdi
	movq	%rbp, %rsi
	andq	$-16, %rsp
	call	ddet__trigger_hit
	leaq	-72(%rbp), %rsp
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	jmp	*ddet__trigger_cells(,%r11,8)
	.cfi_endproc
	.size	ddet__trigger_common, . - ddet__trigger_common

	.section .note.GNU-stack, "", @progbits
