/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/inroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

enum {
	TRIES = 128, /* a rename beside us makes the kernel give up with EAGAIN */
	LINKS = 40,  /* as the kernel's own limit */
};

static int open_resolved(int dir_fd, const char *path, int flags, uint64_t resolve)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = sys_openat2(dir_fd, path, (uint64_t)(unsigned)flags | O_CLOEXEC, 0,
				     resolve | RESOLVE_NO_MAGICLINKS);

		if (fd >= 0)
			return fd;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

int inroot_open(int root_fd, const char *path, int flags)
{
	return open_resolved(root_fd, path, flags, RESOLVE_IN_ROOT);
}

int inroot_open_plain(int root_fd, const char *path, int flags)
{
	return open_resolved(root_fd, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

/* "self" and "thread-self" are symlinks of procfs itself; both lead to a directory beside them */
static bool starts_with_self(const char *path)
{
	size_t len = strcspn(path, "/");

	return (len == 4 && !memcmp(path, "self", 4)) ||
	       (len == 11 && !memcmp(path, "thread-self", 11));
}

int inroot_open_beneath(int dir_fd, const char *path, int flags)
{
	uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV;

	if (!starts_with_self(path))
		return open_resolved(dir_fd, path, flags, resolve | RESOLVE_NO_SYMLINKS);

	size_t len = strcspn(path, "/");
	char self[16];

	memcpy(self, path, len);
	self[len] = 0;
	path += len;
	path += strspn(path, "/");
	if (!*path)
		return open_resolved(dir_fd, self, flags, resolve);

	own_fd self_fd = open_resolved(dir_fd, self, O_PATH | O_DIRECTORY, resolve);

	if (self_fd < 0)
		return self_fd;
	return open_resolved(self_fd, path, flags, resolve | RESOLVE_NO_SYMLINKS);
}

/*
 * A walk towards a path that may not exist. "done" is what was walked (a path inside the root,
 * possibly through symlinks), "rest" what is left; a dangling symlink turns into more rest.
 */
struct walk {
	int root_fd;
	int fd; /* owned: the directory that "done" is */
	char done[PATH_MAX], rest[PATH_MAX];
	int links;
};

/* Take the first component off w->rest. The name, or "" at the end. */
static int next(struct walk *w, char name[NAME_MAX + 1])
{
	char *p = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(p, "/");

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, p, len);
	name[len] = 0;
	memmove(w->rest, p + len, strlen(p + len) + 1);
	return 0;
}

static int append(struct walk *w, const char *name)
{
	size_t len = strlen(w->done);
	int n = snprintf(w->done + len, sizeof(w->done) - len, "/%s", name);

	return n < 0 || (size_t)n >= sizeof(w->done) - len ? -ENAMETOOLONG : 0;
}

static bool at_end(const struct walk *w)
{
	return !w->rest[strspn(w->rest, "/")];
}

/* Put a symlink's text in front of what is left. 1: name is no symlink. */
static int unfold(struct walk *w, const char *name)
{
	char text[PATH_MAX], rest[PATH_MAX];
	ssize_t len = readlinkat(w->fd, name, text, sizeof(text) - 1);

	if (len < 0)
		return errno == EINVAL || errno == ENOENT ? 1 : -errno;
	text[len] = 0;
	if (++w->links > LINKS)
		return -ELOOP;

	int n = snprintf(rest, sizeof(rest), "%s/%s", text, w->rest);

	if (n < 0 || (size_t)n >= sizeof(rest))
		return -ENAMETOOLONG;
	memcpy(w->rest, rest, (size_t)n + 1);
	if (text[0] != '/')
		return 0;
	w->done[0] = 0;
	fd_drop(&w->fd);
	w->fd = inroot_open(w->root_fd, "/", O_PATH | O_DIRECTORY);
	return w->fd < 0 ? w->fd : 0;
}

/* Step into a directory that is there. -ENOENT when it is not. */
static int enter(struct walk *w, const char *name)
{
	size_t len = strlen(w->done);
	int r = append(w, name);

	if (r < 0)
		return r;

	/* Always from the root: ".." and symlinks mean what they mean inside. */
	int fd = inroot_open(w->root_fd, w->done, O_PATH | O_DIRECTORY);

	if (fd < 0) {
		w->done[len] = 0;
		return fd;
	}
	fd_drop(&w->fd);
	w->fd = fd;
	return 0;
}

/* A new directory below the one we hold; one that somebody else made meanwhile is as good. */
static int make(struct walk *w, const char *name, mode_t mode)
{
	if (mkdirat(w->fd, name, mode) < 0 && errno != EEXIST)
		return -errno;

	int fd = openat(w->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	fd_drop(&w->fd);
	w->fd = fd;
	return append(w, name);
}

static int walk_start(struct walk *w, int root_fd, const char *path)
{
	size_t len = strlen(path);

	w->root_fd = root_fd;
	w->links = 0;
	w->done[0] = 0;
	if (len >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memcpy(w->rest, path, len + 1);
	w->fd = inroot_open(root_fd, "/", O_PATH | O_DIRECTORY);
	return w->fd < 0 ? w->fd : 0;
}

/*
 * Walk and make directories until nothing is left or, with stop_name, until one last name is
 * left that is no symlink and no directory of its own; that name is stored.
 */
static int walk_make(struct walk *w, mode_t mode, char *stop_name)
{
	char name[NAME_MAX + 1];

	while (!at_end(w)) {
		int r = next(w, name);

		if (r < 0)
			return r;

		bool last = at_end(w);

		if (!strcmp(name, "."))
			continue;
		if (!(last && stop_name)) {
			r = enter(w, name);
			if (r != -ENOENT && r != -ENOTDIR && r != -ELOOP) {
				if (r < 0)
					return r;
				continue;
			}
		}

		int missing = last && stop_name ? -ENOENT : r;

		r = unfold(w, name);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (missing != -ENOENT)
			return missing;
		if (last && stop_name) {
			memcpy(stop_name, name, sizeof(name));
			return 0;
		}
		r = make(w, name, last ? mode : 0755);
		if (r < 0)
			return r;
	}
	return stop_name ? -EISDIR : 0;
}

int inroot_make_dir(int root_fd, const char *path, mode_t mode, struct err *e)
{
	struct walk w = { .fd = -1 };
	int r = walk_start(&w, root_fd, path);

	if (r == 0)
		r = walk_make(&w, mode, NULL);
	if (r < 0) {
		fd_drop(&w.fd);
		return err_set(e, -r, "make directory '%s' in the container's root", path);
	}
	return w.fd;
}

static int make_file(struct walk *w, const char *path)
{
	char name[NAME_MAX + 1];
	int r = walk_start(w, w->root_fd, path);

	if (r == 0)
		r = walk_make(w, 0755, name);
	if (r < 0)
		return r;
	/* mknod never follows a symlink and never opens what is there */
	if (mknodat(w->fd, name, S_IFREG | 0644, 0) < 0 && errno != EEXIST)
		return -errno;

	int fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int inroot_make_file(int root_fd, const char *path, struct err *e)
{
	struct walk w = { .root_fd = root_fd, .fd = -1 };
	int fd = make_file(&w, path);

	fd_drop(&w.fd);
	if (fd < 0)
		return err_set(e, -fd, "make file '%s' in the container's root", path);
	return fd;
}

int inroot_make_parent(int root_fd, const char *path, const char **name, struct err *e)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len >= sizeof(dir))
		return err_set(e, ENAMETOOLONG, "'%s'", path);
	memcpy(dir, path, len);
	dir[len] = 0;
	*name = slash ? slash + 1 : path;

	int fd = inroot_open(root_fd, len ? dir : "/", O_PATH | O_DIRECTORY);

	if (fd == -ENOENT)
		return inroot_make_dir(root_fd, dir, 0755, e);
	return fd < 0 ? err_set(e, -fd, "open '%s' in the container's root", dir) : fd;
}
