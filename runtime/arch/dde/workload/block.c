// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disk under test through the block layer, without page cache: read all of it (sha256, to compare with the image), then
 * write random 4 KiB blocks and read them back: --writes N --chunk BYTES --seed N --wait SECONDS.
 */
#include <crypto/sha2.h>
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/fs.h>
#include <linux/init_syscalls.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/uio.h>

#include "workload.h"

#define NODE "/dev/dut"
#define BLOCK 4096
#define CHUNK_ORDER 6 /* 256 KiB */

static int match_disk(struct device *dev, void *found)
{
	struct block_device *bdev = dev_to_bdev(dev);

	if (bdev_is_partition(bdev) || !bdev_nr_sectors(bdev) || !dev->parent)
		return 0;
	*(struct device **)found = dev;
	return 1;
}

struct device *dde_disk(unsigned int seconds)
{
	struct device *dev = NULL;
	unsigned int i;

	for (i = 0; i < seconds * 50 && !dde_stopping(); i++) {
		class_for_each_device(&block_class, NULL, &dev, match_disk);
		if (dev)
			return dev;
		dde_sleep_ms(20);
	}
	return NULL;
}

static ssize_t transfer(struct file *f, struct page *page, size_t len, loff_t pos, int direction)
{
	struct bio_vec bv = { .bv_page = page, .bv_len = len, .bv_offset = 0 };
	struct iov_iter iter;

	iov_iter_bvec(&iter, direction, &bv, 1, len);
	return direction == WRITE ? vfs_iter_write(f, &iter, &pos, 0) : vfs_iter_read(f, &iter, &pos, 0);
}

struct result {
	u64 bytes, read_ns, write_ns, writes, verified;
	u8 digest[SHA256_DIGEST_SIZE];
};

static int read_all(struct file *f, struct page *page, struct result *r)
{
	struct sha256_state sha;
	u64 pos, start = ddekit_time_ns();

	sha256_init(&sha);
	for (pos = 0; pos < r->bytes && !dde_stopping();) {
		size_t n = min_t(u64, PAGE_SIZE << CHUNK_ORDER, r->bytes - pos);
		ssize_t got = transfer(f, page, n, pos, READ);

		if (got <= 0)
			return got ?: -EIO;
		sha256_update(&sha, page_address(page), got);
		pos += got;
	}
	sha256_final(&sha, r->digest);
	r->read_ns = ddekit_time_ns() - start;
	return dde_stopping() ? -EINTR : 0;
}

/* The content of a block follows from the seed and its number, so nothing needs to be remembered for the check. */
static void content(void *buf, u64 seed, u64 i)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, seed * 1000003 + i);
	prandom_bytes_state(&rnd, buf, BLOCK);
}

/* A permutation-like walk: step is odd and so coprime to the power of two; no block is written twice while n <= blocks. */
static u64 place(u64 i, u64 seed, u64 blocks)
{
	u64 span = rounddown_pow_of_two(blocks);

	return ((i + 1) * (seed * 2 + 0x9e3779b1)) & (span - 1);
}

static int write_and_verify(struct file *f, struct page *page, u64 seed, struct result *r)
{
	u64 blocks = r->bytes / BLOCK, i, start = ddekit_time_ns();
	u8 *expect = kmalloc(BLOCK, GFP_KERNEL);
	int err = expect ? 0 : -ENOMEM;

	r->writes = min(r->writes, rounddown_pow_of_two(blocks));
	for (i = 0; i < r->writes && !err && !dde_stopping(); i++) {
		content(page_address(page), seed, i);
		if (transfer(f, page, BLOCK, place(i, seed, blocks) * BLOCK, WRITE) != BLOCK)
			err = -EIO;
	}
	if (!err)
		err = vfs_fsync(f, 0);
	r->write_ns = ddekit_time_ns() - start;
	for (i = 0; i < r->writes && !err && !dde_stopping(); i++) {
		memset(page_address(page), 0, BLOCK);
		if (transfer(f, page, BLOCK, place(i, seed, blocks) * BLOCK, READ) != BLOCK) {
			err = -EIO;
			break;
		}
		content(expect, seed, i);
		r->verified += !memcmp(expect, page_address(page), BLOCK);
	}
	kfree(expect);
	return err;
}

static int run_block(const struct dde_args *args)
{
	struct result r = { .writes = dde_arg(args, "--writes", 256) };
	u64 seed = dde_arg(args, "--seed", 1);
	struct device *disk = dde_disk(dde_arg(args, "--wait", 15));
	struct page *page;
	struct file *f;
	int err;
	bool ok;

	if (!disk)
		return dde_fail("block", "the driver registered no disk");
	if (!seed)
		get_random_bytes(&seed, 4);
	init_unlink(NODE);
	err = init_mknod(NODE, S_IFBLK | 0600, new_encode_dev(disk->devt));
	f = err ? ERR_PTR(err) : filp_open(NODE, O_RDWR | O_DIRECT | O_LARGEFILE, 0);
	if (IS_ERR(f))
		return dde_fail("block", "cannot open %s: error %ld", dev_name(disk), PTR_ERR(f));
	page = alloc_pages(GFP_KERNEL, CHUNK_ORDER);
	r.bytes = (u64)bdev_nr_sectors(dev_to_bdev(disk)) << 9;
	err = page ? read_all(f, page, &r) : -ENOMEM;
	if (!err)
		err = write_and_verify(f, page, seed, &r);
	if (page)
		__free_pages(page, CHUNK_ORDER);
	filp_close(f, NULL);
	task_work_run(); /* drops the last reference now: the driver's remove waits for it */
	if (err)
		return dde_fail("block", "%s: I/O error %d", dev_name(disk), err);
	ok = r.verified == r.writes;
	dde_result("{\"type\":\"result\",\"workload\":\"block\",\"ok\":%s,\"disk\":\"%s\",\"bytes\":%llu,\"sha256\":\"%*phN\",\"readNs\":%llu,"
		   "\"readMbPerSecond\":%llu,\"writes\":%llu,\"verified\":%llu,\"writeNs\":%llu}",
		   ok ? "true" : "false", dev_name(disk), r.bytes, SHA256_DIGEST_SIZE, r.digest, r.read_ns,
		   r.read_ns ? div64_u64(r.bytes * 1000, r.read_ns) : 0, r.writes, r.verified, r.write_ns);
	return ok ? 0 : DDEKIT_EXIT_WORKLOAD;
}

const struct dde_workload dde_block = { "block", run_block };
