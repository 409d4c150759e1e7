/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "runtime/base/err.h"
#include "runtime/cmd/table.h"

static int run(const struct cmd_call *c, struct err *e)
{
	const char *name = c->operands.n ? c->operands.v[0] : NULL;
	const struct cmd *cmd = name ? cmd_find(name) : NULL, *nearest;

	if (!name) {
		help_overview(stdout);
		return 0;
	}
	if (cmd) {
		help_command(cmd, stdout);
		return 0;
	}
	nearest = cmd_nearest(name);
	if (nearest)
		return err_text(e, EINVAL, "no help on '%s' (did you mean '%s'?)", name,
				nearest->name);
	err_text(e, EINVAL, "no help on '%s'", name);
	return err_hint(e, "'berth help' lists the commands");
}

extern const struct cmd cmd_help;
const struct cmd cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.help = "list the commands, or explain one",
	.group = "About berth",
	.max_operands = 1,
	.run = run,
};
