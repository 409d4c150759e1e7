/* SPDX-License-Identifier: Apache-2.0 */
/* Into the cgroup. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/tree.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

static int refused(const struct cg_place *place, const char *file, const char *pid, int code,
		   struct err *e)
{
	cg_fail(e, code, "%s/%s: write '%s'", place->path, file, pid);
	if (code == EBUSY)
		err_hint(e, "the cgroup has children with controllers of their own, and cgroup v2 "
			    "takes no processes into such a cgroup: choose one without");
	else if (code == ENOSPC)
		err_hint(e, "the cgroup has no CPUs or memory nodes");
	else if (code == EAGAIN)
		err_hint(e, "pids.max of the cgroup, or of one above it, is reached");
	else if (code == EOPNOTSUPP)
		err_hint(e, "the cgroup is threaded: it takes no whole process");
	return -code;
}

int cg_clone_fd(const struct cgroup *c)
{
	for (size_t i = 0; c->dir_fd && i < c->record->n; i++)
		if (c->record->v[i].v2)
			return c->dir_fd[i];
	return -1;
}

static int attach(const struct cgroup *c, const char *pid, const char *v1_file, bool born,
		  struct err *e)
{
	for (size_t i = 0; c->dir_fd && i < c->record->n; i++) {
		const struct cg_place *place = &c->record->v[i];
		const char *file = place->v2 ? "cgroup.procs" : v1_file;

		if (c->dir_fd[i] < 0 || (born && place->v2))
			continue;

		int r = fd_write_file_at(c->dir_fd[i], file, pid);

		if (r < 0)
			return refused(place, file, pid, -r, e);
	}
	return 0;
}

int cg_attach(struct cgroup *c, pid_t pid, bool born, struct err *e)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return attach(c, text, "cgroup.procs", born, e);
}

/*
 * "0" into v1's tasks moves the calling thread, and only that: the one move for which the kernel
 * does not take the lock that every fork and exit shares (Linux 5.5), so nothing waits for RCU.
 * A single-threaded process is moved as a whole. v2 has no such way for processes.
 */
int cg_enter(const struct cgroup *c, bool born, struct err *e)
{
	return attach(c, "0", "tasks", born, e);
}
