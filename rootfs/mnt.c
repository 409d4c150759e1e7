/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/base/sys.h"

static const struct mnt_kind mnt_kinds[] = {
	{ "proc", HOLDS_KERNEL, .real_dir = true, .apply = mnt_apply_proc },
	{ "sysfs", HOLDS_KERNEL, .real_dir = true, .apply = mnt_apply_sysfs },
	{ "tmpfs", HOLDS_FRESH, .label = true, .apply = mnt_apply_tmpfs },
	{ "devpts", HOLDS_NOTHING, .label = true, .apply = mnt_apply_devpts },
	{ "mqueue", HOLDS_NOTHING, .apply = mnt_apply_fs },
	{ "cgroup", HOLDS_NOTHING, .apply = mnt_apply_cgroup },
	{ "cgroup2", HOLDS_NOTHING, .apply = mnt_apply_cgroup },
};
const struct mnt_kind mnt_generic = { NULL, HOLDS_NOTHING, .apply = mnt_apply_fs };
const struct mnt_kind mnt_bind = { NULL, HOLDS_NOTHING, .host_opens = true,
				   .apply = mnt_apply_bind };
const struct mnt_kind mnt_link = { NULL, HOLDS_NOTHING, .host_opens = true,
				   .apply = mnt_apply_link };
const struct mnt_kind mnt_remount = { NULL, HOLDS_NOTHING, .apply = mnt_apply_remount };

const struct mnt_kind *mnt_kind_of(const char *type)
{
	for (size_t i = 0; type && i < ARRAY_SIZE(mnt_kinds); i++)
		if (!strcmp(mnt_kinds[i].type, type))
			return &mnt_kinds[i];
	return &mnt_generic;
}

int mnt_err(const struct mnt *m, int code, struct err *e)
{
	return err_set(e, code < 0 ? -code : code, "error mounting \"%s\" to rootfs at \"%s\"",
		       m->source, m->dest);
}

int mnt_err_text(const struct mnt *m, int code, const char *why, struct err *e)
{
	return err_text(e, code < 0 ? -code : code, "error mounting \"%s\" to rootfs at \"%s\": %s",
			m->source, m->dest, why);
}

static int setattr(int fd, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear, .propagation = propagation };

	if (!set && !clear && !propagation)
		return 0;
	return sys_mount_setattr(fd, "", AT_EMPTY_PATH | flags, &attr) < 0 ? -errno : 0;
}

int mnt_attrs(const struct mountopts *o, int fd, bool rec, bool cloned, bool userns)
{
	uint64_t set = o->attr_set, clear = o->attr_clear, rec_set = o->rec_set,
		 rec_clear = o->rec_clear, prop = o->propagation, cut = 0;
	unsigned whole = rec ? AT_RECURSIVE : 0;
	int r;

	/*
	 * A clone is a peer of what it was cloned from. Cut it, unless the spec wants to see the
	 * host's mounts; and a user namespace must never mount into the host as a peer.
	 */
	if (cloned && (prop == MS_SLAVE || (prop == MS_SHARED && userns)))
		cut = MS_SLAVE;
	else if (cloned && prop != MS_SHARED)
		cut = MS_PRIVATE;
	else if (!rec || o->propagation_rec)
		cut = prop;
	if (!rec) {
		rec_set |= set;
		rec_clear |= clear;
		set = clear = 0;
	}
	r = setattr(fd, whole, rec_set, rec_clear, cut);
	if (r == 0 && prop && prop != cut)
		r = setattr(fd, o->propagation_rec ? whole : 0, 0, 0, prop);
	return r < 0 ? r : setattr(fd, 0, set, clear, 0);
}

/* The part of a mount's place that needs no walk. -1: it has to be walked. */
static int base_fd(const struct rootfs *r, const struct mnt *m)
{
	if (r->aliased || m->base == MNT_WALK)
		return -1;
	return m->base == MNT_ROOT ? r->root_fd : r->mount_fd[m->base];
}

static int make_at(int dir_fd, const char *name, bool dir)
{
	int r = dir ? mkdirat(dir_fd, name, 0755) : mknodat(dir_fd, name, S_IFREG | 0644, 0);

	return r < 0 && errno != EEXIST ? -errno : 0;
}

