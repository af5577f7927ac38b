// SPDX-License-Identifier: MIT
/* Prints what ddekit_control_line() gives for what stands in the socket at once; stands in for the rest of ddekit. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <ddekit/cpu.h>
#include <ddekit/host.h>
#include <ddekit/irq.h>
#include "event/control.h"
#include "event/epoll.h"

struct ddekit_cpu ddekit_cpu;

void ddekit_irq_raise(unsigned int irq)
{
	printf("irq %u\n", irq);
}

int main(void)
{
	static char text[8000];
	char line[64];
	int pair[2], n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	ddekit__epoll_init();
	ddekit__control_open(pair[0]);
	n = snprintf(text, sizeof(text), "bind\nunbind\n");
	memset(text + n, 'x', 5000);
	n += 5000;
	n += snprintf(text + n, sizeof(text) - n, "\nquit\nunfini");
	if (send(pair[1], text, n, 0) != n)
		return 1;
	ddekit__epoll_wait(1000);
	while (ddekit_control_line(line, sizeof(line)) >= 0)
		printf("line %s\n", line);
	if (send(pair[1], "shed\n", 5, 0) != 5)
		return 1;
	ddekit__epoll_wait(1000);
	while (ddekit_control_line(line, sizeof(line)) >= 0)
		printf("line %s\n", line);
	return 0;
}
