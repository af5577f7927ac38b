// SPDX-License-Identifier: GPL-2.0-only
/*
 * O_DIRECT. The device would read and write the program's own pages; they belong to another process, so the data goes through pages of
 * this kernel. It still passes by the page cache, and the driver sees the requests that it would see.
 */
#include <linux/bvec.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "exec.h"

#define CHUNK_ORDER 6 /* 256 KiB */
#define CHUNK (PAGE_SIZE << CHUNK_ORDER)

static bool reads_or_writes(int nr)
{
	switch (nr) {
	case EXEC_read:
	case EXEC_write:
	case EXEC_pread64:
	case EXEC_pwrite64:
	case EXEC_readv:
	case EXEC_writev:
	case EXEC_preadv:
	case EXEC_pwritev:
	case EXEC_preadv2:
	case EXEC_pwritev2:
		return true;
	default:
		return false;
	}
}

static bool is_vector(int nr)
{
	return nr != EXEC_read && nr != EXEC_write && nr != EXEC_pread64 && nr != EXEC_pwrite64;
}

static bool is_write(int nr)
{
	return nr == EXEC_write || nr == EXEC_pwrite64 || nr == EXEC_writev || nr == EXEC_pwritev || nr == EXEC_pwritev2;
}

/* From where the file stands, and it moves on: preadv2() and pwritev2() with an offset of -1 as well. */
static bool moves(const struct ddekit_call *c)
{
	if (c->nr == EXEC_preadv2 || c->nr == EXEC_pwritev2)
		return (long)c->args[3] == -1;
	return c->nr == EXEC_read || c->nr == EXEC_write || c->nr == EXEC_readv || c->nr == EXEC_writev;
}

bool exec_is_direct(const struct ddekit_call *c)
{
	struct file *file;
	bool direct;

	if (!reads_or_writes(c->nr))
		return false;
	file = fget(c->args[0]);
	direct = file && (file->f_flags & O_DIRECT);
	if (file)
		fput(file);
	return direct;
}

struct transfer {
	struct file *file;
	struct page *page;
	loff_t pos;
	bool writes;
	rwf_t flags; /* RWF_* */
};

static ssize_t chunk(struct transfer *t, size_t n)
{
	struct bio_vec bv = { .bv_page = t->page, .bv_len = n };
	struct iov_iter iter;

	iov_iter_bvec(&iter, t->writes ? WRITE : READ, &bv, 1, n);
	if (t->writes)
		return vfs_iter_write(t->file, &iter, &t->pos, t->flags);
	return vfs_iter_read(t->file, &iter, &t->pos, t->flags);
}

static ssize_t all(struct transfer *t, unsigned long user, size_t count)
{
	void *buffer = page_address(t->page);
	ssize_t done = 0, got;

	while (done < count) {
		size_t n = min_t(size_t, count - done, CHUNK);

		if (t->writes && copy_from_user(buffer, (void __user *)(user + done), n))
			return done ?: -EFAULT;
		got = chunk(t, n);
		if (got <= 0)
			return done ?: got;
		if (!t->writes && copy_to_user((void __user *)(user + done), buffer, got))
			return done ?: -EFAULT;
		done += got;
		if (got < n)
			break;
	}
	return done;
}

static ssize_t all_of_vector(struct transfer *t, unsigned long vector, unsigned long n)
{
	ssize_t done = 0, got;
	unsigned long i;
	struct iovec v;

	if (n > UIO_MAXIOV)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (copy_from_user(&v, (void __user *)(vector + i * sizeof(v)), sizeof(v)))
			return done ?: -EFAULT;
		v.iov_len = min_t(size_t, v.iov_len, MAX_RW_COUNT - done);
		got = all(t, (unsigned long)v.iov_base, v.iov_len);
		if (got < 0)
			return done ?: got;
		done += got;
		if (got < v.iov_len)
			break;
	}
	return done;
}

long exec_direct(const struct ddekit_call *c)
{
	struct transfer t = { .file = fget(c->args[0]), .writes = is_write(c->nr) };
	long n;

	if (!t.file)
		return -EBADF;
	if (!(t.file->f_mode & (t.writes ? FMODE_WRITE : FMODE_READ))) {
		fput(t.file);
		return -EBADF;
	}
	t.pos = moves(c) ? t.file->f_pos : (loff_t)c->args[3];
	if (c->nr == EXEC_preadv2 || c->nr == EXEC_pwritev2)
		t.flags = (__force rwf_t)c->args[5];
	t.page = alloc_pages(GFP_KERNEL, CHUNK_ORDER);
	if (!t.page)
		n = -ENOMEM;
	else if (is_vector(c->nr))
		n = all_of_vector(&t, c->args[1], c->args[2]);
	else
		n = all(&t, c->args[1], min_t(size_t, c->args[2], MAX_RW_COUNT));
	if (moves(c) && n > 0)
		t.file->f_pos = t.pos;
	if (t.page)
		__free_pages(t.page, CHUNK_ORDER);
	fput(t.file);
	return n;
}
