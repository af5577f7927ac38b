// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands in for the loading half of kernel/module/main.c: out-of-tree modules are linked into the image (runtime/build), each with its
 * own struct module; here each becomes known to Linux, gets its parameters and is started, in the order of their dependencies, and is
 * ended in the opposite order. Parameters come from the command line as modprobe takes them: MODULE.PARAMETER=VALUE.
 * Runs in the workload's thread, as insmod's.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/setup.h>

#include "../check/bind.h"
#include "../observe/result.h"
#include "modules.h"

/* kernel/module/internal.h */
extern struct list_head modules;
extern struct mutex module_mutex;
int mod_sysfs_setup(struct module *mod, const struct load_info *info, struct kernel_param *kparam, unsigned int num_params);
void mod_sysfs_teardown(struct module *mod);

/* One row a module, written by the linker of runtime/build; without modules there is no section. */
struct dde_module {
	struct module *mod;
	struct kernel_param *params, *params_end;
};
extern const struct dde_module __start_dde_modules[] __weak, __stop_dde_modules[] __weak;
static const struct dde_module *started = __start_dde_modules;

/* The parameters that the command line has for a module, as insmod would be given them. */
static char *module_args(const char *name)
{
	size_t len = strlen(name);
	char *args = kzalloc(COMMAND_LINE_SIZE, GFP_KERNEL), *line = kstrdup(boot_command_line, GFP_KERNEL), *rest, *param, *val;
	int n = 0;

	for (rest = line ? skip_spaces(line) : ""; args && *rest;) {
		rest = next_arg(rest, &param, &val);
		if (!parameqn(param, name, len) || param[len] != '.')
			continue;
		n += scnprintf(args + n, COMMAND_LINE_SIZE - n, val ? "%s=\"%s\" " : "%s ", param + len + 1, val);
	}
	kfree(line);
	return args;
}

static int unknown_param(char *param, char *val, const char *name, void *mod)
{
	if (!strcmp(param, "async_probe"))
		((struct module *)mod)->async_probe_requested = true;
	else if (strcmp(param, "dyndbg"))
		pr_warn("%s: unknown parameter '%s' ignored\n", name, param);
	return 0;
}

static int pci_driver_of(struct device_driver *drv, void *mod)
{
	return drv->owner == mod;
}

/* Whether a module has registered a driver for PCI devices. */
static bool has_pci_driver(struct module *mod)
{
	return bus_for_each_drv(&pci_bus_type, NULL, mod, pci_driver_of);
}

static int start_module(const struct dde_module *m)
{
	struct module *mod = m->mod;
	char *after;
	int err;

	/* As load_module() leaves them. */
	mutex_init(&mod->param_lock);
	INIT_LIST_HEAD(&mod->source_list);
	INIT_LIST_HEAD(&mod->target_list);
	atomic_set(&mod->refcnt, 2);
	mod->state = MODULE_STATE_COMING;
	mod->kp = m->params;
	mod->num_kp = m->params_end - m->params;
	mod->taints |= 1 << TAINT_OOT_MODULE;
	add_taint(TAINT_OOT_MODULE, LOCKDEP_STILL_OK);
	mod->args = module_args(mod->name);
	if (!mod->args)
		return -ENOMEM;
	/* mod_sysfs_teardown() frees them, as setup_modinfo() has copied them out of the module's file. */
	if (mod->version)
		mod->version = kstrdup(mod->version, GFP_KERNEL);
	if (mod->srcversion)
		mod->srcversion = kstrdup(mod->srcversion, GFP_KERNEL);
	mutex_lock(&module_mutex);
	list_add_rcu(&mod->list, &modules);
	mutex_unlock(&module_mutex);
	after = parse_args(mod->name, mod->args, mod->kp, mod->num_kp, -32768, 32767, mod, unknown_param);
	err = PTR_ERR_OR_ZERO(after) ?: mod_sysfs_setup(mod, NULL, mod->kp, mod->num_kp);
	if (!err && mod->init)
		err = do_one_initcall(mod->init);
	if (err < 0) {
		/* The tables of a module that did not start stay in the image, but nobody must find it alive. */
		mod->state = MODULE_STATE_GOING;
		return err;
	}
	mod->state = MODULE_STATE_LIVE;
	module_put(mod);
	return 0;
}

int dde_modules_start(bool *drivers)
{
	const struct dde_module *m;
	int err = 0, n = __stop_dde_modules - __start_dde_modules;

	*drivers = !n;
	dde_modules_act = n;
	for (m = __start_dde_modules; m < __stop_dde_modules && !err; m++) {
		bool own;

		err = start_module(m);
		own = !err && has_pci_driver(m->mod);
		*drivers |= own;
		if (err)
			pr_err("dde: could not insert module %s: error %d\n", m->mod->name, err);
		else
			started = m + 1;
		dde_result("{\"type\":\"module\",\"name\":\"%s\",\"error\":%d,\"pciDriver\":%s}", m->mod->name, err, own ? "true" : "false");
	}
	return err;
}

void dde_modules_end(void)
{
	while (started > __start_dde_modules) {
		struct module *mod = (--started)->mod;
		int users = module_refcount(mod);

		if (users > 0) {
			/* rmmod would refuse, and what the module depends on stays, too. */
			pr_warn("dde: leak: module %s is still in use (%d references): it could not be removed\n", mod->name, users);
			dde_modules_stay = true;
			return;
		}
		if (mod->init && !mod->exit) {
			pr_notice("dde: module %s has no exit function: it could not be removed\n", mod->name);
			dde_modules_stay = true;
			continue;
		}
		if (mod->exit)
			mod->exit();
		mod->state = MODULE_STATE_GOING;
		mod_sysfs_teardown(mod);
	}
}
