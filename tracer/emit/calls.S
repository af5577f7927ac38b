/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two halves of every traced call. Each site that is switched on jumps to its own 32-byte cell (sites/cells.c writes them):
 *
 *	 0  mov  $(n << 24 | site), %r11d	n arguments after the first are recorded
 *	 6  call ddet__stub_entry
 *	11  add  $8, %rsp		the caller's return address stays in memory, one word below
 *	15  call target			writes the cell's own return point into that same word: stack arguments stay in place
 *	20  mov  $site, %ecx
 *	25  call ddet__stub_exit	gives the caller's return address in rcx
 *	30  push %rcx
 *	31  ret
 *
 * call and ret stay balanced, so the CPU's return predictor is right every time (overwriting the return address in place costs
 * 1.7 times as much). The caller's return address waits on a shadow stack {slot, return address}, slot = the stack word where
 * it stood. Three things make that safe:
 *  - entries whose slot lies below the stack pointer were left by a longjmp or a thread that gave up its frames: popped;
 *  - an entry with the same slot is alive when the word holds a return point of a cell: the traced function left by a tail
 *    call, and its exit is still to come. Else it is stale too: popped;
 *  - the exit pops down to the first entry at or above its own slot.
 *
 * ddet_busy is set while the ring and the shadow stack are touched; a signal handler that sees it must not run traced code. At
 * every other instruction here and in the cell it may: what it runs stands deeper in the stack and leaves everything as it was.
 */
#include "abi/ddet_offsets.h"

#define CPU(field) ddet_cpu + DDET_CPU_##field(%rip)

	.text
	.p2align 6
	.globl	ddet__stub_entry
	.type	ddet__stub_entry, @function
/* r11d = n << 24 | site, (rsp) = back into the cell, 8(rsp) = slot. Keeps all but r10 and r11. */
ddet__stub_entry:
	.cfi_startproc
	movl	$1, ddet_busy(%rip)
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	pushq	%rdx
	.cfi_adjust_cfa_offset 8
	movq	CPU(SHADOW), %r10
	leaq	24(%rsp), %rax
	testq	%r10, %r10
	jz	.Lsetup
.Lcheck:
	cmpq	%rax, -16(%r10)
	jbe	.Lstale
.Lpush:
	cmpq	CPU(SHADOW_LIM), %r10
	jae	.Lpass
	movq	%rax, (%r10)
	movq	(%rax), %rdx
	movq	%rdx, 8(%r10)
	addq	$16, %r10
	movq	%r10, CPU(SHADOW)
	cmpq	CPU(SHADOW_DEEP), %r10
	ja	.Lentered
	cmpl	$0x00ffffff, %r11d
	ja	.Largs
	movq	CPU(POS), %r10
	cmpq	CPU(LIM), %r10
	jae	.Lfull
.Lrecord:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	CPU(BIAS), %rdx
	orl	$(1 << 28), %r11d		/* DDET_KIND_ENTRY */
	movq	%rax, (%r10,%rdx)
	movl	%r11d, 8(%r10,%rdx)
	movl	%edi, 12(%r10,%rdx)
	addq	$16, %r10
	movq	CPU(HEAD), %rdx
	movq	%r10, CPU(POS)
	movq	%r10, (%rdx)
.Lentered:
	popq	%rdx
	.cfi_adjust_cfa_offset -8
	popq	%rax
	.cfi_adjust_cfa_offset -8
	movl	$0, ddet_busy(%rip)
	ret

	.cfi_adjust_cfa_offset 16
.Lstale:
	jb	.Lpop
	movq	(%rax), %rdx
	subq	ddet_cells_base(%rip), %rdx
	cmpq	ddet_cells_size(%rip), %rdx
	jb	.Lpush				/* a tail call out of a traced function */
.Lpop:
	subq	$16, %r10
	jmp	.Lcheck

/* The same with one or two payload records. The id is one value from one place, so it always tells what follows. */
.Largs:
	movq	CPU(POS), %r10
	leaq	48(%r10), %rax
	cmpq	CPU(LIM), %rax
	ja	.Lfull_args
