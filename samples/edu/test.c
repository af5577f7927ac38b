// SPDX-License-Identifier: MIT
/* Tests /dev/edu0 as a program sees it; the same on a machine with the module loaded and on `dde-profile run samples/edu`. TAP on stdout. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "edu.h"

#define NODE "/dev/edu0"
#define SYSFS "/sys/class/misc/edu0/"

static int count, failed, fd;

static void ok(int good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, what);
	if (!good) {
		printf("# errno %d (%s)\n", errno, strerror(errno));
		failed++;
	}
	fflush(stdout);
	errno = 0;
}

static int is(long result, int error)
{
	return result == -1 && errno == error;
}

static void nothing(int sig)
{
	(void)sig;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void pause_ms(int ms)
{
	struct timespec t = { 0, ms * 1000000L };

	nanosleep(&t, NULL);
}

static void drain(void)
{
	struct edu_event event;
	int other = open(NODE, O_RDWR | O_NONBLOCK);

	while (!ioctl(other, EDU_TAKE, &event))
		;
	close(other);
}

static void raise_event(unsigned int value)
{
	int other = open(NODE, O_RDWR);

	ioctl(other, EDU_RAISE, &value);
	close(other);
}

static void open_and_stat(void)
{
	struct stat s;
	int other;

	ok(stat(NODE, &s) == 0 && S_ISCHR(s.st_mode), "the node is a character device");
	ok(major(s.st_rdev) == 10, "with the major number of misc devices");
	ok(is(open(NODE "x", O_RDWR), ENOENT), "another name is not there");
	ok(is(open(NODE "/x", O_RDWR), ENOTDIR), "and it is no folder");
	fd = open(NODE, O_RDWR | O_CLOEXEC);
	ok(fd >= 0, "open");
	ok(fstat(fd, &s) == 0 && S_ISCHR(s.st_mode) && minor(s.st_rdev) > 0, "fstat");
	ok(access(NODE, R_OK | W_OK) == 0, "access");
	other = open(NODE, O_RDONLY);
	ok(other >= 0 && other != fd, "open a second time");
	ok(is(write(other, "x", 1), EBADF), "write to a descriptor for reading");
	ok(close(other) == 0, "close");
	ok(is(close(other), EBADF), "close twice");
	ok((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "F_GETFL");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC, "F_GETFD");
}

static void ioctls(void)
{
	static const unsigned int factorials[] = { 1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600 };
	unsigned int value = 0, i, good = 0;
	struct edu_event event;

	ok(ioctl(fd, EDU_IDENT, &value) == 0 && (value & 0xffff) == 0xed, "EDU_IDENT");
	value = 0x12345678;
	ok(ioctl(fd, EDU_LIVENESS, &value) == 0 && value == ~0x12345678U, "EDU_LIVENESS inverts");
	for (i = 0; i < sizeof(factorials) / sizeof(factorials[0]); i++) {
		value = i;
		good += ioctl(fd, EDU_FACTORIAL, &value) == 0 && value == factorials[i];
	}
	ok(good == i, "EDU_FACTORIAL of 0 to 12");
	ok(is(ioctl(fd, 0), ENOTTY), "ioctl 0");
	ok(is(ioctl(fd, _IO('x', 1), 0), ENOTTY), "an ioctl of another driver");
	ok(is(ioctl(fd, _IOR('e', 99, int), &value), ENOTTY), "a number that is not in use");
	ok(is(ioctl(fd, TCGETS, &value), ENOTTY), "it is no terminal");
	ok(is(ioctl(fd, EDU_IDENT, NULL), EFAULT), "a null pointer");
	ok(is(ioctl(fd, EDU_LIVENESS, (void *)0x1000), EFAULT), "a pointer to what is not mapped");
	ok(is(ioctl(fd, EDU_IDENT, (void *)-4096L), EFAULT), "a pointer to the kernel");
	ok(is(ioctl(fd, EDU_IDENT, "constant"), EFAULT), "a pointer to what cannot be written");
	value = 0;
	ok(is(ioctl(fd, EDU_RAISE, &value), EINVAL), "EDU_RAISE of 0");
	value = 0x100;
	ok(is(ioctl(fd, EDU_RAISE, &value), EINVAL), "EDU_RAISE of the device's own value");
	drain();
	value = 0x20;
	ok(ioctl(fd, EDU_RAISE, &value) == 0 && ioctl(fd, EDU_TAKE, &event) == 0 && event.value == 0x20 && event.count == 1,
	   "EDU_RAISE, EDU_TAKE");
	ok(is(ioctl(-1, EDU_IDENT, &value), EBADF), "no descriptor");
}

static void reads_and_writes(void)
{
	char out[EDU_BUFFER_SIZE], in[EDU_BUFFER_SIZE], small[16];
	struct iovec v[2] = { { small, 4 }, { small + 4, 12 } };
	char *volatile nowhere = NULL;
	unsigned int i;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + (i >> 8);
	ok(pwrite(fd, out, sizeof(out), 0) == sizeof(out), "write all of the buffer");
	ok(pread(fd, in, sizeof(in), 0) == sizeof(in) && !memcmp(in, out, sizeof(in)), "read it back by DMA");
	ok(lseek(fd, 3984, SEEK_SET) == 3984, "lseek");
	ok(read(fd, in, 200) == 96 && !memcmp(in, out + 3984, 96), "a short read at the end");
	ok(read(fd, in, 200) == 0, "end of file");
	ok(is(write(fd, in, 1), ENOSPC), "write behind the end");
	ok(is(lseek(fd, -1, SEEK_SET), EINVAL) && is(lseek(fd, 5000, SEEK_SET), EINVAL), "lseek out of bounds");
	ok(lseek(fd, -96, SEEK_END) == 3984 && lseek(fd, 0, SEEK_CUR) == 3984, "SEEK_END, SEEK_CUR");
	ok(pread(fd, in, 1, 1) == 1 && in[0] == out[1], "one byte at an odd place");
	ok(pread(fd, in, 0, 0) == 0, "read nothing");
	ok(preadv(fd, v, 2, 16) == 16 && !memcmp(small, out + 16, 16), "preadv into two buffers");
	ok(is(pread(fd, nowhere, 16, 0), EFAULT) && is(pread(fd, (void *)-8192L, 16, 0), EFAULT), "read to a wrong pointer");
	ok(is(pwrite(fd, nowhere, 16, 0), EFAULT), "write from a null pointer");
	ok(pread(fd, in, sizeof(in), 0) == sizeof(in) && in[100] == out[100], "works after that");
	ok(is(pread(fd, in, 1, -1), EINVAL), "a negative place");
}

static void edges_of_memory(void)
{
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int *last = (unsigned int *)(two + 4096 - sizeof(*last));

	munmap(two + 4096, 4096);
	ok(ioctl(fd, EDU_IDENT, last) == 0 && (*last & 0xffff) == 0xed, "the last word of a page before a hole");
	ok(is(pread(fd, two + 4000, 200, 0), EFAULT), "a buffer that ends in the hole");
	ok(pread(fd, two + 4000, 96, 0) == 96, "one that ends before it");
	munmap(two, 4096);
}

static void *raise_later(void *ms)
{
	pause_ms((long)ms);
	raise_event(0x40);
	return NULL;
}

static void polling(void)
{
	struct pollfd p[2] = { { fd, POLLIN, 0 } };
	struct timeval soon = { 0, 20000 };
	struct edu_event event;
	int pipes[2], n;
	pthread_t t;
	double start;
	fd_set set;

	drain();
	ok(poll(p, 1, 0) == 0, "poll: nothing");
	p[0].events = POLLIN | POLLOUT;
	ok(poll(p, 1, 0) == 1 && p[0].revents == POLLOUT, "poll: may be written");
	p[0].events = POLLIN;
	start = seconds();
	ok(poll(p, 1, 50) == 0 && seconds() - start >= 0.045, "poll: time-out");
	pthread_create(&t, NULL, raise_later, (void *)30L);
	ok(poll(p, 1, 5000) == 1 && p[0].revents == POLLIN, "poll: an interrupt wakes it");
	pthread_join(t, NULL);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	ok(select(fd + 1, &set, NULL, NULL, &soon) == 1 && FD_ISSET(fd, &set), "select: readable");
	ok(ioctl(fd, EDU_TAKE, &event) == 0 && event.value == 0x40, "the event is there");
	n = pipe(pipes);
	p[1] = (struct pollfd){ pipes[0], POLLIN, 0 };
	ok(n == 0 && poll(p, 2, 10) == 0, "poll with a pipe: nothing");
	n = write(pipes[1], "x", 1);
	ok(poll(p, 2, 1000) == 1 && p[1].revents == POLLIN && !p[0].revents, "poll with a pipe: the pipe");
	pthread_create(&t, NULL, raise_later, (void *)30L);
	pthread_join(t, NULL);
	pause_ms(50); /* the interrupt comes after the register write */
	ok(poll(p, 2, 1000) == 2 && p[0].revents == POLLIN, "poll with a pipe: both");
	FD_ZERO(&set);
	FD_SET(fd, &set);
	FD_SET(pipes[0], &set);
	soon.tv_usec = 500000;
	ok(select((fd > pipes[0] ? fd : pipes[0]) + 1, &set, NULL, NULL, &soon) == 2, "select with a pipe");
	close(pipes[0]);
	close(pipes[1]);
	drain();
	ok(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0 && is(ioctl(fd, EDU_TAKE, &event), EAGAIN), "O_NONBLOCK by fcntl");
	ok(fcntl(fd, F_SETFL, O_RDWR) == 0, "and off again");
}

