// SPDX-License-Identifier: GPL-2.0-only
/* uio_dma_test BDF copy|zerocopy [GROUP...]: tests of uio_dma with QEMU's edu device. */
#include <stdio.h>
#include <string.h>

#include "selftest.h"

static const struct {
	const char *name;
	void (*run)(void);
	bool zerocopy_only;
	/* Makes the IOMMU complain, or takes long: only if asked for. */
	bool asked;
} groups[] = {
	{ "basic", test_basic, false, false },
	{ "dma", test_dma, false, false },
	{ "errors", test_errors, false, false },
	{ "owner", test_owner, false, false },
	{ "zerocopy", test_zerocopy, true, false },
	{ "protection", test_protection, true, true },
	{ "suspend", test_suspend, false, true },
	{ "unbind", test_unbind, false, false },
};

static bool asked(int argc, char **argv, const char *name)
{
	for (int i = 3; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	if (argc < 3 || (strcmp(argv[2], "copy") && strcmp(argv[2], "zerocopy"))) {
		fprintf(stderr, "usage: %s BDF copy|zerocopy [GROUP...]\n", argv[0]);
		return 2;
	}
	bdf = argv[1];
	mode = strcmp(argv[2], "copy") ? UIO_DMA_MODE_ZEROCOPY : UIO_DMA_MODE_COPY;
	check(edu_open(), "edu device");
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		if (argc > 3 ? !asked(argc, argv, groups[i].name) : groups[i].asked)
			continue;
		if (groups[i].zerocopy_only && mode != UIO_DMA_MODE_ZEROCOPY)
			continue;
		printf("# %s\n", groups[i].name);
		groups[i].run();
	}
	return tap_finish();
}
