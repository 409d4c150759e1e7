/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "rootfs/mnt.h"
#include "rootfs/rootfs.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

const struct dev_link dev_links[] = {
	{ "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "core", "/proc/kcore" },       { "ptmx", "pts/ptmx" },
};
const size_t ndev_links = ARRAY_SIZE(dev_links);

/* Is /dev an empty tmpfs of our own, so that nothing in it can be anybody else's? */
static bool dev_is_ours(const struct rootfs *r)
{
	const struct rootfs_plan *p = r->plan;

	return p->dev_mount >= 0 && r->mount_fd[p->dev_mount] >= 0 && !r->aliased &&
	       p->mounts[p->dev_mount].kind->holds == HOLDS_FRESH &&
	       !(p->mounts[p->dev_mount].opts.flags & MOPT_COPYUP);
}

/* /dev inside; borrowed */
static int dev_dir(struct rootfs *r, struct err *e)
{
	if (r->dev_fd >= 0)
		return r->dev_fd;
	if (dev_is_ours(r))
		return r->mount_fd[r->plan->dev_mount];
	r->dev_fd = inroot_make_dir(r->root_fd, "/dev", 0755, e);
	return r->dev_fd;
}

static int dev_err(const struct dev *d, int code, struct err *e)
{
	return err_set(e, code < 0 ? -code : code, "make device %s", d->path);
}

/* A file that is there must be the very device; what the image put there is never replaced. */
static int check_existing(const struct dev *d, int dir_fd, const char *name, struct err *e)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return dev_err(d, errno, e);
	if ((st.st_mode & S_IFMT) == (d->mode & S_IFMT) &&
	    (S_ISFIFO(d->mode) || st.st_rdev == makedev(d->major, d->minor)))
		return 0;
	err_text(e, EEXIST, "make device %s: another file is there already", d->path);
	return err_hint(e, "mount a tmpfs on /dev, or remove the file from the root file system");
}

/* The host's node, over an empty file. The last component is never followed. */
static int bind_node(const struct dev *d, int host_fd, bool by_path, int dir_fd, const char *name,
		     struct err *e)
{
	own_fd fd = host_fd < 0 || by_path ? mnt_clone_path(d->path, 0, host_fd) : dup(host_fd);
	struct stat st;

