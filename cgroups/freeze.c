/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "cgroups/tree.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

enum { FREEZE_MS = 10000 };

const struct cg_place *cg_place_v1(const struct cg_record *r, const char *controller)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->v[i].v2 && cg_has_word(r->v[i].controllers, ',', controller))
			return &r->v[i];
	return NULL;
}

const struct cg_place *cg_place_v2(const struct cg_record *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].v2)
			return &r->v[i];
	return NULL;
}

/*
 * v1 has nothing to wait on. A cgroup stays FREEZING while a process forks under the freezer's
 * feet, until the state is written once more; the pauses grow from 20 us on.
 */
static int freeze_v1(int dir_fd, int64_t deadline)
{
	struct timespec pause = { .tv_nsec = 20000 };
	char text[32];

	for (;;) {
		int r = fd_write_file_at(dir_fd, "freezer.state", "FROZEN");

		if (r < 0)
			return r;

		ssize_t n = fd_read_file_at(dir_fd, "freezer.state", text, sizeof(text));

		if (n < 0)
			return (int)n;
		if (!strcmp(text, "FROZEN"))
			return 0;
		if (!cg_clock_left(deadline))
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 10000000)
			pause.tv_nsec *= 2;
	}
}

/* A child that was frozen by itself stays so when its parent is thawed. */
static int thaw_v1(int dir_fd, _unused_ void *arg)
{
	int r = fd_write_file_at(dir_fd, "freezer.state", "THAWED");

	return r == -ENOENT ? 0 : r;
}

int cg_freeze_fd(int dir_fd, bool v2, bool freeze, int ms)
{
	struct cg_walk thaw = { .enter = thaw_v1 };

	if (!v2)
		return freeze ? freeze_v1(dir_fd, cg_clock_after(ms)) : cg_walk(dir_fd, &thaw);

	int r = fd_write_file_at(dir_fd, "cgroup.freeze", freeze ? "1" : "0");

	if (r < 0)
		return r;
	return cg_wait_event(dir_fd, freeze ? "frozen 1" : "frozen 0", cg_clock_after(ms));
}

static int freeze_place(const struct cg_place *place, bool freeze, struct err *e)
{
	own_fd fd = cg_place_open(place);
	int r = fd < 0 ? fd : cg_freeze_fd(fd, place->v2, freeze, FREEZE_MS);

	if (r == 0)
		return 0;
	/* Half frozen is the worst of both. */
	if (r == -ETIMEDOUT && freeze && cg_freeze_fd(fd, place->v2, false, 0) < 0)
		err_hint(e, "it could not be thawed again either");
	return cg_fail(e, -r, "%s cgroup %s", freeze ? "freeze" : "thaw", place->path);
}

int cg_freeze(const struct cg_record *r, bool freeze, struct err *e)
{
	const struct cg_place *v2 = cg_place_v2(r), *v1 = cg_place_v1(r, "freezer");
	const struct cg_place *best = v2 ? v2 : v1;

	if (!best)
		return err_text(e, ENOTSUP, "the container has no cgroup that could be frozen");
	if (!best->made) {
		err_text(e, EPERM, "cgroup %s was not made by berth", best->path);
		return err_hint(e, "processes of others may be inside, and would be stopped too");
	}

	int rc = freeze_place(best, freeze, e);

	/* Somebody may have used the other freezer. */
	if (rc == 0 && !freeze && v2 && v1 && v1->made)
		rc = freeze_place(v1, false, e);
	return rc;
}

static bool reads_other_than(const struct cg_place *place, const char *file, const char *idle)
{
	own_fd fd = place ? cg_place_open(place) : -1;
	char text[32];

	return fd >= 0 && fd_read_file_at(fd, file, text, sizeof(text)) > 0 && strcmp(text, idle);
}

int cg_frozen(const struct cg_record *r)
{
	return reads_other_than(cg_place_v2(r), "cgroup.freeze", "0") ||
	       reads_other_than(cg_place_v1(r, "freezer"), "freezer.state", "THAWED");
}
