// SPDX-License-Identifier: MIT
/* A traced program for gdb: tail calls, longjmp, thunks, recursion, and two threads that hand over in the middle. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "emit/ddet_cpu.h"
#include "abi/ddetrace.h"
#include "kernel_side.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;
static struct ddet_thread *threads[2];
static __thread int self;

static void yield_cpu(void)
{
	pthread_mutex_lock(&lock);
	ddet_switch(threads[!self]);
	turn = !self;
	pthread_cond_broadcast(&changed);
	while (turn != self)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void *second(void *arg)
{
	self = 1;
	pthread_mutex_lock(&lock);
	while (turn != 1)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	for (;;)
		switcher(2);
	return arg;
}

__attribute__((noinline, noipa)) void here(void)
{
	__asm__ volatile("");
}

static void tour(void)
{
	tail_a(1);
	catcher(3);
	driver_calls(2);
	driver_tail(2);
	recurse(5);
	the_hook = yield_cpu;
	switcher(1);
	the_hook = here;
	switcher(1);
	after_jump(6);
}

int main(int argc, char **argv)
{
	int on = argc > 1 && !strcmp(argv[1], "on");
	pthread_t t;

	if (ddet_init(-1))
		return 1;
	threads[0] = ddet_thread_new("main", DDET_ROLE_BOOT, 1);
	threads[1] = ddet_thread_new("second", DDET_ROLE_KTHREAD, 2);
	ddet_switch(threads[0]);
	pthread_create(&t, NULL, second, NULL);
	here(); /* before patching */
	if (on) {
		memset((char *)ddet_ctl + ddet_ctl->bitmap_offset, 0xff, 16);
		for (int site = 0; site < 128; site++) /* entries with and without arguments */
			((char *)ddet_ctl + ddet_ctl->args_offset)[site] = (char)(site % 6);
		ddet_ctl->categories = ~0u;
		ddet_ctl->generation++;
		ddet_poll();
	}
	here();
	tour();
	here();
	for (int tours = argc > 2 ? atoi(argv[2]) : 1; tours > 0; tours--)
		tour();
	exit(0);
}
