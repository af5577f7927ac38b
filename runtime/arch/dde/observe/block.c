// SPDX-License-Identifier: GPL-2.0-only
/* Stands in for kernel/trace/blktrace.c: requests on their way to and from a disk's driver. */
#include <linux/blk-mq.h>
#include <linux/init.h>
#include <trace/events/block.h>

#include "probes.h"
#include "trace.h"

static void on_block_rq_issue(void *data, struct request *rq)
{
	struct gendisk *disk = rq->q->disk;

	ddet_block_rq_issue(P(rq), blk_rq_bytes(rq), blk_rq_pos(rq), rq->cmd_flags, disk ? disk_devt(disk) : 0);
}

static void on_block_rq_complete(void *data, struct request *rq, blk_status_t error, unsigned int bytes)
{
	ddet_block_rq_complete(P(rq), (__force u32)error, blk_rq_pos(rq), bytes);
}

#define EVENTS(X) \
	X(DDET_CAT_BLOCK, block_rq_issue) \
	X(DDET_CAT_BLOCK, block_rq_complete)

DDE_PROBES(EVENTS);
