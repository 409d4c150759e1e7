/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What execvp(3) would find, decided while init is still root, so that a missing program fails
 * `create`. The kernel's own check at exec stays the last word; this one must never refuse what
 * the kernel would run.
 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/proc/parts.h"

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum { DEPTH_MAX = 64 };

static bool has_cap(const struct process_spec *p, int cap)
{
	return p->caps.effective & p->caps.permitted & UINT64_C(1) << cap;
}

static bool in_group(const struct user_spec *u, gid_t gid)
{
	if (u->gid == gid)
		return true;
	for (size_t i = 0; i < u->ngroups; i++)
		if (u->groups[i] == gid)
			return true;
	return false;
}

/* The x bit that counts for the user: of the owner, the group or the others, exactly one. */
static bool x_bit(const struct process_spec *p, const struct stat *st)
{
	if (st->st_uid == p->user.uid)
		return st->st_mode & S_IXUSR;
	if (in_group(&p->user, st->st_gid))
		return st->st_mode & S_IXGRP;
	return st->st_mode & S_IXOTH;
}

/*
 * With an access list the mode is not the whole truth: the kernel will tell. Takes over the
 * descriptor, which is open for reading, because an O_PATH one shows no attributes.
 */
static bool has_acl(int taken)
{
	own_fd fd = taken;

	return fd >= 0 && fgetxattr(fd, "system.posix_acl_access", NULL, 0) > 0;
}

/* May the user go through every directory above? Symlinks on the way are the kernel's business. */
static bool reachable(const struct process_spec *p, int root_fd, const char *dir)
{
	struct stat root, st;
	char up[3 * DEPTH_MAX + 2] = ".";

	if (has_cap(p, CAP_DAC_OVERRIDE) || has_cap(p, CAP_DAC_READ_SEARCH))
		return true;

	own_fd fd = inside_open(root_fd, dir, O_PATH | O_DIRECTORY);

	if (fd < 0 || fstat(root_fd, &root) < 0)
		return true;
	for (size_t len = 1; len + 4 < sizeof(up); len += 3) {
		if (fstatat(fd, up, &st, 0) < 0)
			return true;
		if (!x_bit(p, &st) && !has_acl(openat(fd, up, O_RDONLY | O_DIRECTORY | O_CLOEXEC)))
			return false;
		if (st.st_dev == root.st_dev && st.st_ino == root.st_ino)
			return true;
		memcpy(up + len, "/..", 4);
	}
	return true;
}

/* 0, or the negative errno that the user would get; -EISDIR for a directory */
static int may_exec(const struct process_spec *p, int root_fd, const char *path)
{
	own_fd fd = inside_open(root_fd, path, O_PATH);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return -EACCES;
	if (fstatfs(fd, &fs) == 0 && fs.f_flags & ST_NOEXEC)
		return -EACCES;
	if ((st.st_mode & 0111) == 0111 || has_cap(p, CAP_DAC_OVERRIDE) || x_bit(p, &st))
		return 0;
	return has_acl(inside_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY)) ? 0 : -EACCES;
}

static int lookup_err(const char *name, int code, struct err *e)
{
	if (code == EACCES || code == EISDIR) {
		err_text(e, code, "exec: \"%s\": %s", name,
			 code == EISDIR ? "is a directory" : "permission denied");
		return err_exit(e, 126);
	}
	err_set(e, code, "exec: \"%s\": stat %s", name, name);
	return err_exit(e, 127);
}

/* A name with a slash: taken as it is, from the working directory when it is relative. */
static int lookup_path(const struct process_spec *p, const char *name, int root_fd, struct arena *a,
		       const char **path, struct err *e)
{
	const char *full = name[0] == '/' ? name : path_join(a, p->cwd, name);
	int r = may_exec(p, root_fd, full);

	if (r < 0)
		return lookup_err(name, -r, e);
	*path = name;
	return 0;
}

/* One directory of PATH; an empty one is the working directory. */
static int lookup_in(const struct process_spec *p, const char *dir, const char *name, int root_fd,
		     struct arena *a, const char **path)
{
	const char *shown = *dir ? path_join(a, dir, name) : path_join(a, ".", name);
	const char *from = *dir == '/' ? dir : path_join(a, p->cwd, dir);
	int r = may_exec(p, root_fd, path_join(a, from, name));

	if (r == 0 && !reachable(p, root_fd, from))
		r = -EACCES;
	if (r == 0)
		*path = shown;
	return r;
}

int proc_lookup(const struct process_spec *p, int root_fd, struct arena *a, const char **path,
		struct err *e)
{
	const char *name = p->args.n ? p->args.v[0] : "";
	const char *list = strv_getenv(&p->env, "PATH");
	bool denied = false;

	if (strchr(name, '/'))
		return lookup_path(p, name, root_fd, a, path, e);
	if (!list)
		list = PATH_DEFAULT;
	for (const char *next = list; *name && next;) {
		const char *dir = next, *colon = strchr(dir, ':');
		int r = lookup_in(p,
				  arena_strndup(a, dir, colon ? (size_t)(colon - dir) : SIZE_MAX),
				  name, root_fd, a, path);

		if (r == 0)
			return 0;
		denied |= r == -EACCES;
		next = colon ? colon + 1 : NULL;
	}
	if (denied)
		return lookup_err(name, EACCES, e);
	err_text(e, ENOENT, "exec: \"%s\": executable file not found in $PATH", name);
	return err_exit(e, 127);
}
