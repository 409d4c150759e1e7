/* SPDX-License-Identifier: Apache-2.0 */
/* Fill a new tmpfs with what it hides. Names come from an image: only by fd, never followed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootfs/mnt.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

enum { DEPTH = 128, NAMES = 65536, VALUE = 65536 };

struct copy {
	char names[NAMES], value[VALUE]; /* of extended attributes */
	struct err *e;
};

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Attributes that the tmpfs does not take (another namespace's, no support) are left out. */
static int copy_xattrs(struct copy *c, int from_fd, int to_fd, const char *name)
{
	ssize_t len = flistxattr(from_fd, c->names, sizeof(c->names));

	if (len < 0)
		return errno == ENOTSUP || errno == E2BIG ? 0 : err_set(c->e, errno, "'%s'", name);
	for (char *p = c->names; p < c->names + len; p += strlen(p) + 1) {
		ssize_t n = fgetxattr(from_fd, p, c->value, sizeof(c->value));

		if (n < 0 || fsetxattr(to_fd, p, c->value, (size_t)n, 0) == 0)
			continue;
		if (errno != ENOTSUP && errno != EPERM && errno != EINVAL && errno != EACCES)
			return err_set(c->e, errno, "attribute %s of '%s'", p, name);
	}
	return 0;
}

/* Owner first: a change of the owner takes set-id bits away. */
static int copy_meta(struct copy *c, int from_fd, int to_fd, const struct stat *st,
		     const char *name)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	int r;

	if (fchown(to_fd, st->st_uid, st->st_gid) < 0)
		return err_set(c->e, errno, "owner of '%s'", name);
	if (fchmod(to_fd, st->st_mode & 07777) < 0)
		return err_set(c->e, errno, "mode of '%s'", name);
	r = copy_xattrs(c, from_fd, to_fd, name);
	if (r == 0 && futimens(to_fd, times) < 0)
		r = err_set(c->e, errno, "times of '%s'", name);
	return r;
}

static int copy_file(struct copy *c, int from_dir, int to_dir, const char *name)
{
	own_fd from_fd = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	own_fd to_fd =
		openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (from_fd < 0 || to_fd < 0 || fstat(from_fd, &st) < 0)
		return err_set(c->e, errno, "'%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(c->e, EBUSY, "'%s' changed while it was copied", name);
	for (;;) {
		ssize_t n = sendfile(to_fd, from_fd, NULL, 1 << 30);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return err_set(c->e, errno, "'%s'", name);
	}
	return copy_meta(c, from_fd, to_fd, &st, name);
}

static int copy_link(struct copy *c, int from_dir, int to_dir, const char *name,
		     const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from_dir, name, text, sizeof(text) - 1);

	if (n < 0)
		return err_set(c->e, errno, "'%s'", name);
	text[n] = 0;
	if (symlinkat(text, to_dir, name) < 0 ||
	    fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(c->e, errno, "'%s'", name);
	return 0;
}

/* FIFOs, sockets and, where we may, devices */
static int copy_node(struct copy *c, int to_dir, const char *name, const struct stat *st)
{
	if (mknodat(to_dir, name, st->st_mode & (S_IFMT | 07777), st->st_rdev) < 0)
		return errno == EPERM ? 0 : err_set(c->e, errno, "'%s'", name);
	if (fchownat(to_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(to_dir, name, st->st_mode & 07777, 0) < 0)
		return err_set(c->e, errno, "'%s'", name);
	return 0;
}

static int copy_dir(struct copy *c, int from_fd, int to_fd, int depth);

static int copy_subdir(struct copy *c, int from_dir, int to_dir, const char *name,
		       const struct stat *st, int depth)
{
	own_fd from_fd = openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (from_fd < 0 || mkdirat(to_dir, name, 0700) < 0)
		return err_set(c->e, errno, "'%s'", name);

	own_fd to_fd = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (to_fd < 0)
		return err_set(c->e, errno, "'%s'", name);
	r = copy_dir(c, from_fd, to_fd, depth + 1);
	return r < 0 ? r : copy_meta(c, from_fd, to_fd, st, name);
}

static int copy_entry(struct copy *c, int from_dir, int to_dir, const char *name, int depth)
{
	struct stat st;

	if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(c->e, errno, "'%s'", name);
	if (S_ISDIR(st.st_mode))
		return copy_subdir(c, from_dir, to_dir, name, &st, depth);
	if (S_ISREG(st.st_mode))
		return copy_file(c, from_dir, to_dir, name);
	if (S_ISLNK(st.st_mode))
		return copy_link(c, from_dir, to_dir, name, &st);
	return copy_node(c, to_dir, name, &st);
}

static int copy_dir(struct copy *c, int from_fd, int to_fd, int depth)
{
	own_fd fd = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(close_dir) DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return err_set(c->e, errno, "read directory");
	(void)take_fd(fd);
	if (depth > DEPTH)
		return err_set(c->e, ELOOP, "more than %d levels", DEPTH);
	for (;;) {
		errno = 0;

		const struct dirent *entry = readdir(d);

		if (!entry)
			return errno ? err_set(c->e, errno, "read directory") : 0;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;

		int r = copy_entry(c, from_fd, to_fd, entry->d_name, depth);

		if (r < 0)
			return r;
	}
}

static void free_copy(struct copy **c)
{
	free(*c);
}

int copyup(int from_fd, int to_fd, struct err *e)
{
	_cleanup_(free_copy) struct copy *c = malloc(sizeof(*c));
	own_fd from = openat(from_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	own_fd to = openat(to_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int r;

	if (!c)
		return err_set(e, ENOMEM, "copy-up");
	if (from < 0 || to < 0 || fstat(from, &st) < 0)
		return err_set(e, errno, "open");
	c->e = e;
	r = copy_dir(c, from, to, 0);
	return r < 0 ? r : copy_meta(c, from, to, &st, ".");
}
