/* SPDX-License-Identifier: Apache-2.0 */
/* The first and the last steps of init: its root becomes a mount, and then the root. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rootfs/hostview.h"
#include "rootfs/inroot.h"
#include "rootfs/mnt.h"
#include "rootfs/rootfs.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

enum { STACKED = 16 }; /* mounts over one another on the host's "/" */

/* What the host could not clone, in our copy of its namespace; the path must still be the same. */
static int clone_root(struct rootfs *r, struct err *e)
{
	struct mount_attr cut = { .propagation = r->plan->root_propagation == PROP_SLAVE
							 ? MS_SLAVE
							 : MS_PRIVATE };
	own_fd fd = mnt_clone_path(r->plan->root, AT_RECURSIVE | AT_SYMLINK_NOFOLLOW, r->root_fd);

	if (fd < 0)
		return err_set(e, -fd, "clone the mounts of '%s'", r->plan->root);
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &cut) < 0)
		return err_set(e, errno, "cut '%s' from the host's propagation", r->plan->root);
	fd_drop(&r->root_fd);
	r->root_fd = take_fd(fd);
	return 0;
}

/*
 * The root is attached over "/": there pivot_root accepts it, and for no_pivot that is already
 * the move. Our own root stays the host's mount below it, since a lookup that starts at the root
 * does not look for what is mounted on it; so the host's paths still work until the pivot.
 */
int rootfs_setup(struct rootfs *r, struct err *e)
{
	const struct rootfs_plan *p = r->plan;
	int k = 0;

	/* Modes here are exact; the payload's umask is set later. */
	umask(0);
	if (!p->mount_ns)
		return 0;
	/* Nothing that we mount or unmount here may reach the host. */
	if (p->shared_ns_root && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_set(e, errno, "make the mount namespace private");
	if (p->host_view)
		k = hostview_setup(r, e);
	else if (r->by_path)
		k = clone_root(r, e);
	if (k < 0)
		return k;
	if (!p->host_view &&
	    sys_move_mount(r->root_fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_set(e, errno, "attach the container's root");
	return 0;
}

/* Which mount does a path lead to? At the root ".." goes to whatever is mounted on top of it. */
static int mount_id(int fd, const char *path, uint64_t *id)
{
	struct statx st;

	if (statx(fd, path, AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return -errno;
	*id = st.stx_mnt_id;
	return st.stx_mask & STATX_MNT_ID ? 0 : -ENOSYS;
}

/*
 * Detach what lies over the new root: the old one, and before it whatever was mounted over that
 * (the tmpfs of a host view, or something of the host's). Nothing of it may be left.
 */
static int detach_host(const struct rootfs *r, struct err *e)
{
	uint64_t own, top;
	int k = mount_id(r->root_fd, "", &own);

	for (int i = 0; k == 0 && i < STACKED; i++) {
		if (umount2(".", MNT_DETACH) < 0)
			return err_set(e, errno, "detach the host's root");
		k = mount_id(AT_FDCWD, "..", &top);
		if (k == 0 && top == own)
			return 0;
	}
	return err_set(e, k < 0 ? -k : EBUSY, "make sure that the host's root is gone");
}

int rootfs_pivot(struct rootfs *r, struct err *e)
{
	if (fchdir(r->root_fd) < 0)
		return err_set(e, errno, "enter the container's root");
	r->pivoted = true;
	if (!r->plan->mount_ns || r->plan->no_pivot) {
		if (chroot(".") < 0)
			return err_set(e, errno, "chroot");
		return 0;
	}
	/* The old root lands on top of the new one, where "." finds it; we stand in the new one. */
	if (sys_pivot_root(".", ".") < 0) {
		err_set(e, errno, "pivot_root");
		if (e->code == EINVAL)
			err_hint(e, "on an initramfs pivot_root is not possible: use --no-pivot");
		return -e->code;
	}
	return detach_host(r, e);
}

static int set_root(const struct rootfs *r, struct err *e)
{
	struct mount_attr attr = { 0 };

	switch (r->plan->root_propagation) {
	case PROP_SHARED:
		attr.propagation = MS_SHARED;
		break;
	case PROP_UNBINDABLE:
		attr.propagation = MS_UNBINDABLE;
		break;
	case PROP_SLAVE: /* since it was cloned */
	case PROP_PRIVATE:
	case PROP_UNSET:
		break;
	}
	if (r->plan->root_readonly)
		attr.attr_set = MOUNT_ATTR_RDONLY;
	if (!attr.propagation && !attr.attr_set)
		return 0;
	if (sys_mount_setattr(r->root_fd, "", AT_EMPTY_PATH, &attr) < 0)
		return err_set(e, errno, "set the flags of the root");
	return 0;
}

int rootfs_finish(struct rootfs *r, struct err *e)
{
	const struct rootfs_plan *p = r->plan;
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	int k = p->mount_ns ? set_root(r, e) : 0;

	for (size_t i = 0; k == 0 && i < p->nmounts; i++)
		if (p->mounts[i].late_ro && r->mount_fd[i] >= 0 &&
		    sys_mount_setattr(r->mount_fd[i], "", AT_EMPTY_PATH, &ro) < 0)
			k = mnt_err(&p->mounts[i], errno, e);
	if (k < 0)
		return k;

	int root_fd = take_fd(r->root_fd), proc_fd = take_fd(r->proc_fd);

	if (proc_fd < 0 && p->proc_mount >= 0 && proc_usable(r))
		proc_fd = take_fd(r->mount_fd[p->proc_mount]);
	rootfs_close(r);
	r->root_fd = root_fd;
	r->proc_fd = proc_fd;
	return 0;
}

/* May the container's own procfs serve as the private one? Whole, writable, and mounted by us. */
bool proc_usable(const struct rootfs *r)
{
	const struct rootfs_plan *p = r->plan;
	/* an exec has no plan: what is mounted there is not ours */
	const struct mnt *m = !p || p->proc_mount < 0 ? NULL : &p->mounts[p->proc_mount];

	return m && r->mount_fd[p->proc_mount] >= 0 && !m->data &&
	       !((m->opts.attr_set | m->opts.rec_set) & MOUNT_ATTR_RDONLY);
}

static int private_proc(void)
{
	own_fd fs_fd = sys_fsopen("proc", FSOPEN_CLOEXEC);

	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;

	int fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC,
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Where no procfs can be mounted: the one we came from, or after the pivot the container's. */
static int other_proc(const struct rootfs *r)
{
	own_fd fd = r->pivoted ? inroot_open_plain(r->root_fd, "/proc", O_PATH | O_DIRECTORY)
			       : open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return r->pivoted ? fd : -errno;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	/* inode 1 is procfs' root since its beginning */
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != 1)
		return -ENOTTY;
	return take_fd(fd);
}

int rootfs_proc(struct rootfs *r, struct err *e)
{
	if (r->proc_fd >= 0)
		return r->proc_fd;
	if (proc_usable(r))
		return r->mount_fd[r->plan->proc_mount];
	r->proc_fd = private_proc();
	if (r->proc_fd < 0)
		r->proc_fd = other_proc(r);
	if (r->proc_fd < 0) {
		int code = -r->proc_fd;

		r->proc_fd = -1;
		return err_set(e, code, "mount a private procfs");
	}
	return r->proc_fd;
}
