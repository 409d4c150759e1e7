/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "rootfs/mnt.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

int mnt_clone_path(const char *path, unsigned flags, int expect_fd)
{
	own_fd fd = sys_open_tree(AT_FDCWD, path, flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct stat want, got;

	if (fd < 0)
		return -errno;
	if (expect_fd < 0)
		return take_fd(fd);
	if (fstat(fd, &got) < 0 || fstat(expect_fd, &want) < 0)
		return -errno;
	/* The host opened the one, we the other: the path must not have changed in between. */
	if (got.st_dev != want.st_dev || got.st_ino != want.st_ino)
		return -ESTALE;
	return take_fd(fd);
}

/* /proc may only be covered by a procfs: what the runtime writes there must not go elsewhere. */
static int check_proc(const struct mnt *m, int fd, struct err *e)
{
	struct statfs fs;

	if (strcmp(m->dest, "/proc") != 0)
		return 0;
	if (fstatfs(fd, &fs) < 0)
		return mnt_err(m, errno, e);
	if (fs.f_type != PROC_SUPER_MAGIC)
		return mnt_err_text(m, EPERM,
				    "only a procfs can be mounted on /proc, and this is none", e);
	return 0;
}

/* What the host could not clone for us, in our own copy of its mount namespace. */
static int clone_late(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	unsigned rec = m->opts.flags & MOPT_RBIND ? AT_RECURSIVE : 0;
	unsigned link = m->opts.flags & MOPT_SRC_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
	own_fd fd = mnt_clone_path(m->source, rec | link, r->source_fd[i]);
	int k;

	/* Mounts below, in a user namespace, cannot be left out: they hide what they cover. */
	if (fd == -EINVAL && !rec) {
		fd = mnt_clone_path(m->source, AT_RECURSIVE | link, r->source_fd[i]);
		rec = AT_RECURSIVE;
	}
	if (fd < 0)
		return mnt_err(m, fd, e);
	k = mnt_attrs(&m->opts, fd, rec, true, true);
	if (k == -EPERM) {
		mnt_err(m, k, e);
		return err_hint(
			e, "the source's mount has flags (nosuid, nodev, noexec, ro, atime) that "
			   "a user namespace cannot take away");
	}
	return k < 0 ? mnt_err(m, k, e) : take_fd(fd);
}

int mnt_apply_bind(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	own_fd fd = r->by_path ? clone_late(r, i, e) : take_fd(r->source_fd[i]);
	int k;

	if (fd < 0)
		return fd;
	fd_drop(&r->source_fd[i]);
	k = check_proc(m, fd, e);
	return k < 0 ? k : mnt_attach(r, i, &fd, -1, e);
}

/* copy-symlink: the link itself is made anew; anything else is bound as always. */
int mnt_apply_link(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	char text[PATH_MAX], old[PATH_MAX];
	ssize_t n = readlinkat(r->source_fd[i], "", text, sizeof(text) - 1);
	const char *name;

	if (n < 0)
		return errno == ENOENT || errno == EINVAL ? mnt_apply_bind(r, i, e)
							  : mnt_err(m, errno, e);
	text[n] = 0;

	own_fd dir_fd = inroot_make_parent(r->root_fd, m->dest, &name, e);

	if (dir_fd < 0)
		return dir_fd;
	if (symlinkat(text, dir_fd, name) == 0)
		return 0;
	if (errno != EEXIST)
		return mnt_err(m, errno, e);
	n = readlinkat(dir_fd, name, old, sizeof(old) - 1);
	if (n >= 0) {
		old[n] = 0;
		if (!strcmp(old, text))
			return 0;
	}
	return mnt_err_text(m, EEXIST, "something else than that symlink is there already", e);
}

static int reconfigure(const struct mnt *m, int fd, struct err *e)
{
	const char *data = m->data;
	char word[PATH_MAX];
	own_fd fs_fd = sys_fspick(fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);

	if (fs_fd < 0)
		return mnt_err(m, errno, e);
	for (;;) {
		int k = mnt_data_next(&data, word, sizeof(word));

		if (k == 0)
			break;
		if (k < 0)
			return mnt_err(m, k, e);

		char *value = strchr(word, '=');

		if (value)
			*value++ = 0;
		if (sys_fsconfig(fs_fd, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, word,
				 value, 0) < 0)
			return mnt_err(m, errno, e);
	}
	if (sys_fsconfig(fs_fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return mnt_err(m, errno, e);
	return 0;
}

/* Flags that are not named stay: in a user namespace the locked ones could not go anyway. */
int mnt_apply_remount(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	own_fd fd = inroot_open(r->root_fd, m->dest, O_PATH);
	bool rec = m->opts.flags & MOPT_RBIND || m->opts.propagation_rec || m->opts.rec_set ||
		   m->opts.rec_clear;
	int k = 0;

	if (fd < 0)
		return mnt_err(m, fd, e);
	if (m->data && !(m->opts.flags & MOPT_BIND))
		k = reconfigure(m, fd, e);
	if (k < 0)
		return k;
	k = mnt_attrs(&m->opts, fd, rec, false, false);
	if (k == -EINVAL)
		return mnt_err_text(m, k, "nothing is mounted there that could be remounted", e);
	return k < 0 ? mnt_err(m, k, e) : 0;
}
