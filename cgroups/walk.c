/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroups/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/fd.h"

/* One level: the names of the children, each with its NUL, and how far we are in them. */
struct level {
	struct buf names;
	size_t next;
	size_t now; /* the child that we are in */
};

struct levels {
	struct level *v;
	size_t n;
};

static void levels_done(struct levels *l)
{
	for (size_t i = 0; i < l->n; i++)
		buf_done(&l->v[i].names);
	free(l->v);
}

static bool is_child(const struct dirent64 *d)
{
	return d->d_type == DT_DIR && strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int read_children(int dir_fd, struct buf *names)
{
	char block[8192] __attribute__((__aligned__(__alignof__(struct dirent64))));
	struct stat st;

	/* kernfs counts the sub-directories in st_nlink, and most cgroups have none */
	if (fstat(dir_fd, &st) < 0)
		return -errno;
	if (st.st_nlink == 2)
		return 0;
	for (;;) {
		ssize_t n = getdents64(dir_fd, block, sizeof(block));

		if (n <= 0)
			return n < 0 && errno != ENOENT ? -errno : 0;
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(block + at);

			if (is_child(d))
				buf_put(names, d->d_name, strlen(d->d_name) + 1);
			at += d->d_reclen;
		}
	}
}

static int enter(struct levels *l, int dir_fd, const struct cg_walk *w)
{
	struct level *v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	l->v[l->n++] = (struct level){ .names = BUF_INIT };

	int r = w->enter ? w->enter(dir_fd, w->arg) : 0;

	return r < 0 ? r : read_children(dir_fd, &l->v[l->n - 1].names);
}

static void move_to(int *dir_fd, int to)
{
	close(*dir_fd);
	*dir_fd = to;
}

/* The next child of where we are; 1 when there is one. */
static int down(struct levels *l, int *dir_fd, const struct cg_walk *w)
{
	struct level *top = &l->v[l->n - 1];

	while (top->next < top->names.len) {
		const char *name = top->names.data + top->next;
		int fd = openat(*dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		top->now = top->next;
		top->next += strlen(name) + 1;
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		move_to(dir_fd, fd);

		int r = enter(l, fd, w);

		return r < 0 ? r : 1;
	}
	return 0;
}

/*
 * kernfs never moves a directory to another parent, so ".." leads back where we came from, and
 * the depth is counted: it cannot lead above the top.
 */
static int up(struct levels *l, int *dir_fd, const struct cg_walk *w)
{
	buf_done(&l->v[--l->n].names);
	if (!l->n)
		return 0;

	int fd = openat(*dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	move_to(dir_fd, fd);

	const struct level *top = &l->v[l->n - 1];

	return w->leave ? w->leave(fd, top->names.data + top->now, w->arg) : 0;
}

int cg_walk(int top_fd, const struct cg_walk *w)
{
	_cleanup_(levels_done) struct levels l = { 0 };
	own_fd fd = openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;

	int r = enter(&l, fd, w);

	while (r >= 0 && l.n) {
		r = down(&l, &fd, w);
		if (r == 0)
			r = up(&l, &fd, w);
	}
	return r < 0 ? r : 0;
}
