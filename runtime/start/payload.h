/* SPDX-License-Identifier: Apache-2.0 */
/* The last part of a start, the same for init and for exec's child: become the payload. */
#pragma once

#include <stdbool.h>

#include "runtime/base/attr.h"

struct err;
struct proc_plan;
struct rootfs;
struct strv;

/*
 * oom_score_adj, exec labels, session keyring, scheduler and so on: what root has to do. userns: we
 * are in a user namespace of the container's.
 */
_must_check_ int payload_labels(const struct proc_plan *p, struct rootfs *fs, bool userns,
				struct err *e);

/*
 * Terminal as 0, 1, 2 (tty_fd -1: none), then user and capabilities. A filter without no_new_privs
 * is loaded on the way; *listener_fd gets its listener. After this: no more rights than the
 * payload.
 */
_must_check_ int payload_become(const struct proc_plan *p, int root_fd, int tty_fd,
				int *listener_fd, struct err *e);

/*
 * Limits and, with no_new_privs, the filter: last, so that hooks are not under it. A listener is
 * handed to notify_fd with notify_state, and closed.
 */
_must_check_ int payload_filter(const struct proc_plan *p, int *listener_fd, int notify_fd,
				const char *notify_state, struct err *e);

/* 3 .. 3+preserve-1 stay open, everything else goes; returns only when exec fails. */
int payload_exec(const struct proc_plan *p, const char *program, const struct strv *env,
		 unsigned preserve, struct err *e);

/*
 * Host, at the very start: are 3 .. 3+n-1 open? What else a caller leaked is closed for good: init
 * must not keep an engine's pipes open while it waits. *n becomes n + LISTEN_FDS when that is meant
 * for us (LISTEN_PID); the payload's environment gets LISTEN_FDS and LISTEN_PID=1.
 */
struct arena;
_must_check_ int payload_preserve(unsigned *n, struct strv *listen_env, struct arena *a,
				  struct err *e);
