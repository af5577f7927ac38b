// SPDX-License-Identifier: MIT
/* The cost of a system call that a driver turns down: `refused PATH N` prints nanoseconds a call. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>

#define NOBODYS 0x5a5a

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0, i;
	int fd = n > 0 ? open(argv[1], O_RDWR) : -1;
	double begin = now();

	if (fd < 0)
		return perror("refused PATH N"), 2;
	for (i = 0; i < n; i++)
		if (ioctl(fd, NOBODYS, 0) != -1 || errno != ENOTTY)
			return fprintf(stderr, "%s took a request that is nobody's\n", argv[1]), 1;
	printf("%.1f\n", (now() - begin) / n);
	return 0;
}
