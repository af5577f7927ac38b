// SPDX-License-Identifier: GPL-2.0-only
/* ICMP echo to the gateway of QEMU's user network (or any host): --count N --interval MS --size BYTES --host A.B.C.D */
#include <linux/icmp.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/checksum.h>
#include <net/sock.h>

#include "workload.h"

#define MAX_PAYLOAD 1400
#define REPLY_TIMEOUT_NS 1000000000ULL

struct ping {
	struct socket *sock;
	struct sockaddr_in to;
	u16 id;
	unsigned int payload;
	u8 *packet, *reply;
	u64 sent, received, corrupt, min, max, sum;
};

static int send_echo(struct ping *p, u16 seq)
{
	struct icmphdr *icmp = (struct icmphdr *)p->packet;
	unsigned int len = sizeof(*icmp) + p->payload, i;
	struct kvec vec = { p->packet, len };
	struct msghdr msg = { .msg_name = &p->to, .msg_namelen = sizeof(p->to) };

	memset(icmp, 0, sizeof(*icmp));
	icmp->type = ICMP_ECHO;
	icmp->un.echo.id = htons(p->id);
	icmp->un.echo.sequence = htons(seq);
	for (i = 0; i < p->payload; i++)
		p->packet[sizeof(*icmp) + i] = seq + i;
	icmp->checksum = ip_compute_csum(p->packet, len);
	return kernel_sendmsg(p->sock, &msg, &vec, 1, len);
}

/* 1: this reply came; 0: nothing in time. Replies to earlier requests and other ICMP are skipped. */
static int wait_reply(struct ping *p, u16 seq, u64 deadline)
{
	while (ddekit_time_ns() < deadline && !dde_stopping()) {
		struct kvec vec = { p->reply, MAX_PAYLOAD + 100 };
		struct msghdr msg = { 0 };
		int n = kernel_recvmsg(p->sock, &msg, &vec, 1, MAX_PAYLOAD + 100, 0);
		struct iphdr *ip = (struct iphdr *)p->reply;
		struct icmphdr *icmp = (struct icmphdr *)(p->reply + ip->ihl * 4);

		if (n < (int)(ip->ihl * 4 + sizeof(*icmp)) || icmp->type != ICMP_ECHOREPLY || icmp->un.echo.id != htons(p->id) ||
		    icmp->un.echo.sequence != htons(seq))
			continue;
		if (n != ip->ihl * 4 + sizeof(*icmp) + p->payload ||
		    memcmp(icmp + 1, p->packet + sizeof(*icmp), p->payload))
			p->corrupt++;
		return 1;
	}
	return 0;
}

static int run_ping(const struct dde_args *args)
{
	u64 count = dde_arg(args, "--count", 10), interval = dde_arg(args, "--interval", 10), i;
	u64 duration = dde_arg_ns(args, "--duration"), end = duration ? ddekit_time_ns() + duration : 0;
	struct ping p = { .to = { .sin_family = AF_INET }, .id = 0xdde, .payload = min_t(u64, dde_arg(args, "--size", 56), MAX_PAYLOAD),
			  .min = ~0ULL };
	u64 first = 0;
	int err;
	bool ok;

	p.to.sin_addr.s_addr = in_aton(dde_arg_str(args, "--host", "10.0.2.2"));
	if (!dde_net_up("ping"))
		return DDEKIT_EXIT_WORKLOAD;
	if (dde_socket(SOCK_RAW, IPPROTO_ICMP, 0, &p.sock))
		return dde_fail("ping", "no raw socket");
	p.packet = kmalloc(MAX_PAYLOAD + 100, GFP_KERNEL);
	p.reply = kmalloc(MAX_PAYLOAD + 100, GFP_KERNEL);
	for (i = 0; p.packet && p.reply && (end ? ddekit_time_ns() < end : i < count) && !dde_stopping(); i++) {
		u64 t = ddekit_time_ns(), rtt;

		if (i && interval)
			dde_sleep_ms(interval);
		t = ddekit_time_ns();
		p.sent++;
		err = send_echo(&p, i);
		if (err < 0) {
			pr_warn("dde: ping: request %llu cannot be sent: error %d\n", i, err);
			continue;
		}
		if (!wait_reply(&p, i, t + REPLY_TIMEOUT_NS)) {
			pr_warn("dde: ping: no reply to request %llu within 1 s\n", i);
			continue;
		}
		rtt = ddekit_time_ns() - t;
		if (!p.received++)
			first = dde_uptime_ms();
		p.min = min(p.min, rtt);
		p.max = max(p.max, rtt);
		p.sum += rtt;
	}
	sock_release(p.sock);
	kfree(p.packet);
	kfree(p.reply);
	ok = p.sent && p.received == p.sent && !p.corrupt;
	dde_result("{\"type\":\"result\",\"workload\":\"ping\",\"ok\":%s,\"sent\":%llu,\"received\":%llu,\"lost\":%llu,\"corrupt\":%llu,"
		   "\"rttMinNs\":%llu,\"rttAvgNs\":%llu,\"rttMaxNs\":%llu,\"firstReplyAtMs\":%llu}",
		   ok ? "true" : "false", p.sent, p.received, p.sent - p.received, p.corrupt, p.received ? p.min : 0,
		   p.received ? div64_u64(p.sum, p.received) : 0, p.max, first);
	return ok ? 0 : DDEKIT_EXIT_WORKLOAD;
}

const struct dde_workload dde_ping = { "ping", run_ping };