/* 0: attached. Anything else: the long way finds out what is wrong, or does it. */
static int attach_by_name(const struct rootfs *r, const struct mnt *m, int fd, int dir_fd)
{
	bool ours = m->base >= 0 && r->plan->mounts[m->base].kind->holds == HOLDS_FRESH;
	struct stat st = { .st_mode = S_IFDIR };

	if (m->kind->host_opens && fstat(fd, &st) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		if (ours || i > 0) {
			int k = make_at(dir_fd, m->rel, S_ISDIR(st.st_mode));

			if (k < 0)
				return k;
		}
		/* Without MOVE_MOUNT_T_SYMLINKS a symlink in the last place is not followed. */
		if (sys_move_mount(fd, "", dir_fd, m->rel, MOVE_MOUNT_F_EMPTY_PATH) == 0)
			return 0;
		if (errno != ENOENT || ours || m->base != MNT_ROOT)
			return -errno;
	}
	return -errno;
}

static bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Through symlinks: what the name says is no longer where it leads. */
static int target_aliased(struct rootfs *r, const struct mnt *m, struct err *e)
{
	int fd;

	if (m->kind->real_dir)
		return mnt_err_text(m, ELOOP, "the mount point must be a directory, not a symlink",
				    e);
	fd = inroot_open(r->root_fd, m->dest, O_PATH);
	if (fd == -ENOENT)
		return -ENOENT;
	if (fd < 0)
		return mnt_err(m, fd, e);
	r->aliased = true;
	if (is_procfs(fd) && !path_below(m->dest, "/proc")) {
		fd_drop(&fd);
		return mnt_err_text(m, EPERM, "the destination is a symlink into a procfs", e);
	}
	return fd;
}

int mnt_target(struct rootfs *r, size_t i, bool dir, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	int fd;

	if (m->opts.flags & MOPT_DEST_NOFOLLOW) {
		fd = inroot_open(r->root_fd, m->dest, O_PATH | O_NOFOLLOW);
		if (fd >= 0)
			return fd;
	}
	fd = inroot_open_plain(r->root_fd, m->dest, O_PATH);
	if (fd == -ELOOP)
		fd = target_aliased(r, m, e);
	if (fd == -ENOENT) {
		/* The walk may go through a dangling symlink. */
		struct err why = { 0 };

		fd = dir ? inroot_make_dir(r->root_fd, m->dest, 0755, &why)
			 : inroot_make_file(r->root_fd, m->dest, &why);
		if (fd < 0)
			return mnt_err_text(m, fd, why.text, e);
		return fd;
	}
	if (fd < 0 && !e->code)
		return mnt_err(m, fd, e);
	return fd;
}

/* The kernel says EINVAL for a directory on a file; engines look for the errno of old. */
static int attach_error(const struct mnt *m, int fd, int target_fd, int code, struct err *e)
{
	struct stat from, to;

	if (code == -EINVAL && fstat(fd, &from) == 0 && fstat(target_fd, &to) == 0 &&
	    S_ISDIR(from.st_mode) != S_ISDIR(to.st_mode)) {
		mnt_err(m, ENOTDIR, e);
		return err_hint(e, "%s is a %s but the source is a %s", m->dest,
				S_ISDIR(to.st_mode) ? "directory" : "file",
				S_ISDIR(from.st_mode) ? "directory" : "file");
	}
	return mnt_err(m, code, e);
}

static int attach_walk(struct rootfs *r, size_t i, int fd, int target_fd, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	own_fd opened_fd = -1;
	struct stat st = { .st_mode = S_IFDIR };

	if (target_fd < 0) {
		if (m->kind->host_opens && fstat(fd, &st) < 0)
			return mnt_err(m, errno, e);
		opened_fd = mnt_target(r, i, S_ISDIR(st.st_mode), e);
		if (opened_fd < 0)
			return opened_fd;
		target_fd = opened_fd;
	}
	if (sys_move_mount(fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return attach_error(m, fd, target_fd, -errno, e);
	return 0;
}

int mnt_attach(struct rootfs *r, size_t i, int *fd, int target_fd, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	int dir_fd = target_fd >= 0 ? -1 : base_fd(r, m);

	if (dir_fd < 0 || attach_by_name(r, m, *fd, dir_fd) < 0) {
		int k = attach_walk(r, i, *fd, target_fd, e);

		if (k < 0)
			return k;
	}
	if (m->keep)
		r->mount_fd[i] = take_fd(*fd);
	else
		fd_drop(fd);
	return 0;
}

int rootfs_mounts(struct rootfs *r, enum rootfs_part part, struct err *e)
{
	const struct rootfs_plan *p = r->plan;
	size_t from = part == ROOTFS_FROM_CGROUP ? p->first_cgroup : 0;
	size_t to = part == ROOTFS_FROM_CGROUP ? p->nmounts : p->first_cgroup;

	for (size_t i = from; i < to; i++) {
		int k = p->mounts[i].kind->apply(r, i, e);

		if (k < 0)
			return k;
	}
	return 0;
}
