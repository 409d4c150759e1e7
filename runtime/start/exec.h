/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: one more process in a running container, by a table like a start's. The child is born
 * in the container's cgroup (v2) and in all its namespaces but cgroup and time, which
 * it joins itself: moving into the cgroup is judged from outside, and a time namespace is only for
 * a process that shares its memory with nobody.
 */
#pragma once

#include <stdbool.h>

#include "runtime/base/attr.h"
#include "runtime/base/strv.h"
#include "runtime/proc/proc.h"
#include "runtime/start/step.h"
#include "specs/spec.h"

struct arena;
struct err;
struct faults;
struct start;
struct state;

struct exec_ask {
	struct process_spec process; /* the user may be completed in the child: see user */
	struct proc_plan proc;
	const struct spec *spec; /* the container's */
	const char *user;        /* --user, looked up in the container; NULL: process.user */
	const char *cgroup;      /* --cgroup, or NULL */
	const char *console_socket, *pidfd_socket, *pid_file;
	unsigned preserve_fds;
	bool seal, userns;
	int container_fd; /* pidfd of the container's init */
	pid_t container_pid;
	unsigned long join; /* CLONE_NEW* that the container does not share with the host */
};

extern const struct step exec_table[];
extern const size_t exec_table_n;

/*
 * Decide: proc_plan, namespaces. ask->process, spec and the strings are filled by the caller.
 */
_must_check_ int exec_plan(struct exec_ask *ask, struct arena *a, struct faults *f, struct err *e);

/*
 * Run the table. On success the payload runs as s->engine.init, our child; the terminal's master is
 * s->console_fd unless it went to the console socket. Errors have e->exit (255, as runc).
 */
_must_check_ int exec_process(struct start *s, struct err *e);
