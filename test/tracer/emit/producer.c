// SPDX-License-Identifier: MIT
/*
 * A driver process without a kernel: several "threads" share one virtual CPU and emit calls and typed events. It counts what it
 * produces by itself, in a file that is mapped shared, so that the count survives kill -9.
 *
 *	producer --trace-fd N --counts FILE [--threads N] [--switches N] [--burst N] [--pause-us N] [--seed N] [--forever]
 *	         [--churn] [--plain] [--idle]
 *
 * --idle: does nothing but wait, and comes to a safe point only when it is kicked.
 *
 * FILE: u64 counts[1024] by thread uid: events that were begun; u64 done[1024]: events that were finished. At a kill one event
 * may lie between the two.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "emit/ddet_cpu.h"
#include "../control/kernel_side.h"
#include "abi/ddetrace.h"

#define MAX 1024

static volatile unsigned long long *begun, *done;
static unsigned int uid_of[64];
static struct ddet_thread *threads[64];
static unsigned int current;
static unsigned long long seed = 1;

static unsigned int rnd(unsigned int below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned int)(seed >> 33) % below;
}

static void count(unsigned int events)
{
	begun[uid_of[current] % MAX] += events;
	__asm__ volatile("" ::: "memory");
}
static void finish(unsigned int events)
{
	__asm__ volatile("" ::: "memory");
	done[uid_of[current] % MAX] += events;
}

/* One event or a call tree; each branch says itself how many events it makes. Counted one by one, so a kill can be told. */
static void one(int plain)
{
	static const char text[] = "e1000e 0000:00:04.0 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx, and then a lot "
				   "more text so that one record cannot hold it and the tracer has to cut it: 0123456789 0123456789 "
				   "0123456789 0123456789 0123456789 0123456789 0123456789.";
	unsigned int r = plain ? 60 + rnd(40) : rnd(100);

	if (r < 10) {
		count(1), ddet_softirq_raise(rnd(10)), finish(1);
	} else if (r < 20) {
		count(1), ddet_napi_poll(rnd(64), 64, 0x10203040, 0x10204000, 0x400123), finish(1);
	} else if (r < 40) {
		count(1);
		ddet_dma_map(rnd(1000), 0x61000000ull + rnd(1 << 20), 0x61000000 + rnd(1 << 20), rnd(2048), rnd(3), 0, 0x401000,
			     0x10200000);
		finish(1);
	} else if (r < 55) {
		count(1), ddet_mmio_write(rnd(0x4000) & ~3u, seed, 0x402000, 4, 0, 0x20), finish(1);
	} else if (r < 58) {
		count(2), ddet_printk(6, text, sizeof(text) - 1), finish(2);
	} else if (r < 60) {
		count(1), ddet_mark(0, "0123456789abcdef", 16), finish(1);
	} else if (r < 80) {
		count(2), work(r), finish(2);
	} else if (r < 95) {
		count(6), outer(r), finish(6);
	} else {
		count(10), driver_calls(r), finish(10);
	}
}

static void switch_to(unsigned int next)
{
	if (next == current)
		return;
	count(1); /* sched:sched_switch */
	ddet_switch(threads[next]);
	done[uid_of[current] % MAX]++;
	current = next;
}

static void make_thread(unsigned int i)
{
	char name[64];

	snprintf(name, sizeof(name), "thread/%u", i);
	threads[i] = ddet_thread_new(name, (int)(i % 9), (int)(1000 + i));
	uid_of[i] = threads[i]->slot ? threads[i]->slot->uid : 0;
}

static void kick(void)
{
	/* The signal itself ends the pause. */
}

static unsigned int traced_sites(void)
{
	return ddet_ctl->patched_sites;
}

int main(int argc, char **argv)
{
	int fd = -1, forever = 0, churn = 0, plain = 0, idle = 0, i;
	unsigned int n = 4, switches = 1000, burst = 50, pause_us = 0, s, b;
	const char *counts = NULL;

	for (i = 1; i < argc; i++) {
		const char *a = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(a, "--forever"))
			forever = 1;
		else if (!strcmp(a, "--churn"))
			churn = 1;
		else if (!strcmp(a, "--plain"))
			plain = 1;
		else if (!strcmp(a, "--idle"))
			idle = 1;
		else if (i++, !strcmp(a, "--trace-fd"))
			fd = atoi(v);
		else if (!strcmp(a, "--counts"))
			counts = v;
		else if (!strcmp(a, "--threads"))
			n = (unsigned int)atoi(v);
		else if (!strcmp(a, "--switches"))
			switches = (unsigned int)atoi(v);
		else if (!strcmp(a, "--burst"))
			burst = (unsigned int)atoi(v);
		else if (!strcmp(a, "--pause-us"))
			pause_us = (unsigned int)atoi(v);
		else if (!strcmp(a, "--seed"))
			seed = (unsigned long long)atoll(v);
		else
			return 2;
	}
	if (n < 1 || n > 64)
		return 2;
	begun = mmap(NULL, 2 * MAX * 8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts) {
		int file = open(counts, O_RDWR | O_CREAT | O_TRUNC, 0600);

		if (file < 0 || ftruncate(file, 2 * MAX * 8))
			return 3;
		begun = mmap(NULL, 2 * MAX * 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	}
	done = begun + MAX;
	if (ddet_init(fd))
		return 4;
	for (s = 0; s < n; s++)
		make_thread(s);
	ddet_switch(threads[0]);
	ddet_set_kick(kick);
	if (!forever && !idle && fd >= 0 && !traced_sites())
		return 5;
	printf("ready\n");
	fflush(stdout);
	while (idle) {
		ddet_poll();
		pause();
	}
	for (s = 0; forever || s < switches; s++) {
		for (b = 0; b < burst; b++)
			one(plain);
		if (churn && n > 1 && s % 8 == 7) {
			/* A thread that does not run ends, a new one comes. */
			unsigned int victim = (current + 1) % n;

			ddet_thread_exit(threads[victim]);
			make_thread(victim);
		}
		switch_to(rnd(n));
		if (s % 16 == 0)
			ddet_poll();
		if (pause_us)
			usleep(pause_us);
	}
	return 0;
}
