/* SPDX-License-Identifier: GPL-2.0-only */
/* One network interface of the host (TAP), through which its programs use the card. Frames have a struct virtio_net_hdr in front. */
#ifndef DDEKIT_TAP_H
#define DDEKIT_TAP_H

#define DDEKIT_TAP_HEAD 10 /* bytes of the header */

/**
 * Makes the interface, up, with this hardware address.
 * @name: at most 15 letters; out: what it is called (the host puts a number for %d), 16 bytes
 * @ip, @prefix: its address, in host order; 0: none
 * Return: 0 or -errno
 */
int ddekit_tap_open(char *name, const unsigned char mac[6], unsigned int mtu, unsigned int ip, unsigned int prefix);
/** A frame that the host sends: its bytes with the header, 0: none now (DDEKIT_IRQ_TAP tells of the next), or -errno. */
long ddekit_tap_read(void *buf, unsigned long size);
/** A frame for the host; what it has no room for is lost, as on a wire. 0 or -errno. */
int ddekit_tap_write(const void *buf, unsigned long size);
/** The interface is gone. */
void ddekit_tap_close(void);

#endif
