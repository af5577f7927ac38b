/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ARCH_DDE_RESULT_H
#define ARCH_DDE_RESULT_H
#include <linux/compiler_attributes.h>
#include <linux/types.h>

/** One JSON object, printf-like, as a line of the result channel. Any context. */
void dde_result(const char *fmt, ...) __printf(1, 2);
/** @s as the inside of a JSON string, cut to @size - 1 bytes; returns @buf. */
const char *dde_json(char *buf, size_t size, const char *s);
#endif
