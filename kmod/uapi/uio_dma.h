/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * DMA for user-level PCI drivers: the interface of /dev/uio-dma/<domain:bus:device.function>.
 *
 * Life of an open file:
 *
 *	open -> START (mode, mask, owner) -> mmap, MAP, SYNC, UNMAP, MASTER ... -> STOP or close
 *
 * START makes the calling process the owner. All memory of the session belongs to it: when the
 * owner ends, execs or crashes, bus mastering stops, the device is reset where it can be, and every
 * mapping is undone, also while other processes hold the file open. Calls of other processes get
 * EPERM. A device is open once at a time (EBUSY).
 *
 * mmap(fd, MAP_SHARED, offset 0) gives zeroed coherent memory; ADDRESS tells its DMA address;
 * munmap frees it. It cannot be split, moved or grown, and a child does not inherit it.
 *
 * All numbers are in bytes and in host order. Reserved fields are 0.
 */
#ifndef _UAPI_UIO_DMA_H
#define _UAPI_UIO_DMA_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Counts up when something is added; what is there keeps its meaning. */
#define UIO_DMA_API_VERSION	1

enum uio_dma_mode {
	UIO_DMA_MODE_NONE = 0,		/* not started */
	UIO_DMA_MODE_COPY = 1,		/* bounce buffers; works without an IOMMU */
	UIO_DMA_MODE_ZEROCOPY = 2,	/* pinned pages behind the IOMMU */
};

enum uio_dma_direction {
	UIO_DMA_BIDIRECTIONAL = 0,
	UIO_DMA_TO_DEVICE = 1,
	UIO_DMA_FROM_DEVICE = 2,
};

/* Capabilities (struct uio_dma_query.capabilities). */
#define UIO_DMA_CAP_COPY	(1U << 0)
#define UIO_DMA_CAP_ZEROCOPY	(1U << 1)	/* an IOMMU, and the device alone in its group */
#define UIO_DMA_CAP_ARENA	(1U << 2)	/* UIO_DMA_MAP_ARENA (in zero-copy mode) */
#define UIO_DMA_CAP_ISOLATED	(1U << 3)	/* an IOMMU confines the device in copy mode too */

/* State (struct uio_dma_query.state). */
#define UIO_DMA_STATE_STARTED	(1U << 0)
#define UIO_DMA_STATE_OWNER	(1U << 1)	/* the caller is the owner */
#define UIO_DMA_STATE_MASTER	(1U << 2)	/* bus mastering was switched on through MASTER */
#define UIO_DMA_STATE_SUSPENDED	(1U << 3)	/* the system slept; cleared by MASTER */

/**
 * struct uio_dma_query - what the device and the session can do
 * @version: UIO_DMA_API_VERSION of the module
 * @capabilities: UIO_DMA_CAP_*
 * @mode: enum uio_dma_mode
 * @state: UIO_DMA_STATE_*
 * @dma_mask: highest address the device is taken to reach
 * @iova_first: lowest DMA address that a zero-copy session gives out; 0 in other states
 * @iova_last: highest
 * @page_size: granularity of zero-copy mappings
 * @max_batch: entries of one BATCH
 * @max_map: bytes of one MAP in the present mode
 * @max_mappings: live mappings of a file
 * @max_bytes: bytes mapped and coherent of a file, rounded up to pages
 * @mappings: live mappings now
 * @coherent: live coherent buffers now
 * @bytes: bytes now, rounded up to pages
 * @pinned_pages: pages of the owner that are pinned now
 * @reserved: 0
 */
struct uio_dma_query {
	__u32 version;
	__u32 capabilities;
	__u32 mode;
	__u32 state;
	__u64 dma_mask;
	__u64 iova_first;
	__u64 iova_last;
	__u32 page_size;
	__u32 max_batch;
	__u64 max_map;
	__u64 max_mappings;
	__u64 max_bytes;
	__u64 mappings;
	__u64 coherent;
	__u64 bytes;
	__u64 pinned_pages;
	__u64 reserved[4];
};

/* struct uio_dma_start.flags, out: the device was reset before the session. */
#define UIO_DMA_START_WAS_RESET	(1U << 31)
/* In: do not reset the device. */
#define UIO_DMA_START_NO_RESET	(1U << 0)

/**
 * struct uio_dma_start - begins a session
 * @mode: UIO_DMA_MODE_COPY or UIO_DMA_MODE_ZEROCOPY
 * @dma_bits: width of the device's DMA addresses, 24 to 64
 * @flags: UIO_DMA_START_*
 * @reserved: 0
 *
 * EBUSY: started already, or the IOMMU group holds other devices. EOPNOTSUPP: no IOMMU.
 * EIO: the platform cannot serve that width.
 */
