/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/hostview.h"
#include "rootfs/inroot.h"
#include "rootfs/mnt.h"
#include "rootfs/plan.h"
#include "rootfs/rootfs.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/path.h"
#include "runtime/base/sys.h"

/* What of the host is not in the view. */
static const struct hide {
	const char *path; /* a file's last component may be a pattern */
	const char *mode; /* a directory: of the tmpfs that covers it; NULL: a file */
	bool readonly;
} hides[] = {
	{ "/root", "700", false },
	{ "/home", "755", false },
	{ "/run", "755", false },
	{ "/tmp", "1777", false },
	{ "/var/tmp", "1777", false },
	{ "/var/lib/berth", "700", true },
	{ "/etc/ssl/private", "700", true },
	{ "/etc/shadow", NULL, false },
	{ "/etc/shadow-", NULL, false },
	{ "/etc/gshadow", NULL, false },
	{ "/etc/gshadow-", NULL, false },
	{ "/etc/krb5.keytab", NULL, false },
	{ "/etc/ssh/ssh_host_*", NULL, false },
};

bool hostview_hidden(const char *path)
{
	static const char *const own[] = { "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (path_below(path, own[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(hides); i++)
		if (hides[i].mode && path_below(path, hides[i].path))
			return true;
	return false;
}

/* A mount of the spec on the same place hides it as well. */
static bool wanted(const struct rootfs_plan *p, const struct hide *h)
{
	return plan_mount_at(p, h->path) < 0;
}

void hostview_print(const struct rootfs_plan *p, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(hides); i++)
		if (wanted(p, &hides[i]))
			fprintf(out, "hide %s\n", hides[i].path);
}

static int new_tmpfs(const struct hide *h)
{
	unsigned attr =
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (h->readonly ? MOUNT_ATTR_RDONLY : 0);
	own_fd fs_fd = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "mode", h->mode, 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;

	int fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, attr);

	return fd < 0 ? -errno : fd;
}

/* fd is consumed; a negative one is the error of making it */
static int cover(int target_fd, int fd, const char *path, struct err *e)
{
	own_fd mount_fd = fd;

	if (fd < 0)
		return err_set(e, -fd, "hide %s", path);
	if (sys_move_mount(mount_fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_set(e, errno, "hide %s", path);
	return 0;
}

static int hide_dir(struct rootfs *r, const struct hide *h, struct err *e)
{
	own_fd target_fd = inroot_open(r->root_fd, h->path, O_PATH | O_DIRECTORY);

	if (target_fd == -ENOENT || target_fd == -ENOTDIR)
		return 0;
	if (target_fd < 0)
		return err_set(e, -target_fd, "hide %s", h->path);
	return cover(target_fd, new_tmpfs(h), h->path, e);
}

/*
 * A file gives way to an empty one in the upper layer, so that what expects it finds it; in a
 * read-only view it is covered. The whiteout or the mount is all that is ever seen again.
 */
static int hide_file(struct rootfs *r, int dir_fd, const char *name, const char *path,
		     struct err *e)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "hide %s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, EISDIR, "hide %s", path);
	if (r->by_path) {
		own_fd target_fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

		if (target_fd < 0)
			return err_set(e, errno, "hide %s", path);
		return cover(target_fd, mnt_clone_path("/dev/null", 0, -1), path, e);
	}
	if (unlinkat(dir_fd, name, 0) < 0 || mknodat(dir_fd, name, S_IFREG | 0600, 0) < 0)
		return err_set(e, errno, "hide %s", path);
	return 0;
}

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int hide_pattern(struct rootfs *r, int dir_fd, const char *pattern, struct err *e)
{
	own_fd fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(close_dir) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!d)
		return err_set(e, errno, "hide %s", pattern);
	(void)take_fd(fd);
	for (entry = readdir(d); entry; entry = readdir(d)) {
		int k = fnmatch(pattern, entry->d_name, 0) == 0
				? hide_file(r, dir_fd, entry->d_name, entry->d_name, e)
				: 0;

		if (k < 0)
			return k;
	}
	return 0;
}

static int hide_files(struct rootfs *r, const struct hide *h, struct err *e)
{
	const char *slash = strrchr(h->path, '/');
	char dir[PATH_MAX];

	memcpy(dir, h->path, (size_t)(slash - h->path));
	dir[slash - h->path] = 0;

	own_fd dir_fd = inroot_open(r->root_fd, dir, O_PATH | O_DIRECTORY);

	if (dir_fd == -ENOENT || dir_fd == -ENOTDIR)
		return 0;
	if (dir_fd < 0)
		return err_set(e, -dir_fd, "hide %s", h->path);
	if (strchr(slash, '*'))
		return hide_pattern(r, dir_fd, slash + 1, e);
	return hide_file(r, dir_fd, slash + 1, h->path, e);
}

int hostview_hide(struct rootfs *r, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(hides); i++) {
		const struct hide *h = &hides[i];
		int k = !wanted(r->plan, h) ? 0 : h->mode ? hide_dir(r, h, e) : hide_files(r, h, e);

		if (k < 0)
			return k;
	}
	return 0;
}