static void signals(void)
{
	struct sigaction a = { .sa_handler = nothing };
	struct itimerspec soon = { { 0, 0 }, { 0, 50000000 } };
	struct edu_event event;
	timer_t timer;
	double start = seconds();

	drain();
	sigaction(SIGALRM, &a, NULL);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	timer_settime(timer, 0, &soon, NULL);
	ok(is(ioctl(fd, EDU_TAKE, &event), EINTR) && seconds() - start < 3, "a signal ends a call that waits");
	timer_delete(timer);
	raise_event(0x80);
	pause_ms(20);
	ok(ioctl(fd, EDU_TAKE, &event) == 0 && event.value == 0x80, "the next one works");
}

static volatile sig_atomic_t told;

static void tell(int sig)
{
	told = sig;
}

static void asynchronous(void)
{
	struct sigaction a = { .sa_handler = tell };
	struct edu_event event;
	int i;

	drain();
	sigaction(SIGIO, &a, NULL);
	sigaction(SIGRTMIN + 1, &a, NULL);
	ok(fcntl(fd, F_GETOWN) == 0, "nobody owns the file");
	ok(fcntl(fd, F_SETOWN, getpid()) == 0 && fcntl(fd, F_GETOWN) == getpid(), "F_SETOWN");
	ok(fcntl(fd, F_SETFL, O_RDWR | O_ASYNC) == 0 && (fcntl(fd, F_GETFL) & O_ASYNC), "O_ASYNC");
	raise_event(0x90);
	for (i = 0; i < 100 && !told; i++)
		pause_ms(10);
	ok(told == SIGIO, "SIGIO tells of an event");
	ok(ioctl(fd, EDU_TAKE, &event) == 0 && event.value == 0x90, "which can be taken");
	told = 0;
	ok(fcntl(fd, F_SETSIG, SIGRTMIN + 1) == 0 && fcntl(fd, F_GETSIG) == SIGRTMIN + 1, "F_SETSIG");
	raise_event(0x92);
	for (i = 0; i < 100 && !told; i++)
		pause_ms(10);
	ok(told == SIGRTMIN + 1, "the signal that was wished for comes");
	told = 0;
	ok(fcntl(fd, F_SETFL, O_RDWR) == 0, "without O_ASYNC");
	raise_event(0x94);
	pause_ms(50);
	ok(!told, "nothing comes");
	drain();
}

