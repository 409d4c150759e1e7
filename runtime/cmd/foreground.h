/* SPDX-License-Identifier: Apache-2.0 */
/* A command that stays until the container's process ends: run and exec without --detach. */
#pragma once

#include "runtime/base/attr.h"

struct err;

/*
 * Before the clone: every signal waits from now on. The descriptor for foreground(), or negative.
 */
_must_check_ int foreground_begin(struct err *e);

/*
 * Relay terminal, signals and window size until the process ends, and reap it. master_fd -1: no
 * terminal. Exit status: the process's own, or 128 + the signal that ended it. The caller's
 * terminal is as it was when this returns.
 */
_must_check_ int foreground(int pid_fd, int master_fd, int signal_fd, struct err *e);
