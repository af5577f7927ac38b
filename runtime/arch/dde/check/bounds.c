// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for lib/ubsan.c and for fortify_panic() of lib/string_helpers.c, which the core has no need of: out-of-tree modules are
 * compiled with -fsanitize=bounds and CONFIG_FORTIFY_SOURCE, as those of most distributions (runtime/build/module/sanitize.ts).
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/version.h>
#include <ddet/ddetrace.h>

/* gcc's tables, as in lib/ubsan.h. */
struct type_descriptor {
	u16 kind, info;
	char name[];
};

struct source_location {
	const char *file;
	u32 line, column;
};

struct out_of_bounds_data {
	struct source_location location;
	struct type_descriptor *array, *index;
};

/* A place is told once: its column says so afterwards. */
static bool is_news(struct source_location *location)
{
	bool news = location->column != ~0U;

	location->column = ~0U;
	return news;
}

void __ubsan_handle_out_of_bounds(struct out_of_bounds_data *data, unsigned long index);
void __ubsan_handle_out_of_bounds(struct out_of_bounds_data *data, unsigned long index)
{
	if (!is_news(&data->location))
		return;
	if (ddet_categories & DDET_CAT_CHECK)
		ddet_misuse(DDET_MISUSE_INDEX_BEYOND, (unsigned long)__builtin_return_address(0), index, 0, 0);
	else
		pr_err("UBSAN: array-index-out-of-bounds in %s:%u: index %ld is out of range for type %s\n", data->location.file,
		       data->location.line, index, data->array->name);
}

#ifndef CONFIG_FORTIFY_SOURCE
/* What a compiler that sees an overrun of a member calls, after its warning. */
void __read_overflow2_field(size_t avail, size_t wanted);
void __read_overflow2_field(size_t avail, size_t wanted)
{
}

void __write_overflow_field(size_t avail, size_t wanted);
void __write_overflow_field(size_t avail, size_t wanted)
{
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
void fortify_panic(const char *name) __noreturn;
void fortify_panic(const char *name)
{
	pr_emerg("detected buffer overflow in %s\n", name);
	BUG();
}
#else
void __fortify_report(const u8 reason, const size_t avail, const size_t size);
void __fortify_report(const u8 reason, const size_t avail, const size_t size)
{
	WARN(1, "buffer overflow: %zu byte %s of buffer size %zu\n", size, reason & 1 ? "write" : "read", avail);
}

void __fortify_panic(const u8 reason, const size_t avail, const size_t size) __noreturn;
void __fortify_panic(const u8 reason, const size_t avail, const size_t size)
{
	__fortify_report(reason, avail, size);
	BUG();
}
#endif
#endif