static void processes(void)
{
	unsigned int value;
	struct edu_event event;
	char byte;
	int status, copy, other;
	pid_t pid;

	pid = fork();
	if (!pid) {
		value = 5;
		_exit(ioctl(fd, EDU_FACTORIAL, &value) == 0 && value == 120 ? 7 : 1);
	}
	ok(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7, "a child uses the descriptor of its parent");
	value = 4;
	ok(ioctl(fd, EDU_FACTORIAL, &value) == 0 && value == 24, "the parent's works after the child's end");
	drain();
	pid = fork();
	if (!pid) {
		ioctl(fd, EDU_TAKE, &event);
		_exit(0);
	}
	pause_ms(100);
	kill(pid, SIGKILL);
	ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "kill -9 of a child that waits in the driver");
	ok(ioctl(fd, EDU_IDENT, &value) == 0, "the driver goes on");
	pid = fork();
	if (!pid) {
		char block[EDU_BUFFER_SIZE];

		for (;;)
			if (pread(fd, block, sizeof(block), 0) < 0)
				_exit(1);
	}
	pause_ms(50);
	kill(pid, SIGKILL);
	ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "kill -9 in the middle of DMA");
	ok(pread(fd, &byte, 1, 0) == 1, "DMA goes on");
	copy = dup(fd);
	ok(copy >= 0 && lseek(copy, 12, SEEK_SET) == 12 && lseek(fd, 0, SEEK_CUR) == 12, "dup shares the position");
	ok(dup2(fd, 400) == 400 && ioctl(400, EDU_IDENT, &value) == 0, "dup2");
	other = fcntl(fd, F_DUPFD, 300);
	ok(other >= 300 && ioctl(other, EDU_IDENT, &value) == 0, "F_DUPFD");
	close(copy);
	close(400);
	close(other);
	ok(is(ioctl(400, EDU_IDENT, &value), EBADF) && ioctl(fd, EDU_IDENT, &value) == 0, "closing the copies");
	other = open(NODE, O_RDONLY);
	ok(dup2(other, 0) == 0 && close(other) == 0 && system("wc -c | grep -qx 4080") == 0,
	   "as stdin of another program");
	close(0);
	ok(open("/dev/null", O_RDONLY) == 0 && read(0, &byte, 1) == 0, "its number goes to a file of the host");
	pid = fork();
	if (!pid) {
		char text[16];

		snprintf(text, sizeof(text), "%d", fd);
		execl("/bin/sh", "sh", "-c", "test ! -e /proc/self/fd/$0", text, NULL);
		_exit(9);
	}
	ok(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 0, "close-on-exec");
}

