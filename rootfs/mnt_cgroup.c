/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Type "cgroup". On a v2 host one cgroup2 mount; on a host with v1 hierarchies a tmpfs with one
 * directory for each, as engines and programs inside expect it. With a cgroup namespace the
 * mounts are new and show the container's own subtree as their root; without one they are binds
 * of that subtree.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/mnt.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

/* One line of /proc/self/cgroup, "4:cpu,cpuacct:/path" or "0::/path" */
struct line {
	const char *controllers, *path;
};

static int read_self(char *text, size_t size)
{
	own_fd fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len + 1 < size) {
		ssize_t n = TEMP_FAILURE_RETRY(read(fd, text + len, size - 1 - len));

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	text[len] = 0;
	return 0;
}

/* Cut the next line off *text. */
static bool next_line(char **text, struct line *l)
{
	char *p = *text, *end = strchr(p, '\n'), *a, *b;

	if (!end)
		return false;
	*end = 0;
	*text = end + 1;
	a = strchr(p, ':');
	b = a ? strchr(a + 1, ':') : NULL;
	if (!b)
		return false;
	*b = 0;
	l->controllers = a + 1;
	l->path = b + 1;
	return true;
}

/* A detached, recursive clone of the container's subtree as the host shows it. */
static int clone_subtree(const struct rootfs *r, const struct mnt *m, const char *dir,
			 const char *path, struct err *e)
{
	char full[4096];
	struct mountopts opts = m->opts;
	int n = snprintf(full, sizeof(full), CGROUP_ROOT "%s%s%s", *dir ? "/" : "", dir, path);

	if (n < 0 || (size_t)n >= sizeof(full))
		return mnt_err(m, ENAMETOOLONG, e);

	own_fd fd = mnt_clone_path(full, AT_RECURSIVE, -1);

	if (fd < 0)
		return mnt_err(m, fd, e);
	opts.propagation = 0;
	/* the whole of it: what is mounted below is cgroups too */
	opts.rec_set |= opts.attr_set;
	/* CVE-2023-25809: a user's own slice, shared with the host, is not the container's to
	 * change */
	if (!r->plan->cgroup_ns && (r->plan->new_userns || r->plan->in_userns))
		opts.rec_set |= MOUNT_ATTR_RDONLY;

	int k = mnt_attrs(&opts, fd, true, true, true);

	return k < 0 ? mnt_err(m, k, e) : take_fd(fd);
}

/* The cgroup2 mount of a v2 host */
static int apply_v2(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	own_fd fd = -1;
	char text[8192], *p = text;
	struct line l;

	if (r->plan->cgroup_ns) {
		/*
		 * No second try by a bind: in a cgroup namespace our path reads "/", and a bind of
		 * that would be the host's root cgroup.
		 */
		fd = mnt_new_fs(r, m, "cgroup2", NULL, e);
		return fd < 0 ? fd : mnt_attach(r, i, &fd, -1, e);
	}

	int k = read_self(text, sizeof(text));

	if (k < 0)
		return mnt_err(m, k, e);
	while (next_line(&p, &l)) {
		if (*l.controllers)
			continue;
		fd = clone_subtree(r, m, r->plan->cgroup_v1 ? "unified" : "",
				   strcmp(l.path, "/") != 0 ? l.path : "", e);
		return fd < 0 ? fd : mnt_attach(r, i, &fd, -1, e);
	}
	return mnt_err_text(m, ENOENT, "this process is in no cgroup of version 2", e);
}

/* "cpu" and "cpuacct" lead to the hierarchy "cpu,cpuacct" that holds both. */
static int link_controllers(const struct mnt *m, int dir_fd, const char *controllers, struct err *e)
{
	char word[128];

	if (!strchr(controllers, ','))
		return 0;
	for (const char *p = controllers; mnt_data_next(&p, word, sizeof(word)) > 0;)
		if (symlinkat(controllers, dir_fd, word) < 0 && errno != EEXIST)
			return mnt_err(m, errno, e);
	return 0;
}

