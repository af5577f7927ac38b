/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for nothing in arch/: where a guarded call comes in from its thunk (runtime/build makes the __ddeguard_ entries). r11 = the
 * function, r10 = what its guard does (guard.c); argument registers and the stack are the caller's, and the function finds them so.
 */
	.macro FRAME
	.cfi_startproc
	pushq %rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq %rsp, %rbp
	.cfi_def_cfa_register %rbp
	.endm

/* Pushes a struct dde_guard_regs and calls dde_guard_check() with it. */
	.macro CHECK
	pushq %r11
	pushq %rax
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %r8
	pushq %r9
	movq %r10, %rdi
	movq %rsp, %rsi
	leaq 8(%rbp), %rdx
	call dde_guard_check
	.endm

	.section .text.dde_guard_entry, "ax", @progbits
	.globl dde_guard_entry
	.type dde_guard_entry, @function
dde_guard_entry:
	FRAME
	CHECK
	testb %al, %al
	jne 1f
	popq %r9
	popq %r8
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	popq %rax
	popq %r11
	.cfi_remember_state
	popq %rbp
	.cfi_def_cfa %rsp, 8
	jmp *%r11
	.cfi_restore_state
1:	leave
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.size dde_guard_entry, . - dde_guard_entry
/*
 * The same for what gives something: calls the function, so that the result can be looked at. Arguments on the stack (kthread_run() and
 * device_create() take names with any number of them) are handed on as copies of the first eight words.
 */
	.globl dde_guard_gives
	.type dde_guard_gives, @function
dde_guard_gives:
	FRAME
	pushq %r10
	pushq %r10
	CHECK
	movq (%rsp), %r9
	movq 8(%rsp), %r8
	movq 16(%rsp), %rcx
	movq 24(%rsp), %rdx
	movq 32(%rsp), %rsi
	movq 40(%rsp), %rdi
	movq 48(%rsp), %rax
	movq 56(%rsp), %r11
	.irp word, 72, 64, 56, 48, 40, 32, 24, 16
	pushq \word(%rbp)
	.endr
	call *%r11
	addq $64, %rsp
	movq %rax, 48(%rsp)
	movq -8(%rbp), %rdi
	movq %rsp, %rsi
	leaq 8(%rbp), %rdx
	call dde_guard_gave
	movq 48(%rsp), %rax
	leave
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.size dde_guard_gives, . - dde_guard_gives

	.section .note.GNU-stack, "", @progbits
