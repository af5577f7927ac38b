// SPDX-License-Identifier: GPL-2.0-only
/* Which system calls of the program are brought here: all that a descriptor or a path of the driver could be given to. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "program/filter.h"

static const int brought[] = {
	SYS_open,
	SYS_openat,
	SYS_openat2,
	SYS_chdir,
	SYS_fchdir,
	SYS_getcwd,
	SYS_syncfs,
	SYS_creat,
	SYS_stat,
	SYS_lstat,
	SYS_fstat,
	SYS_newfstatat,
	SYS_statx,
	SYS_access,
	SYS_faccessat,
	SYS_faccessat2,
	SYS_readlink,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_read,
	SYS_write,
	SYS_readv,
	SYS_writev,
	SYS_pread64,
	SYS_pwrite64,
	SYS_preadv,
	SYS_pwritev,
	SYS_preadv2,
	SYS_pwritev2,
	SYS_lseek,
	SYS_ioctl,
	SYS_fcntl,
	SYS_flock,
	SYS_fsync,
	SYS_fdatasync,
	SYS_ftruncate,
	SYS_truncate,
	SYS_statfs,
	SYS_fstatfs,
	SYS_getxattr,
	SYS_lgetxattr,
	SYS_fgetxattr,
	SYS_listxattr,
	SYS_llistxattr,
	SYS_flistxattr,
	SYS_fallocate,
	SYS_fadvise64,
	SYS_close,
	SYS_munmap,
	SYS_close_range,
	SYS_dup,
	SYS_dup2,
	SYS_dup3,
	SYS_poll,
	SYS_ppoll,
	SYS_select,
	SYS_pselect6,
	SYS_epoll_ctl,
	SYS_sendfile,
	SYS_copy_file_range,
	SYS_splice,
	SYS_clone,
	SYS_clone3,
	SYS_fork,
	SYS_vfork,
	SYS_execve,
	SYS_execveat,
	SYS_exit_group,
	SYS_socket,
	SYS_bind,
	SYS_connect,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_getsockname,
	SYS_getpeername,
	SYS_sendto,
	SYS_recvfrom,
	SYS_setsockopt,
	SYS_getsockopt,
	SYS_shutdown,
	SYS_sendmsg,
	SYS_recvmsg,
	SYS_sendmmsg,
	SYS_recvmmsg,
};
#define COUNT (sizeof(brought) / sizeof(brought[0]))

/* Queues of requests, which no filter sees: what they say of a driver's file would go to what stands for it. As in a kernel without them. */
static const int lacking[] = { SYS_io_setup, SYS_io_uring_setup };
#define LACKING (sizeof(lacking) / sizeof(lacking[0]))

#define FIELD(f) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, f))
#define ARG_LOW(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define ARG_HIGH(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]) + 4)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

int ddekit__program_filter(const void *passes)
{
	uint64_t address = (uintptr_t)passes;
	struct sock_filter head[] = {
		FIELD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		RETURN(SECCOMP_RET_ALLOW), /* calls of 32-bit programs stay with the host */
		FIELD(nr),
		/* The message that brings the descriptor of the filter here. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 5),
		ARG_LOW(1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)address, 0, 3),
		ARG_HIGH(1),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(address >> 32), 0, 1),
		RETURN(SECCOMP_RET_ALLOW),
		FIELD(nr),
		/* Memory without a file needs nobody, and the driver's is mapped by map.c. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 5),
		ARG_LOW(4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xffffffff, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_MAP_FD, 0, 1),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_USER_NOTIF),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_munmap, 0, 6),
		ARG_LOW(5),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)address, 0, 3),
		ARG_HIGH(5),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(address >> 32), 0, 1),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_USER_NOTIF),
	};
	enum { HEAD = sizeof(head) / sizeof(head[0]) };
	enum { ALL = HEAD + 2 * (COUNT + LACKING) + 1 };
	struct sock_filter code[ALL];
	struct sock_fprog program = { .len = ALL, .filter = code };
	unsigned int i, n = HEAD;

	for (i = 0; i < HEAD; i++)
		code[i] = head[i];
	for (i = 0; i < COUNT; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, brought[i], 0, 1);
		code[n++] = (struct sock_filter)RETURN(SECCOMP_RET_USER_NOTIF);
	}
	for (i = 0; i < LACKING; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, lacking[i], 0, 1);
		code[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS);
	}
	code[n] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	/* Without privileges; and a set-user-ID program must not be fed with what this process makes up. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	i = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	return (int)i < 0 ? -errno : (int)i;
}
