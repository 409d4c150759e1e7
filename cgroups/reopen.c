/* SPDX-License-Identifier: Apache-2.0 */
/* A later process finds the cgroup again: exec, and what the kernel has counted. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/detect.h"
#include "cgroups/plan.h"
#include "cgroups/tree.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/base/sys.h"

int cg_fail(struct err *e, int code, const char *what, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	if (code == ENOENT)
		return err_text(e, code, "%s: does not exist", text);
	if (code == EACCES || code == EPERM)
		return err_text(e, code, "%s: not allowed", text);
	return err_set(e, code, "%s", text);
}

/* "cpu,memory:path" or "path": does it speak of this place? path is what is behind the colon. */
static bool sub_meant(const struct cg_place *place, const char *sub, const char **path)
{
	const char *colon = strchr(sub, ':');
	char word[64];

	*path = colon ? colon + 1 : sub;
	if (!colon)
		return true;
	while (sub < colon) {
		size_t len = strcspn(sub, ",:");

		if (len < sizeof(word)) {
			memcpy(word, sub, len);
			word[len] = 0;
			if (cg_has_word(place->controllers, place->v2 ? ' ' : ',', word))
				return true;
		}
		sub += len + (sub[len] == ',');
	}
	return false;
}

/*
 * The payload may have made the sub-cgroup: it is opened beneath the container's and nowhere else.
 */
static int open_sub(int dir_fd, const char *path)
{
	path += strspn(path, "/");
	if (!*path)
		path = ".";

	int fd = sys_openat2(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,
			     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);

	return fd < 0 ? -errno : fd;
}

static int reopen_place(const struct cg_place *place, const char *sub, int *dir_fd, bool *met,
			struct err *e)
{
	const char *path = NULL;
	own_fd fd = cg_place_open(place);

	/* rootless, and never made */
	if (fd == -ENOENT && !sub)
		return 0;
	if (fd < 0)
		return cg_fail(e, -fd, "open cgroup %s", place->path);
	if (sub && sub_meant(place, sub, &path)) {
		*met = true;
		*dir_fd = open_sub(fd, path);
		if (*dir_fd < 0)
			return cg_fail(e, -*dir_fd, "open cgroup %s/%s", place->path,
				       path + strspn(path, "/"));
		return 0;
	}
	*dir_fd = take_fd(fd);
	return 0;
}

int cg_reopen(struct cgroup *c, const struct cg_record *r, const char *sub, struct arena *a,
	      struct err *e)
{
	bool met = !sub;
	int rc = 0;

	c->plan = NULL;
	c->record = r;
	c->dir_fd = arena_array(a, r->n, sizeof(*c->dir_fd));
	for (size_t i = 0; i < r->n; i++)
		c->dir_fd[i] = -1;
	if (sub && path_has_dotdot(strchr(sub, ':') ? strchr(sub, ':') + 1 : sub))
		return err_text(e, EINVAL, "cgroup '%s': '..' would lead out of the container's",
				sub);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = reopen_place(&r->v[i], sub, &c->dir_fd[i], &met, e);
	if (rc == 0 && !met)
		rc = err_text(e, EINVAL, "cgroup '%s': the container has no such controller", sub);
	if (rc < 0)
		cg_close(c);
	return rc;
}

/* The v2 line of /proc/PID/cgroup, "0::/x". */
static const char *v2_path_of(pid_t pid, struct arena *a)
{
	char name[32];
	own_buf text = BUF_INIT;

	snprintf(name, sizeof(name), "/proc/%d/cgroup", (int)pid);

	own_fd fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_all(fd, 1 << 20, &text) < 0)
		return NULL;
	for (const char *p = buf_text(&text); *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (!strncmp(p, "0::", 3))
			return arena_strndup(a, p + 3, strcspn(p + 3, "\n"));
	return NULL;
}

int cg_follow(struct cgroup *c, pid_t pid, struct arena *a, struct err *e)
{
	struct cg_layout l = { 0 };
	/* v2 is the last place where there is one */
	size_t i = c->record->n ? c->record->n - 1 : 0;
	const char *path = v2_path_of(pid, a);
	int r = cg_detect(&l, a, e);

	if (r < 0)
		return r;
	if (!c->record->n || !c->record->v[i].v2 || c->dir_fd[i] < 0 || !l.n || !l.v[l.n - 1].v2)
		return err_text(e, ENOENT, "the container has no cgroup v2");
	if (!path)
		return err_text(e, ESRCH, "process %d is gone", (int)pid);

	const struct cg_hierarchy *h = &l.v[l.n - 1];
	const char *top = c->record->v[i].path;

	path = arena_printf(a, "%s%s", h->mount, cg_below_root(path, h->root));
	if (!path_below(path, top))
		return err_text(e, EXDEV, "process %d has left cgroup %s", (int)pid, top);
	r = open_sub(c->dir_fd[i], path + strlen(top));
	if (r < 0)
		return cg_fail(e, -r, "open cgroup %s", path);
	fd_drop(&c->dir_fd[i]);
	c->dir_fd[i] = r;
	return 0;
}

/* "oom_kill 3" in memory.events (v2) or memory.oom_control (v1, Linux 4.13) */
bool cg_oom_killed(const struct cg_record *r)
{
	const struct cg_place *v1 = cg_place_v1(r, "memory"), *v2 = cg_place_v2(r);
	const struct cg_place *place = v1 ? v1 : v2;
	own_fd fd = place ? cg_place_open(place) : -1;
	char text[512];

	if (fd < 0 || fd_read_file_at(fd, v1 ? "memory.oom_control" : "memory.events", text,
				      sizeof(text)) <= 0)
		return false;

	const char *count = strstr(text, "oom_kill ");

	return count && strtoull(count + strlen("oom_kill "), NULL, 10) > 0;
}
