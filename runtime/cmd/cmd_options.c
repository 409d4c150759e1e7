/* SPDX-License-Identifier: Apache-2.0 */
/* Prints every option table, for the lint that compares them with the man pages. */
#include <stdio.h>

#include "runtime/cmd/table.h"

static void print_table(const char *name, bool hidden, const struct opt *v, size_t n)
{
	/* one line for the command itself: some have no options */
	printf("%s\t-\t-\t-\t%s\n", name, hidden ? "hidden" : "shown");
	for (size_t i = 0; i < n; i++)
		printf("%s\t%c\t%s\t%s\t%s\n", name, v[i].letter ? v[i].letter : '-',
		       v[i].name ? v[i].name : "-", v[i].arg ? v[i].arg : "-",
		       v[i].hidden ? "hidden" : "shown");
}

static int run(_unused_ const struct cmd_call *c, _unused_ struct err *e)
{
	print_table("berth", false, global_opts, nglobal_opts);
	for (size_t i = 0; i < ncmds; i++)
		print_table(cmds[i]->name, cmds[i]->hidden, cmds[i]->opts, cmds[i]->nopts);
	return 0;
}

extern const struct cmd cmd_options;
const struct cmd cmd_options = {
	.name = "__options",
	.help = "print every option table",
	.hidden = true,
	.run = run,
};
