/* SPDX-License-Identifier: Apache-2.0 */
/* What main and the commands that describe berth itself share: global options, help texts. */
#pragma once

#include <stdio.h>

#include "runtime/cmd/cmd.h"

/* What the global options fill: the part that commands see, and what main alone acts on. */
struct global_opts_into {
	struct global g;
	bool version;
};

/* By name; NULL when there is none. */
const struct cmd *cmd_find(const char *name);

/* The visible command that was probably meant, or NULL. */
const struct cmd *cmd_nearest(const char *name);

/* The grouped list of commands with the first steps below. */
void help_overview(FILE *out);

/* Synopsis, what it does, options. */
void help_command(const struct cmd *c, FILE *out);
