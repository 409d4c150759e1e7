/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/hostview.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "rootfs/mnt.h"
#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

static bool on_disk(const char *type)
{
	static const char *const types[] = { "ext2",  "ext3", "ext4",     "xfs",
					     "btrfs", "f2fs", "bcachefs", "zfs" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i], type))
			return true;
	return false;
}

/* mountinfo writes space, tab, newline and backslash in octal. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

static int by_path(const void *x, const void *y)
{
	const struct layer *a = x, *b = y;

	return strcmp(a->path, b->path);
}

/* "36 35 98:0 /root /mount/point rw,noatime [tags] - ext4 /dev/x rw" */
static const char *wanted(char *line)
{
	char *save = NULL, *path = NULL, *word = strtok_r(line, " ", &save);

	for (int i = 0; word && strcmp(word, "-") != 0; i++) {
		if (i == 4)
			path = word;
		word = strtok_r(NULL, " ", &save);
	}
	word = word ? strtok_r(NULL, " ", &save) : NULL;
	if (!path || !word || !on_disk(word))
		return NULL;
	unescape(path);
	if (!strcmp(path, "/") || path[0] != '/' || hostview_hidden(path))
		return NULL;
	return path;
}

void hostview_parse(char *mountinfo, struct arena *a, struct layer **v, size_t *n)
{
	size_t lines = 1, kept = 0;
	char *save = NULL;

	for (const char *p = mountinfo; *p; p++)
		lines += *p == '\n';
	*v = arena_array(a, lines + 1, sizeof(**v));
	*n = 1;
	(*v)[0] = (struct layer){ .path = "/", .lower_fd = -1 };
	for (char *line = strtok_r(mountinfo, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *path = wanted(line);

		if (path)
			(*v)[(*n)++] = (struct layer){ arena_strdup(a, path), -1 };
	}
	qsort(*v + 1, *n - 1, sizeof(**v), by_path);
	for (size_t i = 0; i < *n; i++)
		if (!i || strcmp((*v)[i].path, (*v)[kept - 1].path) != 0)
			(*v)[kept++] = (*v)[i];
	*n = kept;
}

static int read_mounts(struct buf *b, struct err *e)
{
	own_fd fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	int k = fd < 0 ? -errno : fd_read_all(fd, 64 << 20, b);

	return k < 0 ? err_set(e, -k, "read /proc/self/mountinfo") : 0;
}

/* The layer as a detached mount, read-only and cut from the host's propagation. */
static int open_layer(struct layer *l, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE };
	own_fd fd = sys_open_tree(AT_FDCWD, l->path,
				  OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr) < 0)
		return err_set(e, errno, "clone the host's '%s'", l->path);
	/* a single file that is bound somewhere is no layer */
	if (S_ISDIR(st.st_mode))
		l->lower_fd = take_fd(fd);
	return 0;
}

int hostview_open(struct rootfs *r, struct arena *a, struct err *e)
{
	struct hostview *view = arena_alloc(a, sizeof(*view));
	own_buf text = BUF_INIT;
	int k = read_mounts(&text, e);

	if (k < 0)
		return k;
	buf_puts(&text, "");
	hostview_parse(text.data, a, &view->v, &view->n);
	r->view = view;
	k = open_layer(&view->v[0], e);
	/*
	 * no privilege, or only that of a user namespace, where mounts cannot be cloned one by one
	 */
	if (k == -EPERM || k == -EINVAL) {
		r->by_path = true;
		r->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		return r->root_fd < 0 ? err_set(e, errno, "open '/'") : 0;
	}
	for (size_t i = 1; k == 0 && i < view->n; i++) {
		k = open_layer(&view->v[i], e);
		/* covered by another mount, or gone: it is not seen from here either */
		if (k == -ENOENT || k == -EACCES || k == -ENOTDIR)
			k = 0;
	}
	return k;
}

int hostview_idmap(struct rootfs *r, int userns_fd, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (uint64_t)(unsigned)userns_fd };

	for (size_t i = 0; !r->by_path && i < r->view->n; i++) {
		struct layer *l = &r->view->v[i];

		if (l->lower_fd < 0 ||
		    sys_mount_setattr(l->lower_fd, "", AT_EMPTY_PATH, &attr) == 0)
			continue;
		if (i > 0 && errno == EINVAL) {
			fd_drop(&l->lower_fd);
			continue;
		}
		err_set(e, errno, "id-map the host's '%s'", l->path);
		return err_hint(e,
				"its file system must support id-mapped mounts (ext4, xfs, "
				"btrfs); give a root file system of the container's own instead");
	}
	return 0;
}