	if (fd < 0)
		return dev_err(d, fd == -1 ? errno : fd, e);
	if (fstat(fd, &st) < 0)
		return dev_err(d, errno, e);
	if ((st.st_mode & S_IFMT) != (d->mode & S_IFMT) ||
	    st.st_rdev != makedev(d->major, d->minor))
		return err_text(e, ENODEV, "make device %s: the host's is another device", d->path);
	if (mknodat(dir_fd, name, S_IFREG | 0666, 0) < 0) {
		if (errno != EEXIST || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return dev_err(d, errno, e);
		if (!S_ISREG(st.st_mode))
			return check_existing(d, dir_fd, name, e);
	}
	if (sys_move_mount(fd, "", dir_fd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return dev_err(d, errno, e);
	return 0;
}

static int make_node(const struct rootfs *r, size_t i, int dir_fd, const char *name, struct err *e)
{
	const struct dev *d = &r->plan->devs[i];
	bool nodes = !r->plan->new_userns && !r->plan->in_userns;

	if (nodes || S_ISFIFO(d->mode)) {
		if (mknodat(dir_fd, name, d->mode, makedev(d->major, d->minor)) == 0) {
			if ((d->uid || d->gid) &&
			    fchownat(dir_fd, name, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0)
				return dev_err(d, errno, e);
			return 0;
		}
		if (errno == EEXIST)
			return check_existing(d, dir_fd, name, e);
		if (errno != EPERM)
			return dev_err(d, errno, e);
	}
	return bind_node(d, r->device_fd[i], r->by_path, dir_fd, name, e);
}

/*
 * In a user namespace, into our own empty /dev: two calls a node. Source and target are names,
 * but the source's directory is still the host's and nobody else can reach the target's.
 */
static int bind_defaults(struct rootfs *r, int dir_fd, struct err *e)
{
	const struct rootfs_plan *p = r->plan;

	if (fchdir(dir_fd) < 0)
		return err_set(e, errno, "enter /dev");
	for (size_t i = 0; i < p->ndevs; i++) {
		const struct dev *d = &p->devs[i];

		if (d->listed || !d->name)
			continue;
		if (mknodat(dir_fd, d->name, S_IFREG | 0666, 0) < 0 ||
		    mount(d->path, d->name, NULL, MS_BIND, NULL) < 0)
			return dev_err(d, errno, e);
	}
	return 0;
}

static int make_link(int dir_fd, const struct dev_link *l, struct err *e)
{
	char text[64];
	ssize_t n;

	if (symlinkat(l->target, dir_fd, l->name) == 0)
		return 0;
	if (errno != EEXIST)
		return err_set(e, errno, "make /dev/%s", l->name);
	n = readlinkat(dir_fd, l->name, text, sizeof(text));
	if (n >= 0 && (size_t)n == strlen(l->target) && !memcmp(text, l->target, (size_t)n))
		return 0;
	/* An image's own file or link gives way, a directory or a mount does not. */
	if (unlinkat(dir_fd, l->name, 0) < 0 || symlinkat(l->target, dir_fd, l->name) < 0)
		return err_set(e, errno, "replace /dev/%s", l->name);
	return 0;
}

static int make_far_node(const struct rootfs *r, size_t i, struct err *e)
{
	const char *name;
	own_fd dir_fd = inroot_make_parent(r->root_fd, r->plan->devs[i].path, &name, e);

	return dir_fd < 0 ? dir_fd : make_node(r, i, dir_fd, name, e);
}

int rootfs_devices(struct rootfs *r, struct err *e)
{
	const struct rootfs_plan *p = r->plan;
	bool binds = (p->new_userns || p->in_userns) && dev_is_ours(r);
	int dir_fd, k = 0;

	if (!p->mount_ns || !p->make_devs)
		return 0;
	dir_fd = dev_dir(r, e);
	if (dir_fd < 0)
		return dir_fd;
	if (binds)
		k = bind_defaults(r, dir_fd, e);
	for (size_t i = 0; k == 0 && i < p->ndevs; i++) {
		const struct dev *d = &p->devs[i];

		if (!d->name)
			k = make_far_node(r, i, e);
		else if (!binds || d->listed)
			k = make_node(r, i, dir_fd, d->name, e);
	}
	for (size_t i = 0; k == 0 && i < ndev_links; i++)
		if (p->dev_link[i])
			k = make_link(dir_fd, &dev_links[i], e);
	return k;
}

/* An empty file of our own to bind over; never what a symlink of the image leads to. */
static int make_console(int dir_fd, struct err *e)
{
	struct stat st;

	for (int i = 0; i < 2; i++) {
		if (mknodat(dir_fd, "console", S_IFREG | 0600, 0) == 0)
			return 0;
		if (errno != EEXIST || fstatat(dir_fd, "console", &st, AT_SYMLINK_NOFOLLOW) < 0)
			return err_set(e, errno, "make /dev/console");
		if (S_ISDIR(st.st_mode))
			return err_set(e, EISDIR, "make /dev/console");
		if (!S_ISLNK(st.st_mode))
			return 0;
		if (unlinkat(dir_fd, "console", 0) < 0)
			return err_set(e, errno, "replace /dev/console");
	}
	return err_set(e, EEXIST, "make /dev/console");
}

int rootfs_console(struct rootfs *r, int slave_fd, struct err *e)
{
	struct statfs fs;
	struct stat st;
	int dir_fd = dev_dir(r, e);

	if (dir_fd < 0)
		return dir_fd;
	if (fstat(slave_fd, &st) < 0 || fstatfs(slave_fd, &fs) < 0)
		return err_set(e, errno, "look at the terminal");
	if (!S_ISCHR(st.st_mode) || fs.f_type != DEVPTS_SUPER_MAGIC)
		return err_text(e, ENOTTY, "the terminal for /dev/console is not of a devpts");

	own_fd fd =
		sys_open_tree(slave_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int k;

	if (fd < 0)
		return err_set(e, errno, "clone the terminal for /dev/console");
	k = make_console(dir_fd, e);
	if (k < 0)
		return k;
	if (sys_move_mount(fd, "", dir_fd, "console", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_set(e, errno, "bind the terminal to /dev/console");
	return 0;
}
