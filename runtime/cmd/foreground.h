/* SPDX-License-Identifier: Apache-2.0 */
/* A command that stays until the container's process ends: run and exec without --detach. */
#pragma once

#include <sys/types.h>

#include "runtime/base/attr.h"

struct err;

/*
 * Relay terminal, signals and window size until the process ends; reap it. master_fd -1: no
 * terminal. Exit status: the process's own, or 128 + the signal that ended it. The terminal is
 * restored.
 */
_must_check_ int foreground(int pid_fd, int master_fd, struct err *e);
