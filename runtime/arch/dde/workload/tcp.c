// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP in both directions with the peer on the host (ARCHITECTURE.md has the wire format):
 * --bytes N[K|M|G] or --duration N[ns], per direction; --direction out|in|both. Content is compared by xxh64 on both sides.
 */
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/vmalloc.h>
#include <linux/xxhash.h>
#include <net/sock.h>

#include "workload.h"

#define PORT 5001
#define FRAME (256 * 1024)
#define POOL (FRAME * 4)
#define FRAME_MAX (4 << 20)
#define ACCEPT_SECONDS 30

struct flow {
	const char *name;
	u64 bytes, ns, hash, peer_bytes, peer_hash, retransmits;
	bool done;
};

struct trailer {
	__le64 total, hash;
} __packed;

static struct socket *accept_peer(struct socket *listener)
{
	struct socket *sock;
	int i;

	for (i = 0; i < ACCEPT_SECONDS && !dde_stopping(); i++) {
		if (kernel_accept(listener, &sock, 0) == 0) {
			sock->sk->sk_rcvtimeo = HZ;
			sock->sk->sk_sndtimeo = HZ;
			return sock;
		}
	}
	return NULL;
}

static int send_stream(struct socket *sock, u8 *pool, u64 limit, u64 end, struct flow *f)
{
	struct xxh64_state hash;
	struct trailer t;
	__le32 len;
	u64 frame = 0;
	int err;

	xxh64_reset(&hash, 0);
	while (f->bytes < limit && (!end || ddekit_time_ns() < end) && !dde_stopping()) {
		u32 n = min_t(u64, FRAME, limit - f->bytes);
		/* Neighbouring frames differ, so a frame lost, doubled or swapped changes the hash. */
		u8 *data = pool + (frame++ * 4099) % (POOL - FRAME);

		len = cpu_to_le32(n);
		err = dde_send_all(sock, &len, sizeof(len)) ?: dde_send_all(sock, data, n);
		if (err)
			return err;
		xxh64_update(&hash, data, n);
		f->bytes += n;
	}
	len = 0;
	f->hash = xxh64_digest(&hash);
	t = (struct trailer){ cpu_to_le64(f->bytes), cpu_to_le64(f->hash) };
	err = dde_send_all(sock, &len, sizeof(len)) ?: dde_send_all(sock, &t, sizeof(t)) ?: dde_recv_all(sock, &t, sizeof(t));
	if (err)
		return err;
	f->peer_bytes = le64_to_cpu(t.total);
	f->peer_hash = le64_to_cpu(t.hash);
	return 0;
}

static int receive_stream(struct socket *sock, u8 *buf, u64 limit, u64 end, struct flow *f)
{
	struct xxh64_state hash;
	bool asked = false;
	struct trailer t;
	__le32 len;
	int err;

	xxh64_reset(&hash, 0);
	for (;;) {
		u32 left;

		err = dde_recv_all(sock, &len, sizeof(len));
		if (err)
			return err;
		left = le32_to_cpu(len);
		if (!left)
			break;
		if (left > FRAME_MAX)
			return -EPROTO;
		while (left) {
			u32 n = min_t(u32, left, FRAME);

			err = dde_recv_all(sock, buf, n);
			if (err)
				return err;
			xxh64_update(&hash, buf, n);
			f->bytes += n;
			left -= n;
		}
		if (!asked && (f->bytes >= limit || (end && ddekit_time_ns() >= end) || dde_stopping())) {
			asked = true;
			err = dde_send_all(sock, "S", 1);
			if (err)
				return err;
		}
	}
	err = dde_recv_all(sock, &t, sizeof(t));
	if (err)
		return err;
	f->hash = xxh64_digest(&hash);
	f->peer_bytes = le64_to_cpu(t.total);
	f->peer_hash = le64_to_cpu(t.hash);
	t = (struct trailer){ cpu_to_le64(f->bytes), cpu_to_le64(f->hash) };
	return dde_send_all(sock, &t, sizeof(t));
}

static int one_direction(struct socket *listener, u8 *pool, char direction, u64 bytes, u64 duration, struct flow *f)
{
	char hello[16] = "DDETCP1\n";
	struct socket *sock = accept_peer(listener);
	u64 start, limit = duration ? ~0ULL : bytes;
	int err;

	if (!sock)
		return -ETIMEDOUT;
	hello[8] = direction;
	err = dde_send_all(sock, hello, sizeof(hello));
	start = ddekit_time_ns();
	if (!err && direction == 'O')
		err = send_stream(sock, pool, limit, duration ? start + duration : 0, f);
	else if (!err)
		err = receive_stream(sock, pool, limit, duration ? start + duration : 0, f);
	f->ns = ddekit_time_ns() - start;
	f->retransmits = tcp_sk(sock->sk)->total_retrans;
	f->done = !err && f->bytes == f->peer_bytes && f->hash == f->peer_hash;
	kernel_sock_shutdown(sock, SHUT_RDWR);
	sock_release(sock);
	return err;
}

static int print_flow(char *buf, size_t size, const struct flow *f)
{
	return scnprintf(buf, size,
			 ",\"%s\":{\"bytes\":%llu,\"peerBytes\":%llu,\"hash\":\"%016llx\",\"peerHash\":\"%016llx\",\"equal\":%s,\"ns\":%llu,"
			 "\"mbitPerSecond\":%llu,\"retransmits\":%llu}",
			 f->name, f->bytes, f->peer_bytes, f->hash, f->peer_hash, f->done ? "true" : "false", f->ns,
			 f->ns ? div64_u64(f->bytes * 8000, f->ns) : 0, f->retransmits);
}

static int run_tcp(const struct dde_args *args)
{
	u64 bytes = dde_arg(args, "--bytes", 64 << 20), duration = dde_arg_ns(args, "--duration");
	const char *direction = dde_arg_str(args, "--direction", "both");
	struct flow out = { .name = "out" }, in = { .name = "in" };
	bool want_out = strcmp(direction, "in"), want_in = strcmp(direction, "out"), ok = true;
	struct socket *listener;
	char json[700] = "";
	int err = 0, n = 0;
	u8 *pool;

	if (!dde_net_up("tcp"))
		return DDEKIT_EXIT_WORKLOAD;
	pool = vmalloc(POOL);
	if (!pool)
		return dde_fail("tcp", "no memory for the data");
	get_random_bytes(pool, POOL);
	if (dde_socket(SOCK_STREAM, IPPROTO_TCP, PORT, &listener) || kernel_listen(listener, 4)) {
		vfree(pool);
		return dde_fail("tcp", "cannot listen on port %d", PORT);
	}
	dde_result("{\"type\":\"listening\",\"protocol\":\"tcp\",\"port\":%d}", PORT);
	if (want_out) {
		err = one_direction(listener, pool, 'O', bytes, duration, &out);
		ok &= out.done;
		n += print_flow(json + n, sizeof(json) - n, &out);
	}
	if (want_in && !err && !dde_stopping()) {
		err = one_direction(listener, pool, 'I', bytes, duration, &in);
		ok &= in.done;
		n += print_flow(json + n, sizeof(json) - n, &in);
	}
	sock_release(listener);
	vfree(pool);
	if (err)
		return dde_fail("tcp", err == -ETIMEDOUT ? "no peer connected, or it stopped reading" : "connection failed: error %d", err);
	dde_result("{\"type\":\"result\",\"workload\":\"tcp\",\"ok\":%s%s}", ok ? "true" : "false", json);
	return ok ? 0 : DDEKIT_EXIT_WORKLOAD;
}

const struct dde_workload dde_tcp = { "tcp", run_tcp };