struct uio_dma_start {
	__u32 mode;
	__u32 dma_bits;
	__u32 flags;
	__u32 reserved;
};

enum uio_dma_opcode {
	UIO_DMA_OP_MAP = 1,
	UIO_DMA_OP_UNMAP = 2,
	UIO_DMA_OP_SYNC_FOR_CPU = 3,
	UIO_DMA_OP_SYNC_FOR_DEVICE = 4,
};

/* struct uio_dma_op.flags */
#define UIO_DMA_SKIP_SYNC	(1U << 0)	/* MAP, UNMAP: copy nothing (copy mode) */
#define UIO_DMA_MAP_KEEP	(1U << 1)	/* MAP from the device: what it leaves alone stays */
#define UIO_DMA_MAP_ARENA	(1U << 2)	/* MAP: a mapping of its own for all of the buffer */

/**
 * struct uio_dma_op - one operation, alone or as an entry of a batch
 * @op: enum uio_dma_opcode (ignored by the ioctls that name the operation)
 * @direction: enum uio_dma_direction; of UNMAP as of its MAP
 * @flags: UIO_DMA_SKIP_SYNC, UIO_DMA_MAP_*
 * @error: out, in a batch: 0 or a negative errno
 * @address: MAP: the user's buffer
 * @length: MAP, UNMAP: of the buffer; SYNC: of the part
 * @dma: MAP, out: the DMA address; UNMAP: the same; SYNC: of the part
 * @reserved: 0
 *
 * EFAULT: the buffer is not mapped, or not writable though the device writes. EINVAL: a field is
 * out of range. ENOENT: UNMAP or SYNC of what is not mapped. ENOMEM: memory, or RLIMIT_MEMLOCK.
 * ENOSPC: the count or the bytes of a file, or DMA addresses below the mask, are used up. E2BIG:
 * longer than max_map. EOPNOTSUPP: arena in copy mode, or pages of a file on a disk (zero-copy).
 */
struct uio_dma_op {
	__u32 op;
	__u32 direction;
	__u32 flags;
	__s32 error;
	__u64 address;
	__u64 length;
	__u64 dma;
	__u64 reserved;
};

/* struct uio_dma_batch.flags: go on after an entry that failed. */
#define UIO_DMA_BATCH_CONTINUE	(1U << 0)

/**
 * struct uio_dma_batch - many operations with one system call, in order
 * @entries: user address of struct uio_dma_op[count]
 * @count: 1 to max_batch
 * @flags: UIO_DMA_BATCH_*
 * @done: out: entries that were tried; each tells its error
 * @failed: out: of these, how many failed
 *
 * 0 also if entries failed, negative only if the batch itself could not be read or written.
 */
struct uio_dma_batch {
	__u64 entries;
	__u32 count;
	__u32 flags;
	__u32 done;
	__u32 failed;
};

/**
 * struct uio_dma_address - the DMA address of coherent memory
 * @address: user address inside the memory
 * @dma: out
 * @left: out: bytes from there to the end of the buffer
 */
struct uio_dma_address {
	__u64 address;
	__u64 dma;
	__u64 left;
};

#define UIO_DMA_IOC		0xde
#define UIO_DMA_IOC_QUERY	_IOR(UIO_DMA_IOC, 0, struct uio_dma_query)
#define UIO_DMA_IOC_START	_IOWR(UIO_DMA_IOC, 1, struct uio_dma_start)
#define UIO_DMA_IOC_STOP	_IO(UIO_DMA_IOC, 2)
/* The argument is 1 or 0 itself. Also ends the suspended state. */
#define UIO_DMA_IOC_MASTER	_IO(UIO_DMA_IOC, 3)
/* Function reset; bus mastering is off afterwards. ENOTTY: the device knows none. */
#define UIO_DMA_IOC_RESET	_IO(UIO_DMA_IOC, 4)
#define UIO_DMA_IOC_MAP		_IOWR(UIO_DMA_IOC, 5, struct uio_dma_op)
#define UIO_DMA_IOC_UNMAP	_IOW(UIO_DMA_IOC, 6, struct uio_dma_op)
#define UIO_DMA_IOC_SYNC_FOR_CPU	_IOW(UIO_DMA_IOC, 7, struct uio_dma_op)
#define UIO_DMA_IOC_SYNC_FOR_DEVICE	_IOW(UIO_DMA_IOC, 8, struct uio_dma_op)
#define UIO_DMA_IOC_BATCH	_IOWR(UIO_DMA_IOC, 9, struct uio_dma_batch)
#define UIO_DMA_IOC_ADDRESS	_IOWR(UIO_DMA_IOC, 10, struct uio_dma_address)

#endif
