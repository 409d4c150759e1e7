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

int cwd_enter(const char *cwd, int root_fd, struct err *e)
{
	if (!strcmp(cwd, "/"))
		return fchdir(root_fd) < 0 ? cwd_err(cwd, errno, e) : 0;

	own_fd fd = inside_open(root_fd, cwd, O_PATH | O_DIRECTORY);

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
