// SPDX-License-Identifier: MIT
/* A program that waits in a call below functions whose names the test knows. argv[1]: how it gets there. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int pipes[2];
static volatile int keep;

__attribute__((noinline)) static void say(void)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", gettid());

	if (write(3, text, n) != n)
		exit(9);
}

__attribute__((noinline)) static int innermost(int left)
{
	char room[64];

	memset(room, left, sizeof(room));
	if (left) {
		keep += innermost(left - 1);
		return keep + room[3];
	}
	say();
	keep += read(pipes[0], room, sizeof(room));
	return keep;
}

__attribute__((noinline)) static int roomy(int n)
{
	volatile char room[12000];

	room[n] = n;
	n = innermost(0);
	return n + room[1];
}

static int compare(const void *a, const void *b)
{
	(void)a, (void)b;
	return innermost(0) + 1;
}

__attribute__((noinline)) int direct(int n)
{
	keep++;
	n = innermost(n);
	return n + keep;
}

__attribute__((noinline)) static void *in_thread(void *arg)
{
	keep += direct(0);
	return arg;
}

static int (*volatile pointer)(int) = direct;

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	int two[3] = { 2, 1, 3 };
	pthread_t t;

	if (pipe(pipes))
		return 1;
	if (!strcmp(how, "direct"))
		keep += direct(0);
	else if (!strcmp(how, "recursion"))
		keep += direct(3);
	else if (!strcmp(how, "pointer"))
		keep += pointer(0);
	else if (!strcmp(how, "room"))
		keep += roomy(1);
	else if (!strcmp(how, "callback"))
		qsort(two, 3, sizeof(*two), compare);
	else if (!strcmp(how, "thread") && !pthread_create(&t, NULL, in_thread, NULL))
		pthread_join(t, NULL);
	return keep;
}
