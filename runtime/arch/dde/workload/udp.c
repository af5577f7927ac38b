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

static int run_udp(const struct dde_args *args)
{
	u64 count = dde_arg(args, "--count", 1000), window = dde_arg(args, "--window", 16), duration = dde_arg_ns(args, "--duration");
	u32 size = clamp_t(u64, dde_arg(args, "--size", 1000), 8, MAX_SIZE);
	u64 sent = 0, received = 0, corrupt = 0, start, end;
	struct sockaddr_in peer;
	struct socket *sock;
	u8 *out, *in;
	int n, i, quiet = 0;
	bool ok;

	if (!dde_net_up("udp"))
		return DDEKIT_EXIT_WORKLOAD;
	out = kmalloc(MAX_SIZE, GFP_KERNEL);
	in = kmalloc(MAX_SIZE, GFP_KERNEL);
	if (!out || !in || dde_socket(SOCK_DGRAM, IPPROTO_UDP, PORT, &sock)) {
		kfree(out);
		kfree(in);
		return dde_fail("udp", "cannot bind port %d", PORT);
	}
	dde_result("{\"type\":\"listening\",\"protocol\":\"udp\",\"port\":%d}", PORT);
	for (i = 0, n = -1; i < 30 && n != 8 && !dde_stopping(); i++)
		n = receive(sock, in, &peer, HZ);
	if (n != 8 || memcmp(in, HELLO, 8)) {
		sock_release(sock);
		kfree(out);
		kfree(in);
		return dde_fail("udp", "no peer said hello");
	}
	start = ddekit_time_ns();
	end = duration ? start + duration : 0;
	while ((end ? ddekit_time_ns() < end : sent < count) || (sent > received + corrupt && quiet < 3)) {
		bool more = end ? ddekit_time_ns() < end : sent < count;

		if (dde_stopping())
			break;
		if (more && (sent < received + corrupt + window || quiet)) {
			struct kvec vec = { out, size };
			struct msghdr msg = { .msg_name = &peer, .msg_namelen = sizeof(peer) };

			fill(out, sent, size);
			if (kernel_sendmsg(sock, &msg, &vec, 1, size) == size)
				sent++;
			quiet = 0;
		}
		n = receive(sock, in, &peer, more && sent < received + corrupt + window ? 0 : HZ / 2);
		if (n == 8 && !memcmp(in, HELLO, 8))
			continue;
		if (n < 0) {
			quiet += !(more && sent < received + corrupt + window);
			continue;
		}
		fill(out, le32_to_cpu(((__le32 *)in)[0]), size);
		if (n == size && !memcmp(in, out, size))
			received++;
		else
			corrupt++;
	}
	start = ddekit_time_ns() - start;
	sock_release(sock);
	kfree(out);
	kfree(in);
	/* UDP may lose; the workload fails on wrong content and when most is lost. */
	ok = sent && !corrupt && received * 2 >= sent;
	dde_result("{\"type\":\"result\",\"workload\":\"udp\",\"ok\":%s,\"sent\":%llu,\"received\":%llu,\"lost\":%llu,\"corrupt\":%llu,"
		   "\"size\":%u,\"ns\":%llu}",
		   ok ? "true" : "false", sent, received, sent - received - corrupt, corrupt, size, start);
	return ok ? 0 : DDEKIT_EXIT_WORKLOAD;
}

const struct dde_workload dde_udp = { "udp", run_udp };
