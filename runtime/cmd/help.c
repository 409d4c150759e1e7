/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "runtime/base/opt.h"
#include "runtime/cmd/table.h"

/* Headings in the order in which they are read; a command with another one comes behind them. */
static const char *const groups[] = {
	"OCI life cycle",
	"Control",
	"Looking",
	"About berth",
};

static const char first_steps[] =
	"First container, without an image, in a copy-on-write view of this machine:\n"
	"  sudo berth run -- sh\n"
	"\n"
	"First bundle, in a minute (any directory tree with a /bin/sh is a root file system):\n"
	"  mkdir -p box/rootfs/bin && cp /bin/busybox box/rootfs/bin/sh\n"
	"  berth spec --bundle box\n"
	"  sudo berth run --bundle box mybox\n"
	"\n"
	"'berth help COMMAND' explains a command, 'man berth' all of it.\n";

static size_t group_of(const struct cmd *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (c->group && !strcmp(c->group, groups[i]))
			return i;
	return ARRAY_SIZE(groups);
}

static void print_group(size_t group, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < ncmds; i++) {
		const struct cmd *c = cmds[i];

		if (c->hidden || group_of(c) != group)
			continue;
		if (!any)
			fprintf(out, "%s:\n", group < ARRAY_SIZE(groups) ? groups[group] : "More");
		any = true;
		fprintf(out, "  %-11s %s\n", c->name, c->help);
	}
	if (any)
		fputc('\n', out);
}

void help_overview(FILE *out)
{
	fputs("usage: berth [OPTION...] COMMAND [ARG...]\n\n", out);
	for (size_t g = 0; g <= ARRAY_SIZE(groups); g++)
		print_group(g, out);
	fputs("Options, before or after the command:\n", out);
	opt_print_help(global_opts, nglobal_opts, out);
	fprintf(out, "\n%s", first_steps);
}

void help_command(const struct cmd *c, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < c->nopts; i++)
		any = any || !c->opts[i].hidden;
	fprintf(out, "usage: berth %s%s%s%s\n\n%s\n", c->name, any ? " [OPTION...]" : "",
		c->args && *c->args ? " " : "", c->args ? c->args : "", c->help);
	if (any) {
		fputs("\nOptions:\n", out);
		opt_print_help(c->opts, c->nopts, out);
	}
	fprintf(out, "\nThe global options ('berth help') work here too. See man berth-%s.\n",
		c->name);
}
