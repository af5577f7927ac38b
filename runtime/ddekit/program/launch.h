/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two sides of a program's start (launch.c, session.c) say to each other. */
#ifndef DDEKIT_PROGRAM_LAUNCH_H
#define DDEKIT_PROGRAM_LAUNCH_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/** What the driver process says to one who may come; anything else is the reason why not, a sentence. */
#define LAUNCH_WELCOME "dde-profile/1"
/** Room for the rules of --map-path. */
#define LAUNCH_RULES 1024

/** The socket of a driver process. */
static inline socklen_t ddekit__launch_name(struct sockaddr_un *name, int pid)
{
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return offsetof(struct sockaddr_un, sun_path) + 1 + sprintf(name->sun_path + 1, "dde-profile-exec-%d", pid);
}

#endif
