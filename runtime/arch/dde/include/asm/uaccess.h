/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for arch/x86/include/asm/uaccess.h. "User" memory is this process's own, unless the running thread carries out the calls of
 * a program of the user (arch/dde/exec): then it is the memory of that program, another process.
 */
#ifndef _ASM_DDE_UACCESS_H
#define _ASM_DDE_UACCESS_H
#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>

/** Memory of another process. Each function returns how many bytes were NOT copied. */
struct dde_user {
	unsigned long (*read)(struct dde_user *user, void *to, unsigned long from, unsigned long n);
	unsigned long (*write)(struct dde_user *user, unsigned long to, const void *from, unsigned long n);
};
/** That of the thread that runs (thread_struct.user); NULL for all but those of arch/dde/exec. Kept by __switch_to(). */
extern struct dde_user *dde_user;

static __always_inline __must_check unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	if (unlikely(dde_user))
		return dde_user->read(dde_user, to, (unsigned long)from, n);
	memcpy(to, (const void __force *)from, n);
	return 0;
}

static __always_inline __must_check unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (unlikely(dde_user))
		return dde_user->write(dde_user, (unsigned long)to, from, n);
	memcpy((void __force *)to, from, n);
	return 0;
}

unsigned long dde_clear_user(unsigned long to, unsigned long n);
static __always_inline __must_check unsigned long __clear_user(void __user *to, unsigned long n)
{
	if (unlikely(dde_user))
		return dde_clear_user((unsigned long)to, n);
	memset((void __force *)to, 0, n);
	return 0;
}
#define __clear_user __clear_user

/* What the kernel reads with care is its own memory, whoever runs. */
#define __get_kernel_nofault(dst, src, type, err_label)				\
do {										\
	memcpy(dst, (const void *)(src), sizeof(type));				\
	if (0) /* the label looks used to the compiler */			\
		goto err_label;							\
} while (0)
#define __put_kernel_nofault(dst, src, type, err_label)				\
do {										\
	memcpy((void *)(dst), src, sizeof(type));				\
	if (0)									\
		goto err_label;							\
} while (0)

#include <asm-generic/uaccess.h>
#endif
