/* SPDX-License-Identifier: MIT */
/* API thunks as runtime/build makes them: 5 bytes `jmp target`, and a row in ddet_api_sites. */
	.macro thunk name
	.section .text.ddethunk, "ax", @progbits
	.p2align 3
	.globl __ddethunk_\name
	.type __ddethunk_\name, @function
__ddethunk_\name:
	.byte 0xe9
	.long \name - . - 4
	.size __ddethunk_\name, . - __ddethunk_\name
	.section ddet_api_sites, "a", @progbits
	.quad __ddethunk_\name, \name
	.endm

	thunk api_add
	thunk api_sum
	thunk api_deep
	.section .note.GNU-stack, "", @progbits
