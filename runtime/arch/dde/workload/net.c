// SPDX-License-Identifier: GPL-2.0-only
/* The network device under test, brought up as ifconfig would, and socket helpers. */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/inet.h>
#include <linux/inetdevice.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/net_namespace.h>
#include <net/sch_generic.h>
#include <net/sock.h>

#include "workload.h"

#define DEVICE_TIMEOUT_MS 10000
#define LINK_TIMEOUT_MS 15000

static struct net_device *find(void)
{
	struct net_device *dev, *found = NULL;

	rtnl_lock();
	for_each_netdev(&init_net, dev) {
		if (dev->type == ARPHRD_ETHER && dev->dev.parent) {
			found = dev;
			break;
		}
	}
	rtnl_unlock();
	return found;
}

bool dde_read_address(const char *text, u32 *ip, unsigned int *bits)
{
	unsigned int n;
	const char *end;
	u8 a[4];

	if (!in4_pton(text, -1, a, '/', &end) || *end != '/' || kstrtouint(end + 1, 10, &n) || n < 1 || n > 30)
		return false;
	*ip = a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3];
	*bits = n;
	return true;
}

static u32 local_ip = DDE_LOCAL_IP;
static unsigned int prefix = 24;

/* dde.address=A.B.C.D/N; the default is where QEMU's user network forwards to. */
static int __init choose_address(char *text)
{
	if (!dde_read_address(text, &local_ip, &prefix))
		pr_err("dde: dde.address=%s: not A.B.C.D/N\n", text);
	return 0;
}
early_param("dde.address", choose_address);

static bool link_ready(struct net_device *dev)
{
	return netif_carrier_ok(dev) && !qdisc_tx_is_noop(dev);
}

static int set_address(struct net_device *dev, unsigned int cmd, u32 ip)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;

	strscpy(ifr.ifr_name, dev->name, IFNAMSIZ);
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(ip);
	return devinet_ioctl(&init_net, cmd, &ifr);
}

struct net_device *dde_net_link(const char *workload)
{
	struct net_device *dev;
	u64 waited = 0;
	int err;

	while (!(dev = find()) && waited < DEVICE_TIMEOUT_MS && !dde_stopping()) {
		dde_sleep_ms(10);
		waited += 10;
	}
	if (!dev) {
		if (workload)
			dde_fail(workload, "the driver registered no Ethernet device");
		return NULL;
	}
	if (!(dev->flags & IFF_UP)) {
		rtnl_lock();
		err = dev_change_flags(dev, dev->flags | IFF_UP, NULL);
		rtnl_unlock();
		if (err) {
			if (workload)
				dde_fail(workload, "%s does not come up: error %d", dev->name, err);
			return NULL;
		}
	}
	/* Carrier alone is not enough: until linkwatch has run (up to a second later) the queue drops what is sent. */
	for (waited = 0; !link_ready(dev) && waited < LINK_TIMEOUT_MS && !dde_stopping(); waited += 5)
		dde_sleep_ms(5);
	if (!link_ready(dev)) {
		if (workload)
			dde_fail(workload, "%s has no link after %d s", dev->name, LINK_TIMEOUT_MS / 1000);
		return NULL;
	}
	dde_result("{\"type\":\"link\",\"netdev\":\"%s\",\"up\":true,\"mac\":\"%pM\",\"atMs\":%llu}", dev->name, dev->dev_addr,
		   dde_uptime_ms());
	return dev;
}

struct net_device *dde_net_up(const char *workload)
{
	struct net_device *dev = dde_net_link(workload);
	int err;

	if (!dev)
		return NULL;
	err = set_address(dev, SIOCSIFADDR, local_ip);
	if (!err)
		err = set_address(dev, SIOCSIFNETMASK, ntohl(inet_make_mask(prefix)));
	if (err) {
		dde_fail(workload, "%s takes no address: error %d", dev->name, err);
		return NULL;
	}
	return dev;
}

int dde_socket(int type, int protocol, u16 port, struct socket **sock)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY) };
	int err = sock_create_kern(&init_net, PF_INET, type, protocol, sock);

	if (err)
		return err;
	(*sock)->sk->sk_rcvtimeo = HZ;
	(*sock)->sk->sk_sndtimeo = HZ;
	sock_set_reuseaddr((*sock)->sk);
	if (port) {
		err = kernel_bind(*sock, (struct sockaddr *)&sin, sizeof(sin));
		if (err) {
			sock_release(*sock);
			*sock = NULL;
		}
	}
	return err;
}

/* A time-out only gives the chance to see a stop request; 30 of them in a row mean that the other side is gone. */
static int transfer(struct socket *sock, void *buf, size_t len, bool out)
{
	int idle = 0;

	while (len) {
		struct kvec vec = { buf, len };
		struct msghdr msg = { 0 };
		int n = out ? kernel_sendmsg(sock, &msg, &vec, 1, len) : kernel_recvmsg(sock, &msg, &vec, 1, len, 0);

		if (n == -EAGAIN || n == -ERESTARTSYS) {
			if (dde_stopping())
				return -EINTR;
			if (++idle > 30)
				return -ETIMEDOUT;
			continue;
		}
		if (n <= 0)
			return n ?: -ECONNRESET;
		idle = 0;
		buf += n;
		len -= n;
	}
	return 0;
}

int dde_send_all(struct socket *sock, const void *buf, size_t len)
{
	return transfer(sock, (void *)buf, len, true);
}

int dde_recv_all(struct socket *sock, void *buf, size_t len)
{
	return transfer(sock, buf, len, false);
}
