/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The working directory: the image's symlinks are followed inside the root, never through a
 * magic link of /proc (CVE-2024-21626: cwd "/proc/self/fd/7" was a host directory).
 */
#include "runtime/proc/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

static int cwd_err(const char *cwd, int code, struct err *e)
{
	err_set(e, code, "chdir to cwd (\"%s\") set in config.json failed", cwd);
	if (code == ELOOP)
		err_hint(e, "a cwd may not lead through a link of /proc such as /proc/self/fd/7");
	return -code;
}

/* One missing component below the directory that the rest of the path led to. fd or -errno. */
static int make_one(int parent_fd, const char *name)
{
	if (mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST)
		return -errno;

	/* A dangling symlink is in the way: EEXIST above, and not followed here. */
	int fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Each prefix is looked up from the root again, so symlinks and ".." mean what they mean inside. */
static int make_path(const char *cwd, int root_fd)
{
	own_fd at_fd = inside_open(root_fd, "/", O_PATH | O_DIRECTORY);
	char prefix[PATH_MAX];
	size_t len = strlen(cwd);

	if (at_fd < 0)
		return at_fd;
	if (len >= sizeof(prefix))
		return -ENAMETOOLONG;
	for (size_t start = 0, end; start < len; start = end) {
		start += strspn(cwd + start, "/");
		end = start + strcspn(cwd + start, "/");
		if (end == start)
			break;
		memcpy(prefix, cwd, end);
		prefix[end] = 0;

		int fd = inside_open(root_fd, prefix, O_PATH | O_DIRECTORY);

		if (fd == -ENOENT)
			fd = make_one(at_fd, prefix + start);
		if (fd < 0)
			return fd;
		fd_drop(&at_fd);
		at_fd = fd;
	}
	return take_fd(at_fd);
}

/* Exactly 0755, whatever the umask of the payload is. */
static int make(const char *cwd, int root_fd)
{
	mode_t saved = umask(0);
	int fd = make_path(cwd, root_fd);

	umask(saved);
	return fd;
}

int cwd_enter(const char *cwd, int root_fd, bool make_it, struct err *e)
{
	if (!strcmp(cwd, "/"))
		return fchdir(root_fd) < 0 ? cwd_err(cwd, errno, e) : 0;

	own_fd fd = inside_open(root_fd, cwd, O_PATH | O_DIRECTORY);

	if (fd == -ENOENT && make_it)
		fd = make(cwd, root_fd);
	if (fd < 0) {
		cwd_err(cwd, -fd, e);
		return fd == -EACCES ? CWD_AS_USER : fd;
	}
	if (fchdir(fd) < 0) {
		cwd_err(cwd, errno, e);
		return e->code == EACCES ? CWD_AS_USER : -e->code;
	}
	return 0;
}

int cwd_check(const char *cwd, struct err *e)
{
	char text[PATH_MAX];

	/* The kernel puts "(unreachable)" in front of a directory outside of the root. */
	if (sys_getcwd(text, sizeof(text)) < 0)
		return cwd_err(cwd, errno, e);
	if (text[0] != '/')
		return err_text(e, EXDEV, "cwd (\"%s\") is outside of the container's root", cwd);
	return 0;
}
