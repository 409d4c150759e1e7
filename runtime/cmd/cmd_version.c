/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "runtime/cmd/cmd.h"
#include "version.h"

/* Engines keep the first three lines word for word; libraries come behind them. */
static int run(_unused_ const struct cmd_call *c, _unused_ struct err *e)
{
	fputs("berth version " BERTH_VERSION "\n"
	      "commit: " BERTH_COMMIT "\n"
	      "spec: 1.3.0\n"
	      "libseccomp: " BERTH_LIBSECCOMP "\n"
	      "jansson: " BERTH_JANSSON "\n",
	      stdout);
	return 0;
}

extern const struct cmd cmd_version;
const struct cmd cmd_version = {
	.name = "version",
	.help = "print the version",
	.group = "About berth",
	.run = run,
};
