/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroups/detect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/path.h"

struct mount {
	long id, parent;
	const char *root, *point, *options, *type, *super;
};

struct mounts {
	struct mount *v;
	size_t n;
};

/* mountinfo writes space, tab, newline and backslash as \ooo */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to = *s;
		}
	}
	*to = 0;
}

/* 36 35 98:0 /root /point rw,noatime shared:1 - type source super */
static bool mount_parse(char *line, struct mount *m)
{
	char *field[6], *tail = strstr(line, " - "), *save = NULL;

	if (!tail)
		return false;
	*tail = 0;
	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!field[i])
			return false;
	}
	unescape(field[3]);
	unescape(field[4]);
	m->id = strtol(field[0], NULL, 10);
	m->parent = strtol(field[1], NULL, 10);
	m->root = field[3];
	m->point = field[4];
	m->options = field[5];
	m->type = strtok_r(tail + 3, " ", &save);
	if (!m->type || !strtok_r(NULL, " ", &save))
		return false;
	m->super = strtok_r(NULL, " ", &save);
	return m->super != NULL;
}

static void mounts_parse(struct mounts *ms, const char *text, struct arena *a)
{
	char *copy = arena_strdup(a, text), *save = NULL;
	size_t lines = 1;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	ms->v = arena_array(a, lines, sizeof(*ms->v));
	for (char *l = strtok_r(copy, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		ms->n += mount_parse(l, &ms->v[ms->n]);
}

static const struct mount *by_id(const struct mounts *ms, long id)
{
	for (size_t i = 0; i < ms->n; i++)
		if (ms->v[i].id == id)
			return &ms->v[i];
	return NULL;
}

/* Is m the mount x, or does x sit on it, directly or not? */
static bool carries(const struct mounts *ms, const struct mount *m, const struct mount *x)
{
	/* a chain cannot be longer than the table; a broken table must not make a ring */
	for (size_t i = 0; x && i <= ms->n; i++) {
		if (x == m)
			return true;
		x = by_id(ms, x->parent);
	}
	return false;
}

/* Another mount on the same place or above it, that x does not stand on, covers x. */
static bool covered(const struct mounts *ms, const struct mount *x)
{
	for (size_t i = 0; i < ms->n; i++) {
		const struct mount *m = &ms->v[i];

		/* the usual case first: it sits on its parent */
		if (m == x || m->id == x->parent)
			continue;
		if (path_below(x->point, m->point) && !carries(ms, m, x))
			return true;
	}
	return false;
}

static bool read_only(const struct mount *m)
{
	return cg_has_word(m->options, ',', "ro") || cg_has_word(m->super, ',', "ro");
}

/* v1: does the mount have all the controllers of the list? */
static bool has_all(const struct mount *m, const char *list)
{
	char word[256];

	while (*list) {
		size_t len = strcspn(list, ",");

		if (len >= sizeof(word))
			return false;
		memcpy(word, list, len);
		word[len] = 0;
		if (!cg_has_word(m->super, ',', word))
			return false;
		list += len + (list[len] == ',');
	}
	return true;
}

/* Bind mounts show one hierarchy in several places (other containers'): the usual one is best. */
static int score(const struct mount *m)
{
	return 4 * path_below(m->point, "/sys/fs/cgroup") + 2 * !strcmp(m->root, "/") +
	       !read_only(m);
}

static const struct mount *find(const struct mounts *ms, const char *controllers)
{
	const struct mount *best = NULL;

	for (size_t i = 0; i < ms->n; i++) {
		const struct mount *m = &ms->v[i];
		bool fits = *controllers ? !strcmp(m->type, "cgroup") && has_all(m, controllers)
					 : !strcmp(m->type, "cgroup2");

		if (fits && (!best || score(m) > score(best)) && !covered(ms, m))
			best = m;
	}
	return best;
}

const char *cg_below_root(const char *path, const char *root)
{
	size_t len = strlen(path), root_len = strlen(root);

	if (path_has_dotdot(path) || path_has_dotdot(root))
		return "/";
	if (len >= 10 && !strcmp(path + len - 10, " (deleted)"))
		return "/";
	if (!strcmp(root, "/"))
		return path;
	if (!path_below(path, root) || len == root_len)
		return "/";
	return path + root_len;
}

void cg_layout_parse(struct cg_layout *l, const char *mountinfo, const char *cgroup,
		     struct arena *a)
{
	struct mounts ms = { 0 };
	struct cg_hierarchy v2 = { 0 };
	char *copy = arena_strdup(a, cgroup), *save = NULL;
	size_t lines = 1;

	mounts_parse(&ms, mountinfo, a);
	for (const char *p = cgroup; *p; p++)
		lines += *p == '\n';
	l->v = arena_array(a, lines, sizeof(*l->v));
	l->n = 0;

	/* "4:cpu,cpuacct:/path", "1:name=systemd:/path", "0::/path" */
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

		if (!path || path[1] != '/')
			continue;
		*path++ = 0;
		list++;

		const struct mount *m = find(&ms, list);

		if (!m)
			continue;

		struct cg_hierarchy h = { .mount = m->point,
					  .root = m->root,
					  .controllers = list,
					  .own = cg_below_root(path, m->root),
					  .v2 = !*list,
					  .ro = read_only(m) };

		if (h.v2)
			v2 = h;
		else
			l->v[l->n++] = h;
	}
	if (v2.mount)
		l->v[l->n++] = v2;
}

static int read_proc(const char *path, struct buf *b, struct err *e)
{
	own_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, "open %s", path);

	int r = fd_read_all(fd, 64 << 20, b);

	return r < 0 ? err_set(e, -r, "read %s", path) : 0;
}

int cg_detect(struct cg_layout *l, struct arena *a, struct err *e)
{
	own_buf mountinfo = BUF_INIT, cgroup = BUF_INIT;
	char text[512];
	int r = read_proc("/proc/self/mountinfo", &mountinfo, e);

	if (r == 0)
		r = read_proc("/proc/self/cgroup", &cgroup, e);
	if (r < 0)
		return r;
	cg_layout_parse(l, buf_text(&mountinfo), buf_text(&cgroup), a);

	struct cg_hierarchy *last = l->n ? &l->v[l->n - 1] : NULL;

	if (!last || !last->v2)
		return 0;

	own_fd dir_fd = open(last->mount, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ssize_t n = dir_fd < 0 ? -errno
			       : fd_read_file_at(dir_fd, "cgroup.controllers", text, sizeof(text));

	if (n < 0)
		return err_set(e, (int)-n, "read %s/cgroup.controllers", last->mount);
	last->controllers = arena_strdup(a, text);
	return 0;
}
