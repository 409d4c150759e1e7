/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/tree.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

enum { REMOVE_MS = 5000 };

void cg_remove_parents(const struct cg_place *place)
{
	char path[PATH_MAX];

	if (strlen(place->path) >= sizeof(path))
		return;
	strcpy(path, place->path);
	for (unsigned i = 0; i < place->made_parents; i++) {
		char *slash = strrchr(path, '/');

		if (!slash || slash == path)
			return;
		*slash = 0;
		/* Others may have moved in: theirs it is then. */
		if (rmdir(path) < 0 && errno != ENOENT)
			return;
	}
}

static int remove_child(int parent_fd, const char *name, _unused_ void *arg)
{
	if (unlinkat(parent_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT && errno != EBUSY)
		return -errno;
	return 0;
}

/* Wait for the exit of one that is listed in a v1 place. 1 when there was one. */
static int wait_member(int dir_fd, int64_t deadline)
{
	_cleanup_(cg_pidset_done) struct cg_pidset set = { 0 };
	int r = cg_pids_below(dir_fd, &set);

	if (r < 0)
		return r;
	for (size_t i = 0; i < set.n; i++) {
		own_fd fd = sys_pidfd_open(set.v[i], 0);
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (fd < 0)
			continue;
		r = poll(&p, 1, cg_clock_left(deadline));
		if (r < 0 && errno != EINTR)
			return -errno;
		return r == 0 ? -ETIMEDOUT : 1;
	}
	return 0;
}

/*
 * What keeps a directory busy is a process on its way out. v2 tells when the last one is gone;
 * on v1 a process that is listed can be waited for, and one that is not listed any more has
 * but a few instructions to go: pauses from 50 us on, for as long as the deadline lets.
 */
static int wait_empty(const struct cg_place *place, int dir_fd, struct timespec *pause,
		      int64_t deadline)
{
	int r = place->v2 ? cg_wait_empty(dir_fd, deadline) : wait_member(dir_fd, deadline);

	if (r)
		return r < 0 ? r : 0;
	if (!cg_clock_left(deadline))
		return -ETIMEDOUT;
	nanosleep(pause, NULL);
	if (pause->tv_nsec < 20000000)
		pause->tv_nsec *= 2;
	return 0;
}

static int remove_tree(const struct cg_place *place)
{
	struct cg_walk children = { .leave = remove_child };
	struct timespec pause = { .tv_nsec = 50000 };
	own_fd fd = cg_place_open(place);
	int64_t deadline = cg_clock_after(REMOVE_MS);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	for (;;) {
		int r = cg_walk(fd, &children);

		if (r < 0)
			return r;
		if (rmdir(place->path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return -errno;
		r = wait_empty(place, fd, &pause, deadline);
		if (r < 0)
			return r;
	}
}

static int still_there(const struct cg_place *place, int code, struct err *e)
{
	_cleanup_(cg_pidset_done) struct cg_pidset set = { 0 };
	own_fd fd = cg_place_open(place);

	cg_fail(e, code == ETIMEDOUT ? EBUSY : code, "remove cgroup %s", place->path);
	if (fd >= 0 && cg_pids_below(fd, &set) == 0 && set.n)
		err_hint(e, "process %d is still inside", (int)set.v[0]);
	return -e->code;
}

bool cg_remove_empty(const struct cg_record *r)
{
	bool all = true;

	for (size_t i = 0; i < r->n; i++) {
		if (!r->v[i].made)
			continue;
		if (rmdir(r->v[i].path) < 0 && errno != ENOENT)
			all = false;
		else
			cg_remove_parents(&r->v[i]);
	}
	return all;
}

int cg_remove(const struct cg_record *r, struct err *e)
{
	int first = 0;

	/* An error in one hierarchy is no reason to leave the others behind. */
	for (size_t i = 0; i < r->n; i++) {
		const struct cg_place *place = &r->v[i];
		int rc = 0;

		if (!place->made)
			continue;
		if (rmdir(place->path) < 0 && errno != ENOENT)
			rc = errno == EBUSY ? remove_tree(place) : -errno;
		if (rc == 0)
			cg_remove_parents(place);
		else if (!first)
			first = still_there(place, -rc, e);
	}
	return first;
}
