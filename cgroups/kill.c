/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "cgroups/tree.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

enum {
	KILL_MS = 10000, /* without any progress */
	BATCH = 256, /* pidfds at a time: a fork bomb has more processes than we may have files */
};

static bool any_made(const struct cg_record *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].made)
			return true;
	return false;
}

/* The processes in all places that are ours. */
static int members(const struct cg_record *r, struct cg_pidset *set)
{
	set->n = 0;
	for (size_t i = 0; i < r->n; i++) {
		own_fd fd = r->v[i].made ? cg_place_open(&r->v[i]) : -ENOENT;
		int rc = fd < 0 ? fd : cg_pids_below(fd, set);

		if (rc < 0 && rc != -ENOENT)
			return rc;
	}
	cg_pids_sort(set);
	return 0;
}

static bool holds(const struct cg_pidset *s, pid_t pid)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->v[mid] == pid)
			return true;
		if (s->v[mid] < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static void drop_all(struct pollfd *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fd_drop(&p[i].fd);
}

/*
 * A pid that was read from the cgroup may belong to somebody else by the time it is opened. So
 * the list is read again behind the opening: who is still on it is who the pidfd means.
 */
static int signal_batch(const struct cg_record *r, const struct cg_pidset *set, size_t first,
			size_t n, int sig, struct pollfd *p)
{
	_cleanup_(cg_pidset_done) struct cg_pidset now = { 0 };

	for (size_t i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = sys_pidfd_open(set->v[first + i], 0),
					.events = POLLIN };

	int rc = members(r, &now);

	for (size_t i = 0; i < n; i++)
		if (rc < 0 || !holds(&now, set->v[first + i]))
			fd_drop(&p[i].fd);
		else if (p[i].fd >= 0 && sys_pidfd_send_signal(p[i].fd, sig) < 0 && errno != ESRCH)
			rc = -errno;
	return rc;
}

/* Signal all; the pidfds of the first ones stay open in p, the rest are closed. */
static int signal_all(const struct cg_record *r, const struct cg_pidset *set, int sig,
		      struct pollfd *p, size_t *open)
{
	struct pollfd rest[BATCH];

	*open = 0;
	for (size_t first = 0; first < set->n; first += BATCH) {
		size_t n = set->n - first < BATCH ? set->n - first : BATCH;
		int rc = signal_batch(r, set, first, n, sig, first ? rest : p);

		if (first)
			drop_all(rest, n);
		else
			*open = n;
		if (rc < 0)
			return rc;
	}
	return 0;
}

int cg_signal(const struct cg_record *r, int sig, struct err *e)
{
	_cleanup_(cg_pidset_done) struct cg_pidset set = { 0 };
	struct pollfd p[BATCH];
	size_t open = 0;

	if (!any_made(r))
		return CG_NOT_OURS;

	int rc = members(r, &set);

	if (rc == 0)
		rc = signal_all(r, &set, sig, p, &open);
	drop_all(p, open);
	return rc < 0 ? cg_fail(e, -rc, "signal the processes of cgroup %s", r->v[0].path) : 0;
}

/* Wait until one of them has died, then take what else has; the caller looks again. */
static int wait_exit(struct pollfd *p, size_t n, int64_t deadline)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = any || p[i].fd >= 0;
	if (!any)
		return 0;
	for (size_t alive = n; alive > 0;) {
		int got = poll(p, n, cg_clock_left(deadline));

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return -ETIMEDOUT;
		alive = 0;
		for (size_t i = 0; i < n; i++) {
			if (p[i].revents)
				fd_drop(&p[i].fd);
			alive += p[i].fd >= 0;
		}
	}
	return 0;
}

/* All freezers that hold our processes: a stopped v1 cgroup does not even die of SIGKILL. */
static void freeze_ours(const struct cg_record *r, bool freeze)
{
	const struct cg_place *places[] = { cg_place_v1(r, "freezer"), cg_place_v2(r) };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		own_fd fd = places[i] && places[i]->made ? cg_place_open(places[i]) : -1;

		/* one of the two is enough to stop forks */
		if (fd >= 0 && cg_freeze_fd(fd, places[i]->v2, freeze, 50) == 0 && freeze)
			return;
	}
}

/*
 * By hand. Frozen processes cannot fork, so those that were forked before the freezer closed
 * are in the next list at the latest.
 */
static int kill_listed(const struct cg_record *r, struct cg_pidset *set)
{
	int64_t deadline = cg_clock_after(KILL_MS);
	size_t least = SIZE_MAX;

	for (;;) {
		struct pollfd p[BATCH];
		size_t open = 0;
		int rc = members(r, set);

		if (rc < 0 || !set->n)
			return rc;
		if (set->n < least) {
			least = set->n;
			deadline = cg_clock_after(KILL_MS);
		}
		freeze_ours(r, true);
		rc = members(r, set);
		if (rc == 0)
			rc = signal_all(r, set, SIGKILL, p, &open);
		freeze_ours(r, false);
		if (rc == 0)
			rc = wait_exit(p, open, deadline);
		drop_all(p, open);
		if (rc == 0 && !cg_clock_left(deadline))
			rc = -ETIMEDOUT;
		if (rc < 0)
			return rc;
	}
}

/* Linux 5.14: one write, and nobody gets away. 1 when this kernel cannot. */
static int kill_whole(const struct cg_place *place, const struct cg_place *freezer)
{
	own_fd fd = cg_place_open(place);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;

	int r = fd_write_file_at(fd, "cgroup.kill", "1");

	if (r == -ENOENT || r == -EOPNOTSUPP)
		return 1;
	if (r < 0)
		return r;

	own_fd freezer_fd = freezer && freezer->made ? cg_place_open(freezer) : -1;

	if (freezer_fd >= 0)
		r = cg_freeze_fd(freezer_fd, false, false, 0);
	return r < 0 ? r : cg_wait_empty(fd, cg_clock_after(KILL_MS));
}

int cg_kill(const struct cg_record *r, struct err *e)
{
	_cleanup_(cg_pidset_done) struct cg_pidset set = { 0 };
	const struct cg_place *v2 = cg_place_v2(r);

	if (!any_made(r))
		return CG_NOT_OURS;

	int rc = v2 && v2->made ? kill_whole(v2, cg_place_v1(r, "freezer")) : 1;

	/* On a hybrid host somebody may be in a v1 place alone. */
	if (rc >= 0 && (rc == 1 || r->n > 1))
		rc = kill_listed(r, &set);
	if (rc == 0)
		return 0;
	cg_fail(e, -rc, "kill the processes of cgroup %s", (v2 ? v2 : r->v)->path);
	if (rc == -ETIMEDOUT && set.n)
		err_hint(e,
			 "process %d does not die: it may wait for a device or a file server "
			 "that does not answer",
			 (int)set.v[0]);
	return rc;
}
