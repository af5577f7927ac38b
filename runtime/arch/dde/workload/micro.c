// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the port itself costs, for `npm run bench:runtime`: hand-off of the virtual CPU, memcpy, virt_to_phys and a DMA
 * map/unmap pair with few and many live mappings. Times are medians of --rounds (7) in nanoseconds, taken in one run.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "workload.h"

#define MAX_ROUNDS 31
#define LIVE_MAX 100000

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Tenths of a nanosecond per operation. */
static u64 median(u64 *v, int n, u64 ops)
{
	sort(v, n, sizeof(*v), by_value, NULL);
	return div64_u64(v[n / 2] * 10, ops);
}

struct pair {
	struct completion there, back;
	bool end;
};

static int echo(void *arg)
{
	struct pair *p = arg;

	for (;;) {
		wait_for_completion(&p->there);
		if (READ_ONCE(p->end))
			break;
		complete(&p->back);
	}
	complete(&p->back);
	return 0;
}

static u64 handoff(int rounds)
{
	u64 v[MAX_ROUNDS], start;
	const int n = 5000;
	struct pair p = { .end = false };
	int r, i;

	init_completion(&p.there);
	init_completion(&p.back);
	if (IS_ERR(kthread_run(echo, &p, "dde-echo")))
		return 0;
	for (r = 0; r < rounds; r++) {
		start = ddekit_time_ns();
		for (i = 0; i < n; i++) {
			complete(&p.there);
			wait_for_completion(&p.back);
		}
		v[r] = ddekit_time_ns() - start;
	}
	p.end = true;
	complete(&p.there);
	wait_for_completion(&p.back);
	return median(v, rounds, 2 * n);
}

typedef void *(*copy_fn)(void *, const void *, size_t);

static u64 one_copy(copy_fn fn, u8 *to, const u8 *from, size_t size)
{
	u64 start = ddekit_time_ns();
	int i;

	for (i = 0; i < 20000; i++) {
		fn(to, from, size);
		barrier();
	}
	return ddekit_time_ns() - start;
}

static u64 one_v2p(void *buf)
{
	u64 start = ddekit_time_ns();
	int i;

	for (i = 0; i < 100000; i++) {
		phys_addr_t phys = virt_to_phys(buf);

		OPTIMIZER_HIDE_VAR(phys);
	}
	return ddekit_time_ns() - start;
}

static u64 one_map(struct device *dev, void *buf)
{
	u64 start = ddekit_time_ns();
	int i;

	for (i = 0; i < 20000; i++) {
		dma_addr_t dma = dma_map_single(dev, buf, 1500, DMA_TO_DEVICE);

		dma_unmap_single(dev, dma, 1500, DMA_TO_DEVICE);
	}
	return ddekit_time_ns() - start;
}

static int run_micro(const struct dde_args *args)
{
	static const u32 live[] = { 10, 1000, LIVE_MAX };
	int rounds = clamp_t(u64, dde_arg(args, "--rounds", 7), 3, MAX_ROUNDS), r, s, i;
	u64 ours[MAX_ROUNDS], host[MAX_ROUNDS], v2p[3][MAX_ROUNDS], map[3][MAX_ROUNDS], switch_cost;
	struct device *dev = dde_first_device();
	u8 *from = kmalloc(2048, GFP_KERNEL), *to = kmalloc(2048, GFP_KERNEL);
	dma_addr_t *handles = vmalloc(sizeof(*handles) * LIVE_MAX);
	u32 have = 0;

	if (!dev || !from || !to || !handles)
		return dde_fail("micro", "no device or no memory");
	switch_cost = handoff(rounds);
	for (r = 0; r < rounds; r++) {
		ours[r] = one_copy(memcpy, to, from, 1500);
		host[r] = one_copy((copy_fn)ddekit_memcpy, to, from, 1500);
	}
	for (s = 0; s < 3; s++) {
		for (; have < live[s]; have++)
			handles[have] = dma_map_single(dev, from + have % 500, 1500, DMA_TO_DEVICE);
		for (r = 0; r < rounds; r++) {
			v2p[s][r] = one_v2p(from);
			/* A buffer of its own: only one mapping of it is ever live. */
			map[s][r] = one_map(dev, to);
		}
	}
	for (i = 0; i < have; i++)
		dma_unmap_single(dev, handles[i], 1500, DMA_TO_DEVICE);
	vfree(handles);
	kfree(from);
	kfree(to);
	dde_result("{\"type\":\"result\",\"workload\":\"micro\",\"ok\":true,\"rounds\":%d,\"handoffNs10\":%llu,\"memcpyNs10\":%llu,"
		   "\"hostMemcpyNs10\":%llu,\"live\":[10,1000,100000],\"virtToPhysNs10\":[%llu,%llu,%llu],\"mapUnmapNs10\":[%llu,%llu,%llu]}",
		   rounds, switch_cost, median(ours, rounds, 20000), median(host, rounds, 20000), median(v2p[0], rounds, 100000),
		   median(v2p[1], rounds, 100000), median(v2p[2], rounds, 100000), median(map[0], rounds, 20000),
		   median(map[1], rounds, 20000), median(map[2], rounds, 20000));
	return 0;
}

const struct dde_workload dde_micro = { "micro", run_micro };
