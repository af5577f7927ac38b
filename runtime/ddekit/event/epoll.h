/* SPDX-License-Identifier: GPL-2.0-only */
/* The descriptors that the virtual CPU waits for. Whoever has one registers it with what to call; nothing here knows any of them. */
#ifndef DDEKIT_EVENT_EPOLL_H
#define DDEKIT_EVENT_EPOLL_H

void ddekit__epoll_init(void);
/**
 * From now on ready(arg) is called on the runner when @fd becomes readable. With @edge the descriptor need not be read: each new event
 * calls again. Until the descriptor is closed; who then watches others with the same @ready and @arg needs no more room.
 */
void ddekit__epoll_watch(int fd, void (*ready)(void *arg), void *arg, int edge);
/** Calls what is ready; waits for it up to @timeout_ms (-1: for ever, 0: not at all). The runner only. */
void ddekit__epoll_wait(int timeout_ms);

#endif
