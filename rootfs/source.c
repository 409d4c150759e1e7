/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side, before the clone: what only the host may open, it opens. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rootfs/hostview.h"
#include "rootfs/mnt.h"
#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

static int *empty_fds(struct arena *a, size_t n)
{
	int *fds = arena_array(a, n ? n : 1, sizeof(*fds));

	memset(fds, 0xff, n * sizeof(*fds));
	return fds;
}

static int open_root_path(struct rootfs *r, struct err *e)
{
	struct stat st;

	r->root_fd = open(r->plan->root, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (r->root_fd < 0 || fstat(r->root_fd, &st) < 0)
		return err_set(e, errno, "invalid rootfs: stat %s", r->plan->root);
	if (S_ISLNK(st.st_mode))
		return err_text(e, ELOOP, "invalid rootfs: %s is a symlink", r->plan->root);
	if (!S_ISDIR(st.st_mode))
		return err_text(e, ENOTDIR, "invalid rootfs: %s is not a directory", r->plan->root);
	return 0;
}

/* The root as a detached tree, cut from the host's propagation. */
static int open_root(struct rootfs *r, struct err *e)
{
	const struct rootfs_plan *p = r->plan;
	struct mount_attr cut = { .propagation = p->root_propagation == PROP_SLAVE ? MS_SLAVE
										   : MS_PRIVATE };
	int k = open_root_path(r, e);

	if (k < 0 || !p->mount_ns)
		return k;

	own_fd tree_fd = sys_open_tree(
		r->root_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree_fd < 0 && errno == EPERM) {
		r->by_path = true;
		return 0;
	}
	if (tree_fd < 0 || sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &cut) < 0)
		return err_set(e, errno, "clone the mounts of '%s'", p->root);
	fd_drop(&r->root_fd);
	r->root_fd = take_fd(tree_fd);
	return 0;
}

static int open_source(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	bool link = m->opts.flags & (MOPT_SRC_NOFOLLOW | MOPT_COPY_SYMLINK);
	unsigned rec = m->opts.flags & MOPT_RBIND ? AT_RECURSIVE : 0;
	int k;

	if (r->by_path)
		r->source_fd[i] = open(m->source, O_PATH | O_CLOEXEC | (link ? O_NOFOLLOW : 0));
	else
		r->source_fd[i] = sys_open_tree(AT_FDCWD, m->source,
						OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | rec |
							(link ? AT_SYMLINK_NOFOLLOW : 0));
	if (r->source_fd[i] < 0)
		return mnt_err(m, errno, e);
	if (r->by_path)
		return 0;
	k = mnt_attrs(&m->opts, r->source_fd[i], rec, true, r->plan->new_userns);
	return k < 0 ? mnt_err(m, k, e) : 0;
}

/* Equal maps share one namespace; it is needed no longer than the trees are made. */
static int idmap_own(struct rootfs *r, int *userns_fd, struct err *e)
{
	const struct rootfs_plan *p = r->plan;

	for (size_t i = 0; i < p->nmounts; i++) {
		const struct mnt *m = &p->mounts[i];
		int *fd = &userns_fd[m->idmap_like];

		if (m->idmap != IDMAP_OWN)
			continue;
		if (r->by_path) {
			mnt_err(m, EPERM, e);
			return err_hint(e, "only root of the host can make an id-mapped mount");
		}
		if (*fd < 0)
			*fd = idmap_userns(&m->uid_maps, &m->gid_maps, e);
		if (*fd < 0)
			return err_at(e, "error mounting \"%s\" to rootfs at \"%s\"", m->source,
				      m->dest);

		int k = idmap_tree(m, r->source_fd[i], *fd, e);

		if (k < 0)
			return k;
	}
	return 0;
}