void hostview_close(struct rootfs *r)
{
	for (size_t i = 0; i < r->view->n; i++)
		fd_drop(&r->view->v[i].lower_fd);
}

/* The tmpfs that holds the upper layers; over our old root, out of everybody's sight. */
static int open_stage(struct err *e)
{
	own_fd fs_fd = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "mode", "755", 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_set(e, errno, "make a tmpfs for the view's changes");

	own_fd fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, 0);

	if (fd < 0 || sys_move_mount(fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_set(e, errno, "attach a tmpfs for the view's changes");
	return take_fd(fd);
}

/* Names of layer i below the stage: "l0", "u0", "w0" */
static void stage_name(char name[24], char kind, size_t i)
{
	snprintf(name, 24, "%c%zu", kind, i);
}

/* The upper root takes the place of the lower one: it must look like it. */
static int make_upper(int stage_fd, const char *name, int lower_fd)
{
	struct stat st;

	if (fstat(lower_fd, &st) < 0 || mkdirat(stage_fd, name, st.st_mode & 07777) < 0)
		return -1;
	return fchownat(stage_fd, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW);
}

/* One overlay, detached. Its layers' names are relative: the stage is the working directory. */
static int mount_layer(const struct rootfs *r, int stage_fd, size_t i, struct err *e)
{
	struct layer *l = &r->view->v[i];
	char lower[24], upper[24], work[24];

	stage_name(lower, 'l', i);
	stage_name(upper, 'u', i);
	stage_name(work, 'w', i);
	if (mkdirat(stage_fd, lower, 0700) < 0 || mkdirat(stage_fd, work, 0700) < 0 ||
	    sys_move_mount(l->lower_fd, "", stage_fd, lower, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    make_upper(stage_fd, upper, l->lower_fd) < 0)
		return err_set(e, errno, "prepare the view of '%s'", l->path);

	own_fd fs_fd = sys_fsopen("overlay", FSOPEN_CLOEXEC);
	bool userns = r->plan->new_userns || r->plan->in_userns;

	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", "berth", 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "lowerdir", lower, 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "upperdir", upper, 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "workdir", work, 0) < 0 ||
	    (userns && sys_fsconfig(fs_fd, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0) ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_set(e, errno, "mount the view of '%s' (overlay)", l->path);

	int fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);

	if (fd < 0)
		return err_set(e, errno, "mount the view of '%s' (overlay)", l->path);
	return fd;
}

static int attach_layer(const struct rootfs *r, const struct layer *l, int fd, struct err *e)
{
	own_fd target_fd = inroot_open_plain(r->root_fd, l->path, O_PATH | O_DIRECTORY);

	if (target_fd < 0)
		return err_set(e, -target_fd, "find '%s' in the view", l->path);
	if (sys_move_mount(fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_set(e, errno, "attach the view of '%s'", l->path);
	return 0;
}

static int setup_layers(struct rootfs *r, struct err *e)
{
	own_fd stage_fd = open_stage(e);

	if (stage_fd < 0)
		return stage_fd;
	if (fchdir(stage_fd) < 0)
		return err_set(e, errno, "enter the view's tmpfs");
	for (size_t i = 0; i < r->view->n; i++) {
		if (r->view->v[i].lower_fd < 0)
			continue;

		own_fd fd = mount_layer(r, stage_fd, i, e);

		if (fd < 0)
			return fd;
		if (i == 0) {
			if (sys_move_mount(fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
				return err_set(e, errno, "attach the view");
			fd_drop(&r->root_fd);
			r->root_fd = take_fd(fd);
			continue;
		}

		int k = attach_layer(r, &r->view->v[i], fd, e);

		if (k < 0)
			return k;
	}
	return 0;
}

/* Without privilege on the host: everything as it is, read-only. */
static int setup_readonly(struct rootfs *r, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE };
	own_fd fd = mnt_clone_path("/", AT_RECURSIVE, r->root_fd);

	if (fd < 0)
		return err_set(e, -fd, "clone the host's mounts");
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr) < 0 ||
	    sys_move_mount(fd, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return err_set(e, errno, "attach the view");
	fd_drop(&r->root_fd);
	r->root_fd = take_fd(fd);
	return 0;
}

int hostview_setup(struct rootfs *r, struct err *e)
{
	int k = r->by_path ? setup_readonly(r, e) : setup_layers(r, e);

	return k < 0 ? k : hostview_hide(r, e);
}