.Lrecord_args:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	CPU(BIAS), %rdx
	addq	%r10, %rdx
	orl	$(1 << 28), %r11d		/* DDET_KIND_ENTRY */
	movq	%rax, (%rdx)
	movl	%r11d, 8(%rdx)
	movl	%edi, 12(%rdx)
	movq	(%rsp), %rax			/* the caller's rdx */
	movl	%esi, 16(%rdx)
	movl	%eax, 20(%rdx)
	movl	%ecx, 24(%rdx)
	movl	%r8d, 28(%rdx)
	addq	$32, %r10
	addq	$1, CPU(EXTRA)
	cmpl	$(1 << 28 | 5 << 24), %r11d
	jb	.Lpublish_args
	movl	%r9d, 32(%rdx)
	movl	$0, 36(%rdx)
	movq	$0, 40(%rdx)
	addq	$16, %r10
	addq	$1, CPU(EXTRA)
.Lpublish_args:
	movq	CPU(HEAD), %rdx
	movq	%r10, CPU(POS)
	movq	%r10, (%rdx)
	jmp	.Lentered

/* The ring's block is full: the C code makes room or counts the loss. */
.Lfull_args:
	call	.Lsave_and_refill
	testq	%r10, %r10
	jz	.Lentered
	jmp	.Lrecord_args
.Lfull:
	call	.Lsave_and_refill
	testq	%r10, %r10
	jz	.Lentered
	jmp	.Lrecord

.Lsetup:
	call	.Lsave_and_setup
	leaq	24(%rsp), %rax
	testq	%r10, %r10
	jz	.Lpass
	movq	CPU(SHADOW), %r10
	jmp	.Lcheck

/* Not traced (no thread, or the shadow stack is full): go on as if the site were off. */
.Lpass:
	popq	%rdx
	.cfi_adjust_cfa_offset -8
	popq	%rax
	.cfi_adjust_cfa_offset -8
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	andl	$0x00ffffff, %r11d
	movq	ddet_targets(%rip), %r10
	movq	(%r10,%r11,8), %r11
	movl	$0, ddet_busy(%rip)
	jmp	*%r11
	.cfi_endproc
	.size	ddet__stub_entry, . - ddet__stub_entry

/* Calls C with all argument registers saved; the result comes in r10. The C files use general registers only. */
	.p2align 4
	.type	ddet__stub_slow, @function
ddet__stub_slow:
	.cfi_startproc
.Lsave_and_setup:
	leaq	ddet__shadow_setup(%rip), %r10
	jmp	.Lsave
.Lsave_and_refill:
	leaq	ddet__refill(%rip), %r10
.Lsave:
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbp, 0
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rcx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r11
	andq	$-16, %rsp
	movl	$16, %edi
	call	*%r10
	movq	%rax, %r10
	leaq	-48(%rbp), %rsp
	popq	%r11
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rcx
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_endproc
	.size	ddet__stub_slow, . - ddet__stub_slow

	.p2align 6
	.globl	ddet__stub_exit
	.type	ddet__stub_exit, @function
/* ecx = site, rsp = slot. Keeps rax, rdx and xmm registers; rcx = the caller's return address. */
ddet__stub_exit:
	.cfi_startproc
	movl	$1, ddet_busy(%rip)
	movq	%rax, %r10
	movq	%rdx, %r11
	movq	CPU(SHADOW), %r8
	movq	CPU(POS), %rsi
	cmpq	CPU(SHADOW_DEEP), %r8
	ja	.Lexit_pop
	cmpq	CPU(LIM), %rsi
	jae	.Lexit_full
.Lexit_record:
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	CPU(BIAS), %rdi
	orl	$(2 << 28), %ecx		/* DDET_KIND_EXIT */
	movq	%rax, (%rsi,%rdi)
	movl	%ecx, 8(%rsi,%rdi)
	movl	%r10d, 12(%rsi,%rdi)
	addq	$16, %rsi
	movq	CPU(HEAD), %rdx
	movq	%rsi, CPU(POS)
	movq	%rsi, (%rdx)
.Lexit_pop:
	subq	$16, %r8
	cmpq	%rsp, (%r8)
	jb	.Lexit_pop
	movq	8(%r8), %rcx
	movq	%r8, CPU(SHADOW)
	movq	%r10, %rax
	movq	%r11, %rdx
	movl	$0, ddet_busy(%rip)
	ret

.Lexit_full:
	pushq	%r10
	.cfi_adjust_cfa_offset 8
	pushq	%r11
	.cfi_adjust_cfa_offset 8
	call	.Lsave_and_refill
	movq	%r10, %rsi
	popq	%r11
	.cfi_adjust_cfa_offset -8
	popq	%r10
	.cfi_adjust_cfa_offset -8
	testq	%rsi, %rsi
	jnz	.Lexit_record
	jmp	.Lexit_pop
	.cfi_endproc
	.size	ddet__stub_exit, . - ddet__stub_exit

	.section .note.GNU-stack, "", @progbits