static void *many(void *unused)
{
	unsigned int value, i;
	long bad = 0;

	(void)unused;
	for (i = 0; i < 100; i++) {
		value = i;
		bad += ioctl(fd, EDU_LIVENESS, &value) != 0 || value != ~i;
		value = 6;
		bad += ioctl(fd, EDU_FACTORIAL, &value) != 0 || value != 720;
	}
	return (void *)bad;
}

static void threads(void)
{
	pthread_t t[4];
	void *bad;
	long all = 0;
	int i;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, many, NULL);
	for (i = 0; i < 4; i++) {
		pthread_join(t[i], &bad);
		all += (long)bad;
	}
	ok(all == 0, "four threads at once");
}

static void sysfs(void)
{
	char text[64] = "";
	int file = open(SYSFS "ident", O_RDONLY);
	ssize_t n = read(file, text, sizeof(text) - 1);

	close(file);
	ok(n == 11 && !strncmp(text, "0x", 2) && strstr(text, "ed\n"), "sysfs: ident");
	file = open(SYSFS "liveness", O_RDWR);
	ok(write(file, "0x0000ffff", 10) == 10, "sysfs: write liveness");
	memset(text, 0, sizeof(text));
	n = pread(file, text, sizeof(text) - 1, 0);
	ok(n == 11 && !strcmp(text, "0xffff0000\n"), "sysfs: read it");
	ok(is(write(file, "nonsense", 8), EINVAL), "sysfs: nonsense");
	close(file);
	ok(is(open(SYSFS "ident", O_WRONLY), EACCES) || geteuid() == 0, "sysfs: not to be written");
}

static void epolling(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC), file = open("/dev/null", O_RDONLY), pipes[2], other;
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = 7 }, got[4];
	pthread_t t;

	drain();
	ok(is(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL), ENOENT), "epoll: not in it");
	ok(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0, "epoll: add");
	ok(is(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), EEXIST), "epoll: it is in it");
	ok(is(epoll_ctl(ep, EPOLL_CTL_ADD, file, &e), EPERM), "epoll: a file that is always ready");
	ok(epoll_wait(ep, got, 4, 20) == 0, "epoll: nothing");
	pthread_create(&t, NULL, raise_later, (void *)30L);
	ok(epoll_wait(ep, got, 4, 5000) == 1 && got[0].events == EPOLLIN && got[0].data.u32 == 7, "epoll: an interrupt wakes it");
	pthread_join(t, NULL);
	ok(epoll_wait(ep, got, 4, 0) == 1, "epoll: as long as it is there");
	e.events = EPOLLIN | EPOLLOUT | EPOLLET;
	ok(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e) == 0 && epoll_wait(ep, got, 4, 0) == 1 && got[0].events == (EPOLLIN | EPOLLOUT),
	   "epoll: both ways");
	ok(epoll_wait(ep, got, 4, 20) == 0, "epoll: edges once");
	raise_event(0x400);
	ok(epoll_wait(ep, got, 4, 5000) == 1 && (got[0].events & EPOLLIN), "epoll: the next edge");
	drain();
	e.events = EPOLLIN;
	ok(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e) == 0 && epoll_wait(ep, got, 4, 20) == 0, "epoll: taken");
	other = pipe(pipes);
	e.data.u32 = 8;
	ok(other == 0 && epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &e) == 0, "epoll: a pipe beside it");
	other = write(pipes[1], "x", 1);
	ok(epoll_wait(ep, got, 4, 1000) == 1 && got[0].data.u32 == 8, "epoll: the pipe");
	raise_event(0x200);
	pause_ms(50);
	ok(epoll_wait(ep, got, 4, 1000) == 2, "epoll: both");
	ok(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL) == 0 && epoll_wait(ep, got, 4, 0) == 1, "epoll: taken out");
	drain();
	close(pipes[0]);
	close(pipes[1]);
	close(file);
	close(ep);
}

