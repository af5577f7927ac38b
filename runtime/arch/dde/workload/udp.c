// SPDX-License-Identifier: GPL-2.0-only
/* Datagrams to the peer on the host, which echoes them: --count N --size BYTES --window N (datagrams under way). */
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "workload.h"

#define PORT 5002
#define HELLO "DDEUDPHI"
#define MAX_SIZE 1472

static int receive(struct socket *sock, void *buf, struct sockaddr_in *from, long timeout)
{
	struct kvec vec = { buf, MAX_SIZE };
	struct msghdr msg = { .msg_name = from };

	sock->sk->sk_rcvtimeo = timeout;
	return kernel_recvmsg(sock, &msg, &vec, 1, MAX_SIZE, timeout ? 0 : MSG_DONTWAIT);
}

static void fill(u8 *buf, u32 seq, u32 size)
{
	u32 i;

	((__le32 *)buf)[0] = cpu_to_le32(seq);
	((__le32 *)buf)[1] = cpu_to_le32(size - 8);
	for (i = 8; i < size; i++)
		buf[i] = seq * 7 + i;
}

struct udp {
	struct socket *sock;
	struct sockaddr_in peer;
	u8 *out, *in; /* MAX_SIZE each */
	u64 count, window, end; /* end: ddekit_time_ns(), 0 = count is the limit */
	u32 size;
	u64 sent, received, corrupt;
};

static int greet(struct udp *u)
{
	int i, n = -1;

	dde_result("{\"type\":\"listening\",\"protocol\":\"udp\",\"port\":%d}", PORT);
	for (i = 0; i < 30 && n != 8 && !dde_stopping(); i++)
		n = receive(u->sock, u->in, &u->peer, HZ);
	return n == 8 && !memcmp(u->in, HELLO, 8) ? 0 : -ETIMEDOUT;
}

static bool more_to_send(const struct udp *u)
{
	return u->end ? ddekit_time_ns() < u->end : u->sent < u->count;
}

static bool window_open(const struct udp *u)
{
	return u->sent < u->received + u->corrupt + u->window;
}

static void send_one(struct udp *u)
{
	struct kvec vec = { u->out, u->size };
	struct msghdr msg = { .msg_name = &u->peer, .msg_namelen = sizeof(u->peer) };

	fill(u->out, u->sent, u->size);
	if (kernel_sendmsg(u->sock, &msg, &vec, 1, u->size) == u->size)
		u->sent++;
}

/* @n bytes came from the peer. */
static void check_one(struct udp *u, int n)
{
	fill(u->out, le32_to_cpu(((__le32 *)u->in)[0]), u->size);
	if (n == u->size && !memcmp(u->in, u->out, u->size))
		u->received++;
	else
		u->corrupt++;
}

/* Until all is sent and came back, or nothing has come for three times half a second: datagrams may be lost. */
static void exchange(struct udp *u)
{
	int n, quiet = 0;

	while ((more_to_send(u) || (u->sent > u->received + u->corrupt && quiet < 3)) && !dde_stopping()) {
		bool more = more_to_send(u);

		if (more && (window_open(u) || quiet)) {
			send_one(u);
			quiet = 0;
		}
		n = receive(u->sock, u->in, &u->peer, more && window_open(u) ? 0 : HZ / 2);
		if (n == 8 && !memcmp(u->in, HELLO, 8))
			continue;
		if (n < 0)
			quiet += !(more && window_open(u));
		else
			check_one(u, n);
	}
}

/* @duration: ns, 0: until all is sent. */
static int measure(struct udp *u, u64 duration)
{
	u64 start;
	bool ok;

	if (greet(u))
		return dde_fail("udp", "no peer said hello");
	start = ddekit_time_ns();
	u->end = duration ? start + duration : 0;
	exchange(u);
	start = ddekit_time_ns() - start;
	/* UDP may lose; the workload fails on wrong content and when most is lost. */
	ok = u->sent && !u->corrupt && u->received * 2 >= u->sent;
	dde_result("{\"type\":\"result\",\"workload\":\"udp\",\"ok\":%s,\"sent\":%llu,\"received\":%llu,\"lost\":%llu,\"corrupt\":%llu,"
		   "\"size\":%u,\"ns\":%llu}",
		   ok ? "true" : "false", u->sent, u->received, u->sent - u->received - u->corrupt, u->corrupt, u->size, start);
	return ok ? 0 : DDEKIT_EXIT_WORKLOAD;
}

static int run_udp(const struct dde_args *args)
{
	struct udp u = {
		.count = dde_arg(args, "--count", 1000),
		.window = dde_arg(args, "--window", 16),
		.size = clamp_t(u64, dde_arg(args, "--size", 1000), 8, MAX_SIZE),
	};
	int code;

	if (!dde_net_up("udp"))
		return DDEKIT_EXIT_WORKLOAD;
	u.out = kmalloc(MAX_SIZE, GFP_KERNEL);
	u.in = kmalloc(MAX_SIZE, GFP_KERNEL);
	if (!u.out || !u.in || dde_socket(SOCK_DGRAM, IPPROTO_UDP, PORT, &u.sock)) {
		code = dde_fail("udp", "cannot bind port %d", PORT);
	} else {
		code = measure(&u, dde_arg_ns(args, "--duration"));
		sock_release(u.sock);
	}
	kfree(u.out);
	kfree(u.in);
	return code;
}

const struct dde_workload dde_udp = { "udp", run_udp };
