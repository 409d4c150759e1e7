/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/cmd/table.h"

#include <stdint.h>
#include <string.h>

#define X(name) extern const struct cmd cmd_##name;
#include "cmd.def"
#undef X

const struct cmd *const cmds[] = {
#define X(name) &cmd_##name,
#include "cmd.def"
#undef X
};
const size_t ncmds = ARRAY_SIZE(cmds);

#define AT(field) offsetof(struct global_opts_into, g.field)
/* clang-format off */
const struct opt global_opts[] = {
	{ 0, "root", "DIR", "keep the state of containers in DIR", OPT_STR, AT(root), false },
	{ 0, "log", "FILE", "append errors to FILE too", OPT_STR, AT(log), false },
	{ 0, "log-format", "text|json", "how log lines are written", OPT_STR, AT(log_format), false },
	{ 0, "log-level", "LEVEL", "log from here up: debug, info, warning, error",
	  OPT_STR, AT(log_level), false },
	{ 0, "debug", NULL, "log every step, as --log-level debug", OPT_FLAG, AT(debug), false },
	{ 0, "systemd-cgroup", NULL, "cgroupsPath is SLICE:PREFIX:NAME: the place of a systemd scope",
	  OPT_FLAG, AT(systemd_cgroup), false },
	{ 0, "cgroup-manager", "NAME", "how cgroupsPath is read, or no cgroup: cgroupfs, systemd, disabled",
	  OPT_STR, AT(cgroup_manager), false },
	{ 0, "rootless", "true|false|auto", "do without what only root may do",
	  OPT_TRISTATE, AT(rootless), false },
	{ 0, "criu", "PATH", "accepted for old callers, no effect", OPT_STR, AT(criu), true },
	{ 'v', "version", NULL, "print the version and exit", OPT_FLAG,
	  offsetof(struct global_opts_into, version), false },
	{ 'V', NULL, NULL, "as --version", OPT_FLAG,
	  offsetof(struct global_opts_into, version), true },
};
/* clang-format on */
const size_t nglobal_opts = ARRAY_SIZE(global_opts);

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; i < ncmds; i++)
		if (!strcmp(cmds[i]->name, name))
			return cmds[i];
	return NULL;
}

const struct cmd *cmd_nearest(const char *name)
{
	const struct cmd *nearest = NULL;
	unsigned best = UINT32_MAX;

	for (size_t i = 0; i < ncmds; i++) {
		unsigned d = cmds[i]->hidden ? UINT32_MAX : opt_distance(name, cmds[i]->name);

		if (d < best) {
			best = d;
			nearest = cmds[i];
		}
	}
	return opt_is_slip(name, best) ? nearest : NULL;
}
