/* SPDX-License-Identifier: Apache-2.0 */
/* What a new directory needs from its parents: controllers on v2, the cpuset on v1. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "cgroups/tree.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

/* A cgroup on the way from the mount (the first top bytes) to the leaf. */
struct spot {
	char path[PATH_MAX];
	size_t top;
};

static bool spot_parent(const struct spot *s, struct spot *out)
{
	const char *slash = strrchr(s->path, '/');
	size_t len = slash ? (size_t)(slash - s->path) : 0;

	if (!slash || len < s->top)
		return false;
	*out = *s;
	out->path[len] = 0;
	return true;
}

static bool spot_of(const struct cg_target *t, struct spot *s)
{
	size_t len = strlen(t->path);

	if (len >= sizeof(s->path))
		return false;
	memcpy(s->path, t->path, len + 1);
	s->top = len - strlen(t->dir);
	return true;
}

static int spot_write(const struct spot *s, const char *file, const char *value)
{
	own_fd dir_fd = open(*s->path ? s->path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir_fd < 0 ? -errno : fd_write_file_at(dir_fd, file, value);
}

static ssize_t spot_read(const struct spot *s, const char *file, char *text, size_t size)
{
	own_fd dir_fd = open(*s->path ? s->path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return dir_fd < 0 ? -errno : fd_read_file_at(dir_fd, file, text, size);
}

/*
 * Mostly the parent has everything enabled already, so it is asked first; -ENOENT means that
 * its own parent has not handed the controller down. at is where it ended.
 */
static int enable_in(const struct spot *s, const char *words, struct spot *at)
{
	struct spot above;
	int r = spot_write(s, "cgroup.subtree_control", words);

	*at = *s;
	if (r != -ENOENT || !spot_parent(s, &above))
		return r;
	r = enable_in(&above, words, at);
	if (r < 0)
		return r;
	*at = *s;
	return spot_write(s, "cgroup.subtree_control", words);
}

static int not_enabled(const struct spot *s, const char *words, int code, struct err *e)
{
	cg_fail(e, code, "%s/cgroup.subtree_control: write '%s'", s->path, words);
	if (code == EBUSY)
		err_hint(e,
			 "%s has processes of its own, and cgroup v2 lets no such cgroup share "
			 "out controllers: move them into a child of it, or choose another "
			 "cgroup path",
			 s->path);
	else if (code == EOPNOTSUPP)
		err_hint(e, "%s is a threaded cgroup: choose another cgroup path", s->path);
	else if (code == ENOENT || code == EACCES || code == EPERM || code == EROFS)
		err_hint(e, "the controller is not delegated down to %s", s->path);
	return -code;
}

/* "+cpu +memory" for those of the lists that are in the given ones (NULL: all). */
static void words_of(const struct cg_target *t, const char *given, char sign, struct buf *out)
{
	for (size_t i = 0; i < t->need.n + t->want.n; i++) {
		bool needed = i < t->need.n;
		const char *word = needed ? t->need.v[i] : t->want.v[i - t->need.n];

		if (!needed && strv_has(&t->need, word))
			continue;
		if (!given || cg_has_word(given, ' ', word))
			buf_printf(out, "%s%c%s", out->len ? " " : "", sign, word);
	}
}

/*
 * cpu, cpuset and pids can be enabled in a cgroup that has processes. That turns it into the
 * root of a threaded subtree, where its children take no process: take it back.
 */
static int check_type(const struct cg_target *t, const struct spot *leaf, const struct spot *parent,
		      const char *given)
{
	own_buf back = BUF_INIT;
	char type[32];

	if (spot_read(leaf, "cgroup.type", type, sizeof(type)) <= 0)
		return 0;
	if (strcmp(type, "domain invalid"))
		return 0;
	words_of(t, given, '-', &back);

	int r = spot_write(parent, "cgroup.subtree_control", buf_text(&back));

	return r < 0 ? r : -EBUSY;
}

/* All of them; what is not delegated (rootless) is left out unless a limit needs it. */
static int enable(const struct cg_target *t, const struct spot *leaf, const struct spot *parent,
		  struct spot *at, struct buf *words)
{
	char given[512];
	const char *only = NULL;
	int r;

	words_of(t, NULL, '+', words);
	r = enable_in(parent, buf_text(words), at);
	if (r == -ENOENT || r == -EACCES || r == -EPERM || r == -EROFS) {
		*at = *parent;
		if (spot_read(parent, "cgroup.controllers", given, sizeof(given)) < 0)
			return r;
		for (size_t i = 0; i < t->need.n; i++)
			if (!cg_has_word(given, ' ', t->need.v[i])) {
				buf_done(words);
				buf_printf(words, "+%s", t->need.v[i]);
				return r;
			}
		only = given;
		buf_done(words);
		words_of(t, only, '+', words);
		r = words->len ? spot_write(parent, "cgroup.subtree_control", words->data) : 0;
	}
	/* with one of the others among them the kernel itself refuses (EBUSY) */
	if (r < 0 || strstr(buf_text(words), "+memory") || strstr(buf_text(words), "+io"))
		return r;
	return check_type(t, leaf, parent, only);
}

int cg_enable(const struct cg_target *t, struct err *e)
{
	own_buf words = BUF_INIT;
	struct spot leaf, parent, at;

	if (!t->need.n && !t->want.n)
		return 0;
	if (!spot_of(t, &leaf) || !spot_parent(&leaf, &parent))
		return cg_fail(e, ENAMETOOLONG, "cgroup %s", t->path);

	int r = enable(t, &leaf, &parent, &at, &words);

	/* for the statistics alone nobody has to fail */
	return r < 0 && t->need.n ? not_enabled(&at, buf_text(&words), -r, e) : 0;
}

/* The spot's own value, which an empty cpuset first gets from its parent. */
static int cpuset_value(const struct spot *s, const char *file, char *text, size_t size)
{
	struct spot above;
	ssize_t n = spot_read(s, file, text, size);

	if (n)
		return n < 0 ? (int)n : 0;
	if (!spot_parent(s, &above))
		return -ENOSPC;

	int r = cpuset_value(&above, file, text, size);

	return r < 0 ? r : spot_write(s, file, text);
}

static bool is_planned(const struct cg_target *t, const char *file)
{
	for (size_t i = 0; i < t->nwrites; i++)
		if (!strcmp(t->writes[i].file, file))
			return true;
	return false;
}

int cg_cpuset_inherit(const struct cg_target *t, bool made, int dir_fd, struct err *e)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	struct spot leaf, from;
	char text[4096];

	if (!spot_of(t, &leaf) || !spot_parent(&leaf, &from))
		return cg_fail(e, ENAMETOOLONG, "cgroup %s", t->path);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		/* A new one is empty for sure: no need to read it. */
		int r = cpuset_value(made ? &from : &leaf, files[i], text, sizeof(text));

		if (r == 0 && made && !is_planned(t, files[i]))
			r = fd_write_file_at(dir_fd, files[i], text);
		if (r < 0)
			return cg_fail(e, -r, "%s/%s: copy from the parent", t->path, files[i]);
	}
	return 0;
}
