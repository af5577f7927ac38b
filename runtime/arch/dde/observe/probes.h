/* SPDX-License-Identifier: GPL-2.0-only */
/* Who tells of events: rows that register themselves, switched on while somebody records their category. */
#ifndef ARCH_DDE_PROBES_H
#define ARCH_DDE_PROBES_H
#include <linux/types.h>

struct dde_probe {
	u32 category; /* DDET_CAT_* */
	int (*on)(void);  /* 0 or -errno: tried again at the next change. May sleep. */
	int (*off)(void);
	void (*change)(bool on); /* instead of the two: called at each change of what is recorded */
	bool registered;
};

/** For good. Before core_initcall(), or what is recorded already is missed. */
void dde_probes_add(struct dde_probe *rows, unsigned int count);
/** Notice that a recorder has changed something. Any context. */
void dde_trace_poll(void);

/* The rows of tracepoints: on_EVENT is registered as probe of EVENT. */
#define DDE_PROBE_WRAP(cat, event)                                                              \
	static int register_##event(void)                                                       \
	{                                                                                       \
		return register_trace_##event(on_##event, NULL);                                \
	}                                                                                       \
	static int unregister_##event(void)                                                     \
	{                                                                                       \
		return unregister_trace_##event(on_##event, NULL);                              \
	}
#define DDE_PROBE_ROW(cat, event)                                                               \
	{                                                                                       \
		.category = cat, .on = register_##event, .off = unregister_##event              \
	},
#define DDE_PROBES(list)                                                                        \
	list(DDE_PROBE_WRAP)                                                                    \
	static struct dde_probe probes[] = { list(DDE_PROBE_ROW) };                             \
	static int __init probes_init(void)                                                     \
	{                                                                                       \
		dde_probes_add(probes, ARRAY_SIZE(probes));                                     \
		return 0;                                                                       \
	}                                                                                       \
	early_initcall(probes_init)
#endif
