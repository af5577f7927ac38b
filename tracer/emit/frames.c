// SPDX-License-Identifier: GPL-2.0-only
/* C stacks by frame pointers. General registers only and no libc: triggers walk from the middle of a traced call. */
#include <asm/unistd.h>
#include "abi/ddetrace.h"
#include "emit/syscall.h"

/* A frame pointer may be garbage in a crash or in a thread's first frames: read it as a stranger's memory. */
static int peek(long pid, unsigned long from, unsigned long to[2])
{
	const void *local[2] = { to, (void *)16 }, *remote[2] = { (void *)from, (void *)16 };

	return ddet_syscall6(__NR_process_vm_readv, pid, (long)local, 1, (long)remote, 1, 0) == 16;
}

unsigned int ddet_frames(unsigned long frame, unsigned long *pcs, unsigned int max)
{
	long pid = ddet_syscall6(__NR_getpid, 0, 0, 0, 0, 0, 0);
	unsigned long pair[2];
	unsigned int n = 0;

	while (n < max && frame && !(frame & 7) && peek(pid, frame, pair) && pair[1]) {
		pcs[n++] = ddet_real_return((void *)(frame + 8), pair[1]);
		if (pair[0] <= frame)
			break;
		frame = pair[0];
	}
	return n;
}
