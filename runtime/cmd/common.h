/* SPDX-License-Identifier: Apache-2.0 */
/* What the life-cycle commands share: reading a bundle, opening the state, waiting. */
#pragma once

#include <stdbool.h>

#include "runtime/base/attr.h"
#include "runtime/base/buf.h"
#include "runtime/cmd/cmd.h"
#include "runtime/start/plan.h"
#include "runtime/state/state.h"
#include "specs/faults.h"

struct err;
struct start;

/* The options of create and run. */
struct create_opts {
	const char *bundle, *console_socket, *pidfd_socket, *pid_file;
	bool no_pivot, no_new_keyring, detach, keep, no_subreaper, interactive, tty;
	unsigned preserve_fds;
};

/* The options that create and run share, for both tables. */
#define CREATE_OFF(field) offsetof(struct create_opts, field)
/* clang-format off */
#define CREATE_OPTS                                                                                \
	{ 'b', "bundle", "DIR", "bundle directory; default: the current one", OPT_STR, \
	  CREATE_OFF(bundle) }, \
	{ 0, "console-socket", "PATH", "socket that receives the terminal's master", OPT_STR, \
	  CREATE_OFF(console_socket) }, \
	{ 0, "pidfd-socket", "PATH", "socket that receives a pidfd of init", OPT_STR, \
	  CREATE_OFF(pidfd_socket) }, \
	{ 0, "pid-file", "PATH", "file to write init's pid to", OPT_STR, CREATE_OFF(pid_file) }, \
	{ 0, "no-pivot", NULL, "move the root mount instead of pivot_root (root on a ramdisk)", \
	  OPT_FLAG, CREATE_OFF(no_pivot) }, \
	{ 0, "no-new-keyring", NULL, "keep the caller's session keyring", OPT_FLAG, \
	  CREATE_OFF(no_new_keyring) }, \
	{ 0, "preserve-fds", "N", "pass descriptors 3 to 3+N-1 on", OPT_UINT, CREATE_OFF(preserve_fds) }, \
	{ 0, "no-subreaper", NULL, "accepted for compatibility; berth never becomes a subreaper", \
	  OPT_FLAG, CREATE_OFF(no_subreaper) }
/* clang-format on */

/* A bundle, read and checked as far as the text goes. */
struct bundle {
	const char *path; /* absolute */
	struct buf text;  /* config.json as it is; freed with bundle_done */
	struct spec spec;
	struct faults faults;
};
void bundle_done(struct bundle *b);
#define own_bundle _cleanup_(bundle_done) struct bundle

/* dir NULL: the current directory. "JSON specification file config.json not found". */
_must_check_ int bundle_load(struct bundle *b, const char *dir, struct arena *a, struct err *e);

/* Warnings to the log, everything else as one error. file: how to call the input. */
_must_check_ int report_faults(const struct faults *f, const char *file, struct err *e);

/* A program that cannot be run is 126 or 127 for `run -- COMMAND` alone; the OCI verbs say 1. */
int oci_exit(struct err *e);

/* --cgroup-manager and --systemd-cgroup. */
enum cg_manager wanted_manager(const struct global *g);

/* Plan with the options of a create or run; preserved descriptors are checked. */
_must_check_ int plan_bundle(const struct cmd_call *c, const struct create_opts *o,
			     enum plan_kind kind, const char *id, struct bundle *b, struct plan *p,
			     struct err *e);

/* Open state directory ROOT; make: create it. fd or negative; a missing one is "container does not
 * exist". */
_must_check_ int open_root(const struct global *g, bool make, struct err *e);

/* A container by ID: directory (locked on demand) and record. */
struct container {
	int root_fd;
	struct state_dir dir;
	struct state state;
};
#define CONTAINER_INIT                                                                             \
	{                                                                                          \
		.root_fd = -1, .dir = STATE_DIR_INIT                                               \
	}
_must_check_ int container_open(struct container *ct, const struct cmd_call *c, const char *id,
				bool lock, struct err *e);
void container_close(struct container *ct);
#define own_container _cleanup_(container_close) struct container

/*
 * INT, TERM, HUP and QUIT come through the descriptor from now on, so that a start that is
 * interrupted is undone instead of left half done. fd or negative.
 */
_must_check_ int catch_signals(struct err *e);