/* Co-mounted controllers may be named in another order on the host: try each of them. */
static int clone_v1(const struct rootfs *r, const struct mnt *m, const char *dir,
		    const struct line *l, struct err *e)
{
	const char *path = strcmp(l->path, "/") != 0 ? l->path : "";
	int fd = clone_subtree(r, m, dir, path, e);
	char word[128];

	for (const char *p = dir; fd == -ENOENT && mnt_data_next(&p, word, sizeof(word)) > 0;)
		fd = clone_subtree(r, m, word, path, e);
	return fd;
}

/*
 * One hierarchy below the tmpfs. The tmpfs is new and nobody else sees it, so that with it as the
 * working directory mount(2) can take names: two calls for a hierarchy.
 */
static int mount_v1(const struct rootfs *r, const struct mnt *m, int dir_fd, const struct line *l,
		    struct err *e)
{
	bool named = !strncmp(l->controllers, "name=", 5), v2 = !*l->controllers;
	const char *dir = v2 ? "unified" : named ? l->controllers + 5 : l->controllers;

	if (mkdirat(dir_fd, dir, 0755) < 0)
		return mnt_err(m, errno, e);
	if (r->plan->cgroup_ns) {
		if (mount("cgroup", dir, v2 ? "cgroup2" : "cgroup", mnt_ms_flags(m),
			  v2 ? NULL : l->controllers) == 0)
			return link_controllers(m, dir_fd, dir, e);
		/* As in apply_v2. A hierarchy that is going away or not for us is left out. */
		if (errno != EBUSY && errno != EINVAL)
			return mnt_err(m, errno, e);
		return unlinkat(dir_fd, dir, AT_REMOVEDIR) < 0 ? mnt_err(m, errno, e) : 0;
	}

	own_fd fd = clone_v1(r, m, dir, l, e);

	/* a hierarchy that the host itself does not show */
	if (fd == -ENOENT)
		return unlinkat(dir_fd, dir, AT_REMOVEDIR) < 0 ? mnt_err(m, errno, e) : 0;
	if (fd < 0)
		return fd;
	if (sys_move_mount(fd, "", dir_fd, dir, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return mnt_err(m, errno, e);
	return link_controllers(m, dir_fd, dir, e);
}

static int apply_v1(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	struct mnt top = *m;
	char text[8192], *p = text;
	struct line l;
	int k = read_self(text, sizeof(text));

	if (k < 0)
		return mnt_err(m, k, e);
	/* The data words are the hierarchies' own; the directory becomes read-only in the end. */
	top.data = "mode=755";
	top.late_ro = true;
	top.opts.propagation = 0;

	own_fd fd = mnt_new_fs(r, &top, "tmpfs", NULL, e);

	if (fd < 0)
		return fd;

	own_fd keep_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (keep_fd < 0)
		return mnt_err(m, errno, e);
	k = mnt_attach(r, i, &fd, -1, e);
	if (k == 0 && fchdir(keep_fd) < 0)
		k = mnt_err(m, errno, e);
	while (k == 0 && next_line(&p, &l))
		k = mount_v1(r, m, keep_fd, &l, e);
	if (k == 0 && ((m->opts.attr_set | m->opts.rec_set) & MOUNT_ATTR_RDONLY)) {
		struct mountopts ro = { .attr_set = MOUNT_ATTR_RDONLY };

		k = mnt_attrs(&ro, keep_fd, false, false, false);
		if (k < 0)
			return mnt_err(m, k, e);
	}
	return k;
}

int mnt_apply_cgroup(struct rootfs *r, size_t i, struct err *e)
{
	bool v1 = r->plan->cgroup_v1 && strcmp(r->plan->mounts[i].type, "cgroup2") != 0;

	return v1 ? apply_v1(r, i, e) : apply_v2(r, i, e);
}
