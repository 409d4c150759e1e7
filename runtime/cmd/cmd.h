/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subcommand is one cmd_NAME.c file that defines `const struct cmd cmd_NAME`; the file
 * name is the registration (build/gen/cmd.def).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cgroups/cgroups.h"
#include "runtime/base/opt.h"

struct err;

/* Global options: valid before and after the command's name. */
struct global {
	const char *root; /* --root; default /run/berth or $XDG_RUNTIME_DIR/berth */
	const char *log, *log_format, *log_level;
	bool debug, systemd_cgroup;
	const char *cgroup_manager;
	int rootless; /* -1 auto */
	const char *criu;
};

/* What a command's run gets. */
struct cmd_call {
	const struct global *global;
	void *opts; /* the command's own struct, filled */
	struct strv operands;
	bool dashdash; /* a "--" stood among the arguments */
	struct arena *arena;
};

struct cmd {
	const char *name;
	const char *args;  /* synopsis of the operands: "ID", "[-b BUNDLE] ID" */
	const char *help;  /* one line, lower case */
	const char *group; /* heading in `berth help`: "OCI life cycle", "Looking", ... */
	const struct opt *opts;
	size_t nopts;
	size_t opts_size; /* sizeof the command's struct; zeroed (but for init) before parsing */
	void (*init)(void *opts);            /* defaults that are not zero; NULL: none */
	unsigned min_operands, max_operands; /* max UINT_MAX: any number */
	bool stop_at_operand;
	bool hidden;
	int fail_exit; /* exit status of the command's own failures, where e->exit is 0; 0: 1 */
	/* Exit status >= 0, or negative with *e set (main prints it and exits with e->exit,
	 * fail_exit or 1). */
	int (*run)(const struct cmd_call *c, struct err *e);
};

extern const struct cmd *const cmds[];
extern const size_t ncmds;

extern const struct opt global_opts[];
extern const size_t nglobal_opts;
