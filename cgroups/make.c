/* SPDX-License-Identifier: Apache-2.0 */
/* The directories of one start. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "cgroups/tree.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

/* mkdir with what is missing above it. The number of parents made, or -errno of the leaf. */
static int make_all(const struct cg_target *t, struct arena *a)
{
	char *path = arena_strdup(a, t->path);
	char *top = path + strlen(path) - strlen(t->dir);
	int made = 0;

	for (char *slash = strchr(top + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(path, 0755) == 0)
			made++;
		else if (errno != EEXIST)
			made = made ? made : -errno;
		*slash = '/';
	}
	if (made < 0)
		return made;
	return mkdir(path, 0755) < 0 ? -errno : made;
}

/* Joining a frozen cgroup would stop init for good, without a word. */
static int refuse_frozen(const struct cg_place *place, int dir_fd, struct err *e)
{
	char text[32];
	const char *file = place->v2 ? "cgroup.freeze" : "freezer.state";

	if (!place->v2 && strcmp(place->controllers, "freezer"))
		return 0;
	if (fd_read_file_at(dir_fd, file, text, sizeof(text)) < 0)
		return 0;
	if (strcmp(text, place->v2 ? "1" : "FROZEN"))
		return 0;
	err_text(e, EBUSY, "cgroup %s is frozen", place->path);
	return err_hint(e, "nothing that is put into it would run: thaw it first");
}

/* The files that the container's owner gets are the kernel's own list (Linux 4.16). */
static int give_away(const struct cg_plan *p, const struct cg_place *place, int dir_fd,
		     struct err *e)
{
	char list[1024] = "", *save = NULL;
	own_fd kernel_fd = open("/sys/kernel/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (kernel_fd < 0 || fd_read_file_at(kernel_fd, "delegate", list, sizeof(list)) <= 0)
		strcpy(list, "cgroup.procs\ncgroup.subtree_control\ncgroup.threads");
	if (fchown(dir_fd, p->owner, (gid_t)-1) < 0)
		return cg_fail(e, errno, "%s: chown to %u", place->path, (unsigned)p->owner);
	for (char *f = strtok_r(list, "\n", &save); f; f = strtok_r(NULL, "\n", &save)) {
		if (strchr(f, '/'))
			continue;
		if (fchownat(dir_fd, f, p->owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return cg_fail(e, errno, "%s/%s: chown to %u", place->path, f,
				       (unsigned)p->owner);
	}
	return 0;
}

/* Do without this hierarchy? Only rootless, and when no limit is asked for in it. */
static bool may_skip(const struct cg_plan *p, const struct cg_target *t, int code)
{
	return p->rootless && !t->nwrites && !t->need.n &&
	       (code == EACCES || code == EPERM || code == EROFS);
}

static int make_failed(const struct cg_plan *p, const struct cg_target *t, int code, struct err *e)
{
	cg_fail(e, code, "make cgroup %s", t->path);
	if (p->rootless && (code == EACCES || code == EPERM || code == EROFS))
		err_hint(e, "limits need a cgroup that is delegated to you: "
			    "systemd-run --user --scope -p Delegate=yes berth ...");
	else if (code == EROFS)
		err_hint(e, "the cgroup file system is mounted read-only");
	else if (code == EAGAIN)
		err_hint(e, "cgroup.max.descendants or cgroup.max.depth of a parent is reached");
	return -code;
}

static int place_setup(const struct cg_plan *p, const struct cg_target *t,
		       const struct cg_place *place, int dir_fd, struct err *e)
{
	int r = 0;

	if (!place->made)
		r = refuse_frozen(place, dir_fd, e);
	if (r == 0 && place->v2 && (place->made || t->need.n))
		r = cg_enable(t, e);
	if (r == 0 && place->v2 && place->made && p->chown)
		r = give_away(p, place, dir_fd, e);
	if (r == 0 && !place->v2 && cg_has_word(place->controllers, ',', "cpuset"))
		r = cg_cpuset_inherit(t, place->made, dir_fd, e);
	return r;
}

static int make_place(const struct cg_plan *p, const struct cg_target *t, struct cg_place *place,
		      int *dir_fd, struct arena *a, struct err *e)
{
	int r = mkdir(t->path, 0755) < 0 ? -errno : 0;

	if (r == -ENOENT)
		r = make_all(t, a);
	if (r < 0 && may_skip(p, t, -r))
		return 0;
	if (r < 0 && r != -EEXIST)
		return make_failed(p, t, -r, e);
	place->made = r >= 0;
	place->made_parents = r > 0 ? (unsigned)r : 0;

	*dir_fd = cg_place_open(place);
	if (*dir_fd < 0)
		return cg_fail(e, -*dir_fd, "open cgroup %s", t->path);
	return place_setup(p, t, place, *dir_fd, e);
}

static void unmake(struct cgroup *c, struct cg_record *r)
{
	for (size_t i = r->n; i-- > 0;) {
		if (r->v[i].made && rmdir(r->v[i].path) == 0)
			cg_remove_parents(&r->v[i]);
		r->v[i].made = false;
		r->v[i].made_parents = 0;
	}
	cg_close(c);
}

int cg_make(struct cgroup *c, const struct cg_plan *p, struct cg_record *r, struct arena *a,
	    struct err *e)
{
	c->plan = p;
	c->record = r;
	c->dir_fd = arena_array(a, p->n, sizeof(*c->dir_fd));
	for (size_t i = 0; i < p->n; i++) {
		c->dir_fd[i] = -1;
		/* from here on: what was made, no longer what was intended */
		r->v[i].made = false;
		r->v[i].made_parents = 0;
	}

	/* the caller's umask is not what others may see of the cgroup */
	mode_t saved = umask(022);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->n; i++)
		rc = make_place(p, &p->v[i], &r->v[i], &c->dir_fd[i], a, e);
	umask(saved);
	if (rc < 0)
		unmake(c, r);
	return rc;
}

void cg_close(struct cgroup *c)
{
	for (size_t i = 0; c->dir_fd && i < c->record->n; i++)
		fd_drop(&c->dir_fd[i]);
}
