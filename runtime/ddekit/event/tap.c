// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ddekit/irq.h>
#include <ddekit/tap.h>
#include "event/epoll.h"
#include "host/cpu.h"

static int tap = -1;

static void ready(void *arg)
{
	(void)arg;
	ddekit_irq_raise(DDEKIT_IRQ_TAP);
}

static int set_address(int sock, struct ifreq *ifr, unsigned long request, unsigned int ip)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(ip) };

	memcpy(&ifr->ifr_addr, &in, sizeof(in));
	return ioctl(sock, request, ifr);
}

static int configure(const char *name, const unsigned char mac[6], unsigned int mtu, unsigned int ip, unsigned int prefix)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	struct ifreq ifr = { 0 };

	if (sock < 0)
		return -errno;
	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	err = ioctl(sock, SIOCSIFHWADDR, &ifr);
	ifr.ifr_mtu = mtu;
	err = err ?: ioctl(sock, SIOCSIFMTU, &ifr);
	if (ip)
		err = err ?: set_address(sock, &ifr, SIOCSIFADDR, ip) ?
								      : set_address(sock, &ifr, SIOCSIFNETMASK, ~0U << (32 - prefix));
	err = err ?: ioctl(sock, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	err = err ?: ioctl(sock, SIOCSIFFLAGS, &ifr);
	err = err ? -errno : 0;
	close(sock);
	return err;
}

static int open_tap(char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int err;

	tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (tap < 0)
		return -errno;
	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	/* The host may leave checksums and segments to the card, or to Linux here. */
	if (!ioctl(tap, TUNSETIFF, &ifr) && !ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) {
		memcpy(name, ifr.ifr_name, IFNAMSIZ);
		return 0;
	}
	err = -errno;
	ddekit_tap_close();
	return err;
}

int ddekit_tap_open(char *name, const unsigned char mac[6], unsigned int mtu, unsigned int ip, unsigned int prefix)
{
	int err;

	ddekit__enter();
	err = open_tap(name);
	if (!err) {
		err = configure(name, mac, mtu, ip, prefix);
		if (err)
			ddekit_tap_close();
		else
			ddekit__epoll_watch(tap, ready, NULL, 1);
	}
	ddekit__leave();
	return err;
}

long ddekit_tap_read(void *buf, unsigned long size)
{
	long n;

	ddekit__enter();
	n = read(tap, buf, size);
	n = n >= 0 ? n : errno == EAGAIN || errno == EINTR ? 0
							   : -errno;
	ddekit__leave();
	return n;
}

int ddekit_tap_write(const void *buf, unsigned long size)
{
	int err;

	ddekit__enter();
	err = write(tap, buf, size) < 0 && errno != EAGAIN ? -errno : 0;
	ddekit__leave();
	return err;
}

void ddekit_tap_close(void)
{
	close(tap);
	tap = -1;
}
