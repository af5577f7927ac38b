/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls as the program numbers them (x86-64: arch/x86/entry/syscalls/syscall_64.tbl). EXEC_FD: the first argument is a descriptor and
 * Linux's function is called with the arguments as they are. EXEC_PATH: so is it here, with a path. Of the others calls.c says
 * what happens.
 */
#ifndef DDE_EXEC_CALLS_H
#define DDE_EXEC_CALLS_H

/* clang-format off */
#define EXEC_FD(X) \
	X(0, read) X(1, write) X(8, lseek) X(16, ioctl) X(17, pread64) X(18, pwrite64) X(19, readv) X(20, writev) X(42, connect) \
	X(44, sendto) X(45, recvfrom) X(46, sendmsg) X(47, recvmsg) X(48, shutdown) X(49, bind) X(50, listen) X(51, getsockname) \
	X(52, getpeername) X(54, setsockopt) X(55, getsockopt) X(73, flock) X(74, fsync) X(75, fdatasync) X(77, ftruncate) X(138, fstatfs) X(193, fgetxattr) X(196, flistxattr) \
	X(217, getdents64) X(285, fallocate) X(295, preadv) X(296, pwritev) X(299, recvmmsg) X(306, syncfs) X(307, sendmmsg) X(327, preadv2) \
	X(328, pwritev2)

/* The first one is a path. */
#define EXEC_PATH(X) \
	X(76, truncate) X(137, statfs) X(191, getxattr) X(192, lgetxattr) X(194, listxattr) X(195, llistxattr)

#define EXEC_PATH_OTHER(X) X(2, open) X(4, stat) X(6, lstat) X(21, access) X(80, chdir) X(85, creat) X(89, readlink)

/* Descriptor of a folder and path. */
#define EXEC_AT(X) \
	X(257, openat) X(262, newfstatat) X(267, readlinkat) X(269, faccessat) X(332, statx) X(437, openat2) X(439, faccessat2)

#define EXEC_OTHER(X) \
	X(3, close) X(5, fstat) X(7, poll) X(9, mmap) X(11, munmap) X(23, select) X(32, dup) X(33, dup2) \
	X(40, sendfile) X(41, socket) X(43, accept) X(56, clone) X(57, fork) X(58, vfork) X(59, execve) X(72, fcntl) \
	X(79, getcwd) X(81, fchdir) X(221, fadvise64) X(231, exit_group) X(233, epoll_ctl) \
	X(270, pselect6) X(271, ppoll) X(275, splice) X(288, accept4) X(292, dup3) X(322, execveat) \
	X(326, copy_file_range) X(435, clone3) X(436, close_range)

#define EXEC_ALL(X) EXEC_FD(X) EXEC_PATH(X) EXEC_PATH_OTHER(X) EXEC_AT(X) EXEC_OTHER(X)

/* clang-format on */

#define EXEC_NUMBER(n, name) EXEC_##name = n,
enum { EXEC_ALL(EXEC_NUMBER) };
/* For a switch. */
#define EXEC_CASE(n, name) case EXEC_##name:
#undef EXEC_NUMBER
#endif
