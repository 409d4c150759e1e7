/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one mutable thing of a start: what it owns while it walks its table. It lives on
 * the stack of create, run or exec; init has a copy after the clone.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "cgroups/cgroups.h"
#include "rootfs/rootfs.h"
#include "runtime/start/plan.h"
#include "runtime/start/step.h"
#include "runtime/state/state.h"

struct arena;
struct exec_ask;

struct start {
	struct engine engine;
	const struct plan *plan;
	struct proc_plan proc; /* the plan's, completed by what only the new process can see */
	struct arena *arena;
	const char *config; /* the OCI document for the record */
	size_t config_len;

	int state_root_fd; /* borrowed */
	struct state_dir dir;
	struct state state;
	struct cgroup cgroup;
	struct rootfs rootfs;

	int ns_fd[NS_COUNT];      /* namespaces to join */
	int exe_fd;               /* see runtime/proc/exeseal.h */
	int listen_fd;            /* create: where init waits for start */
	int console_fd;           /* the terminal: master on the host side, slave in init */
	int listener_fd;          /* of a seccomp filter with a listener, once it is loaded */
	int notify_fd;            /* connected to seccomp's listenerPath */
	const char *notify_state; /* what goes there with the listener */
	bool spawned;    /* there was an init: a failure from here on is announced by poststop */
	bool oom_killed; /* undo: the cgroup's OOM killer had been at work */
	struct exec_ask *exec; /* exec: what the caller asks for; NULL in create and run */

	/* init, found at create and used after the gate */
	const char *program;
	struct strv env;
};

/* Empty, nothing owned; g's table is not selected yet. */
void start_init(struct start *s, const struct plan *p, struct arena *a, int state_root_fd);

/* Close what is still open. Init and the container stay. */
void start_close(struct start *s);
