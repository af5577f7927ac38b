/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/* What programs may ask of /dev/edu0. */
#ifndef EDU_H
#define EDU_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* The device has 4096 bytes, but QEMU before 9 ends when DMA reaches the last one. */
#define EDU_BUFFER_SIZE 4080

/** Interrupts that EDU_RAISE made and nobody has taken yet. */
struct edu_event {
	__u32 value; /* of the last one */
	__u32 count;
};

#define EDU_IDENT _IOR('e', 0, __u32) /* the identification register */
#define EDU_LIVENESS _IOWR('e', 1, __u32) /* the device inverts the value */
#define EDU_FACTORIAL _IOWR('e', 2, __u32) /* the device computes, an interrupt tells the end */
#define EDU_RAISE _IOW('e', 3, __u32) /* makes the device interrupt with a value that is not 0 */
#define EDU_TAKE _IOR('e', 4, struct edu_event) /* waits for such interrupts and takes them; EAGAIN with O_NONBLOCK */

#endif
