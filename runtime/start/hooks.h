/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks: programs of the operator's at fixed moments of the life cycle.
 * Source: runtime-spec config.md "POSIX-platform Hooks".
 *
 * A hook gets the state document on stdin (a memory file: a hook that does not read it cannot
 * block us or kill us with SIGPIPE), exactly the environment of the config (empty when there is
 * none), a process group of its own, no descriptor but 0, 1, 2, and dies with the process that runs
 * it. What it writes goes into the error text when it fails.
 */
#pragma once

#include "runtime/base/attr.h"
#include "specs/spec.h"

struct err;

/*
 * Run them in order; stop at the first that fails (exit status not 0, a signal, the time limit).
 * state: the JSON text. cwd: where to run (the bundle; "/" in the container); NULL: stay.
 * signal_fd: a signalfd whose signals end the wait and the hook; -1: none.
 */
_must_check_ int hooks_run(const struct spec *s, enum hook_type type, const char *state,
			   const char *cwd, int signal_fd, struct err *e);
