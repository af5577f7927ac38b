/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uio_dma.h"

#define PAGE	4096UL

/* tap.c: one line a check; a failed one shows where. */
void tap_check(bool good, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int tap_finish(void);
#define check(good, ...) tap_check(good, __FILE__, __LINE__, __VA_ARGS__)
/* A call gives exactly this errno (0: it succeeds). */
void tap_errno(int result, int expected, const char *file, int line, const char *what);
#define check_errno(result, expected, what) tap_errno(result, expected, __FILE__, __LINE__, what)

/* device.c: the device under test, by its address such as 0000:00:04.0. */
extern const char *bdf;
extern enum uio_dma_mode mode;
int device_open(void);
int device_start(void);		/* open and start in the mode under test */
struct uio_dma_query query(int fd);
int start(int fd, enum uio_dma_mode as, unsigned int bits);
int map_flags(int fd, const void *buffer, size_t length, int direction, unsigned int flags,
	      uint64_t *dma);
int map(int fd, const void *buffer, size_t length, int direction, uint64_t *dma);
int unmap(int fd, uint64_t dma, size_t length, int direction);
int sync_part(int fd, unsigned long command, uint64_t dma, size_t length);
uint64_t address_of(int fd, const void *at);
void *pages(size_t count);	/* private memory, touched */
unsigned int config_command(void);
bool write_file(const char *path, const char *text);
bool sysfs_write(const char *below, const char *text);
long status_kib(int pid, const char *field);
void fill(void *at, size_t length, unsigned int seed);
bool filled(const void *at, size_t length, unsigned int seed);

/* edu.c: QEMU's edu device copies memory by DMA. True when it did. */
bool edu_open(void);
bool edu_read(uint64_t from, size_t length);	/* memory to its buffer */
bool edu_write(uint64_t to, size_t length);	/* its buffer to memory */

/* The groups of tests. */
void test_basic(void);
void test_dma(void);
void test_errors(void);
void test_owner(void);
void test_zerocopy(void);
void test_protection(void);
void test_suspend(void);
void test_unbind(void);

#endif
