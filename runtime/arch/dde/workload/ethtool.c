// SPDX-License-Identifier: GPL-2.0-only
/* The driver's own offline self test, as `ethtool --test DEV offline` runs it; one result per test. */
#include <linux/ethtool.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "workload.h"

#define MAX_TESTS 16

static int run_ethtool(const struct dde_args *args)
{
	struct ethtool_test test = { .cmd = ETHTOOL_TEST };
	const struct ethtool_ops *ops;
	struct net_device *dev = dde_net_up("ethtool-selftest");
	u64 *data, start = ddekit_time_ns();
	char *names, json[800];
	int i, n, len = 0;

	if (!dev)
		return DDEKIT_EXIT_WORKLOAD;
	ops = dev->ethtool_ops;
	if (!ops || !ops->self_test || !ops->get_sset_count || !ops->get_strings)
		return dde_fail("ethtool-selftest", "the driver of %s has no self test", dev->name);
	n = min(ops->get_sset_count(dev, ETH_SS_TEST), MAX_TESTS);
	if (n <= 0)
		return dde_fail("ethtool-selftest", "the driver of %s has no self test", dev->name);
	data = kcalloc(MAX_TESTS, sizeof(*data), GFP_KERNEL);
	names = kcalloc(MAX_TESTS, ETH_GSTRING_LEN, GFP_KERNEL);
	if (!data || !names)
		return dde_fail("ethtool-selftest", "no memory");
	test.flags = strcmp(dde_arg_str(args, "--mode", "offline"), "online") ? ETH_TEST_FL_OFFLINE : 0;
	test.len = n;
	rtnl_lock();
	ops->get_strings(dev, ETH_SS_TEST, (u8 *)names);
	ops->self_test(dev, &test, data);
	rtnl_unlock();
	for (i = 0; i < n; i++) {
		char *name = strim(names + i * ETH_GSTRING_LEN);

		name[strnlen(name, ETH_GSTRING_LEN - 1)] = 0;
		pr_info("dde: self test %-32s %llu\n", name, data[i]);
		len += scnprintf(json + len, sizeof(json) - len, "%s{\"name\":\"%s\",\"value\":%llu,\"pass\":%s}", i ? "," : "", name,
				 data[i], data[i] ? "false" : "true");
	}
	kfree(data);
	kfree(names);
	dde_result("{\"type\":\"result\",\"workload\":\"ethtool-selftest\",\"ok\":true,\"failed\":%s,\"ns\":%llu,\"tests\":[%s]}",
		   test.flags & ETH_TEST_FL_FAILED ? "true" : "false", ddekit_time_ns() - start, json);
	return 0;
}

const struct dde_workload dde_ethtool = { "ethtool-selftest", run_ethtool };
