/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a start hands to its caller: pid file, pidfd, seccomp listener.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/attr.h"

struct arena;
struct err;
struct spec;
struct state;

/*
 * The pid in decimal without a newline (go-runc parses the raw bytes), mode 0644, by temporary
 * name and rename, so that a reader sees all of it or nothing.
 */
_must_check_ int handout_pid_file(const char *path, pid_t pid, struct err *e);

/* Connect to an AF_UNIX stream socket; long paths go through their directory. fd or negative. */
_must_check_ int handout_connect(const char *path, struct err *e);

/* One message with one descriptor: the pidfd of init (or of the exec'd process). */
_must_check_ int handout_pidfd(const char *socket_path, int pid_fd, struct err *e);

/*
 * The container process state of the specification (config-linux.md "seccomp"), for the
 * listener's socket. pid is the host's; running: of an exec, else of init ("creating").
 */
const char *handout_process_state(const struct spec *spec, const struct state *s, pid_t pid,
				  bool running, struct arena *a);