static void folders(void)
{
	char path[256], text[64] = "", home[256];
	int file, dir;
	struct stat st;

	ok(getcwd(home, sizeof(home)) != NULL && chdir("/dev") == 0, "chdir to /dev");
	file = open(NODE + 5, O_RDWR);
	ok(file >= 0 && fstat(file, &st) == 0 && S_ISCHR(st.st_mode), "a path that begins there");
	close(file);
	ok(chdir(SYSFS "..") == 0 && chdir("edu0") == 0, "chdir into sysfs, and from there");
	file = open("./ident", O_RDONLY);
	ok(read(file, text, sizeof(text) - 1) == 11, "read a file of it");
	close(file);
	ok(stat("no-such-file", &st) == -1 && errno == ENOENT && access("ident", R_OK) == 0, "stat and access there");
	ok(getcwd(path, sizeof(path)) != NULL && !strncmp(path, "/sys/devices/", 13), "getcwd");
	dir = open(".", O_RDONLY | O_DIRECTORY);
	ok(chdir("/tmp") == 0 && access("ident", R_OK) == -1 && !strcmp(getcwd(path, sizeof(path)), "/tmp"), "and back to the host");
	ok(fchdir(dir) == 0 && access("ident", R_OK) == 0, "fchdir");
	close(dir);
	ok(chdir(home) == 0 && !strcmp(getcwd(path, sizeof(path)), home), "home");
}

static int child_sees(const char *map)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(memcmp(map, "mapped", 6) ? 1 : 7);
	return waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7;
}

static void mapping(void)
{
	char *map = mmap(NULL, EDU_BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *more, text[8] = "";
	int other;

	ok(map != MAP_FAILED, "mmap of the coherent buffer");
	if (map == MAP_FAILED)
		return;
	ok(pwrite(fd, "mapped", 6, 0) == 6 && !memcmp(map, "mapped", 6), "shows what a write put there");
	ok(child_sees(map), "a child has it");
	ok(!memcmp(map, "mapped", 6), "after the child's end");
	more = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	ok(more != MAP_FAILED && more != map && !memcmp(more, "mapped", 6), "a second one, private, to be read only");
	ok(munmap(more, 4096) == 0, "munmap");
	ok(is((long)mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0), ENXIO), "more than there is");
	ok(is((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096), ENXIO), "behind the end");
	ok(is((long)mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0), EINVAL), "nothing");
	more = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok(mmap(more + 4096, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == more + 4096 && !memcmp(more + 4096, "mapped", 6),
	   "at a place of one's choice");
	munmap(more, 8192);
	other = open(NODE, O_RDONLY);
	ok(is((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0), EACCES), "to be written, of what is open to be read");
	more = mmap(NULL, 4096, PROT_READ, MAP_SHARED, other, 0);
	ok(close(other) == 0 && more != MAP_FAILED && !memcmp(more, "mapped", 6), "after close");
	munmap(more, 4096);
	memcpy(map + 100, "by hand", 8);
	ok(pwrite(fd, "x", 1, 0) == 1 && pread(fd, text, 1, 0) == 1 && !strcmp(map + 100, "by hand"), "writing there");
	ok(munmap(map, EDU_BUFFER_SIZE) == 0, "munmap of the first");
}

int main(void)
{
	open_and_stat();
	if (fd < 0)
		return 1;
	ioctls();
	reads_and_writes();
	edges_of_memory();
	polling();
	signals();
	asynchronous();
	processes();
	threads();
	sysfs();
	epolling();
	folders();
	mapping();
	ok(close(fd) == 0, "close at the end");
	printf("1..%d\n", count);
	return failed ? 1 : 0;
}