/* Listed devices that cannot be made inside are bound from the host's path of the same name. */
static int open_devices(struct rootfs *r, struct err *e)
{
	const struct rootfs_plan *p = r->plan;

	for (size_t i = 0; i < p->ndevs; i++) {
		const struct dev *d = &p->devs[i];
		struct stat st;

		if (!d->listed || S_ISFIFO(d->mode) || !(p->new_userns || p->in_userns))
			continue;
		if (r->by_path)
			r->device_fd[i] = open(d->path, O_PATH | O_CLOEXEC);
		else
			r->device_fd[i] = sys_open_tree(AT_FDCWD, d->path,
							OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		if (r->device_fd[i] < 0 || fstat(r->device_fd[i], &st) < 0)
			return err_set(e, errno, "device %s of the host", d->path);
		if ((st.st_mode & S_IFMT) != (d->mode & S_IFMT) ||
		    st.st_rdev != makedev(d->major, d->minor))
			return err_text(
				e, EINVAL,
				"device %s: the host's is not the one of the spec (%c %u:%u), "
				"and a user namespace can only use the host's",
				d->path, S_ISBLK(d->mode) ? 'b' : 'c', d->major, d->minor);
	}
	return 0;
}

/* A label that is asked for and cannot be given would be less protection than the user thinks. */
static int check_label(const struct rootfs_plan *p, struct err *e)
{
	struct statfs fs;

	if (!p->mount_label || !*p->mount_label)
		return 0;
	if (statfs("/sys/fs/selinux", &fs) == 0 && (unsigned long)fs.f_type == SELINUX_MAGIC)
		return 0;
	return err_text(e, EOPNOTSUPP,
			"linux.mountLabel \"%s\": SELinux is not enabled on this host",
			p->mount_label);
}

int rootfs_open(struct rootfs *r, const struct rootfs_plan *p, struct arena *a, struct err *e)
{
	int *userns_fd = empty_fds(a, p->nmounts);
	int k;

	r->plan = p;
	r->source_fd = empty_fds(a, p->nmounts);
	r->mount_fd = empty_fds(a, p->nmounts);
	r->device_fd = empty_fds(a, p->ndevs);
	k = check_label(p, e);
	if (k == 0)
		k = p->host_view ? hostview_open(r, a, e) : open_root(r, e);
	for (size_t i = 0; k == 0 && i < p->nmounts; i++)
		if (p->mounts[i].kind->host_opens)
			k = open_source(r, i, e);
	if (k == 0)
		k = open_devices(r, e);
	if (k == 0)
		k = idmap_own(r, userns_fd, e);
	for (size_t i = 0; i < p->nmounts; i++)
		fd_drop(&userns_fd[i]);
	if (k < 0)
		rootfs_close(r);
	return k;
}

bool rootfs_needs_userns(const struct rootfs_plan *p)
{
	for (size_t i = 0; i < p->nmounts; i++)
		if (p->mounts[i].idmap == IDMAP_CONTAINER)
			return true;
	return p->host_view && p->new_userns;
}

int rootfs_idmap(struct rootfs *r, int userns_fd, struct err *e)
{
	const struct rootfs_plan *p = r->plan;

	for (size_t i = 0; i < p->nmounts; i++) {
		const struct mnt *m = &p->mounts[i];

		if (m->idmap != IDMAP_CONTAINER)
			continue;
		if (r->by_path) {
			mnt_err(m, EPERM, e);
			return err_hint(e, "only root of the host can make an id-mapped mount");
		}

		int k = idmap_tree(m, r->source_fd[i], userns_fd, e);

		if (k < 0)
			return k;
	}
	return p->host_view ? hostview_idmap(r, userns_fd, e) : 0;
}

static void drop_all(int *fds, size_t n)
{
	for (size_t i = 0; fds && i < n; i++)
		fd_drop(&fds[i]);
}

void rootfs_close(struct rootfs *r)
{
	if (r->plan) {
		drop_all(r->source_fd, r->plan->nmounts);
		drop_all(r->mount_fd, r->plan->nmounts);
		drop_all(r->device_fd, r->plan->ndevs);
	}
	if (r->view)
		hostview_close(r);
	fd_drop(&r->root_fd);
	fd_drop(&r->proc_fd);
	fd_drop(&r->dev_fd);
}
