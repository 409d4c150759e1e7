/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "rootfs/mnt.h"
#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "specs/faults.h"

/*
 * Theory of operation. Below a procfs that we have mounted ourselves no name is anybody else's,
 * so with that directory as the working directory a mask is one mount(2) with a relative target;
 * the source is the host's /dev/null, looked at before, by its name in init's root, which is the
 * host's until the pivot. Everywhere else the target is opened by openat2 and a detached clone
 * is moved onto the descriptor. Never is the container's own /dev/null used.
 */
struct masker {
	struct rootfs *r;
	int proc_fd;               /* borrowed: our procfs; -1: none */
	const char *empty_in_proc; /* a name there that is masked by the empty directory */
	int empty_fd;              /* owned: the empty directory as a mount */
};

static int check_null(const struct stat *st, struct err *e)
{
	if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3))
		return 0;
	return err_text(e, ENODEV, "the host's /dev/null is not the null device (c 1:3)");
}

static int mask_err(const char *path, int code, const char *what, struct err *e)
{
	return err_set(e, code < 0 ? -code : code, "%s %s", what, path);
}

/* One empty, read-only tmpfs hides all directories. */
static int empty_open(struct masker *mk, struct err *e)
{
	own_fd fs_fd = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (fs_fd < 0 || sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "nr_inodes", "2", 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "mode", "555", 0) < 0 ||
	    sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_set(e, errno, "make an empty directory for masks");
	mk->empty_fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC,
				   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					   MOUNT_ATTR_NOEXEC);
	return mk->empty_fd < 0 ? err_set(e, errno, "make an empty directory for masks") : 0;
}

/*
 * The empty directory as a detached mount. The first time it is the file system itself, later
 * a clone of it where it is attached: a detached one cannot be cloned before Linux 6.15.
 */
static int empty_clone(struct masker *mk, struct err *e)
{
	if (mk->empty_fd < 0 && !mk->empty_in_proc) {
		int k = empty_open(mk, e);

		return k < 0 ? k : fcntl(mk->empty_fd, F_DUPFD_CLOEXEC, 3);
	}

	int fd = mk->empty_fd >= 0
			 ? sys_open_tree(mk->empty_fd, "",
					 AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)
			 : sys_open_tree(mk->proc_fd, mk->empty_in_proc,
					 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "clone the empty directory for masks") : fd;
}

static int mask_dir_in_proc(struct masker *mk, const char *name)
{
	const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	int r;

	if (mk->empty_in_proc)
		r = mount(mk->empty_in_proc, name, NULL, MS_BIND, NULL);
	else
		r = mount("tmpfs", name, "tmpfs", flags, "nr_inodes=2,mode=555");
	if (r == 0 && !mk->empty_in_proc)
		mk->empty_in_proc = name;
	return r < 0 ? -errno : 0;
}

static int mask_file_in_proc(const char *name)
{
	return mount("/dev/null", name, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

static int mask_in_proc(struct masker *mk, const struct mask *m, struct err *e)
{
	int k = m->dir ? mask_dir_in_proc(mk, m->in_proc) : mask_file_in_proc(m->in_proc);

	if (k == -ENOTDIR)
		k = m->dir ? mask_file_in_proc(m->in_proc) : mask_dir_in_proc(mk, m->in_proc);
	/* the target's absence alone is no error; /dev/null's was checked before */
	return k < 0 && k != -ENOENT ? mask_err(m->path, k, "mask", e) : 0;
}

static int mask_by_fd(struct masker *mk, const struct mask *m, struct err *e)
{
	own_fd target_fd = inroot_open(mk->r->root_fd, m->path, O_PATH);
	struct stat st;

	if (target_fd == -ENOENT || target_fd == -ENOTDIR)
		return 0;
	if (target_fd < 0 || fstat(target_fd, &st) < 0)
		return mask_err(m->path, target_fd < 0 ? target_fd : errno, "mask", e);

	bool dir = S_ISDIR(st.st_mode);
	own_fd fd = dir ? empty_clone(mk, e) : mnt_clone_path("/dev/null", 0, -1);

	if (fd < 0)
		return dir ? fd : mask_err(m->path, fd, "clone /dev/null to mask", e);
	if (fstat(fd, &st) < 0)
		return mask_err(m->path, errno, "mask", e);
	if (!dir && check_null(&st, e) < 0)
		return -e->code;
	if (sys_move_mount(fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return mask_err(m->path, errno, "mask", e);
	return 0;
}

static int readonly_in_proc(const struct masker *mk, const struct mask *m, struct err *e)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };

	if (mount(m->in_proc, m->in_proc, NULL, MS_BIND | MS_REC, NULL) < 0)
		return errno == ENOENT ? 0 : mask_err(m->path, errno, "make read-only", e);
	if (sys_mount_setattr(mk->proc_fd, m->in_proc, AT_RECURSIVE | AT_SYMLINK_NOFOLLOW, &ro) < 0)
		return mask_err(m->path, errno, "make read-only", e);
	return 0;
}

static int readonly_by_fd(const struct masker *mk, const struct mask *m, struct err *e)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	own_fd target_fd = inroot_open(mk->r->root_fd, m->path, O_PATH);

	if (target_fd == -ENOENT || target_fd == -ENOTDIR)
		return 0;
	if (target_fd < 0)
		return mask_err(m->path, target_fd, "make read-only", e);

	/* A clone keeps the flags of what it was cloned from; only this one is added. */
	own_fd fd = sys_open_tree(
		target_fd, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &ro) < 0 ||
	    sys_move_mount(fd, "", target_fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return mask_err(m->path, errno, "make read-only", e);
	return 0;
}

static int apply_all(struct masker *mk, struct err *e)
{
	const struct rootfs_plan *p = mk->r->plan;
	int k = 0;

	for (size_t i = 0; k == 0 && i < p->nreadonly; i++) {
		const struct mask *m = &p->readonly[i];

		k = mk->proc_fd >= 0 && m->in_proc ? readonly_in_proc(mk, m, e)
						   : readonly_by_fd(mk, m, e);
	}
	for (size_t i = 0; k == 0 && i < p->nmasks; i++) {
		const struct mask *m = &p->masks[i];

		k = mk->proc_fd >= 0 && m->in_proc ? mask_in_proc(mk, m, e) : mask_by_fd(mk, m, e);
	}
	return k;
}

int rootfs_mask(struct rootfs *r, struct err *e)
{
	const struct rootfs_plan *p = r->plan;
	struct masker mk = { .r = r, .proc_fd = -1, .empty_fd = -1 };
	struct stat st;
	int k;

	if (!p->nmasks && !p->nreadonly)
		return 0;
	if (r->pivoted)
		return err_text(e, EINVAL, "masks must come before the pivot");
	if (p->nmasks) {
		if (stat("/dev/null", &st) < 0)
			return err_set(e, errno, "the host's /dev/null");
		k = check_null(&st, e);
		if (k < 0)
			return k;
	}
	if (p->proc_mount >= 0 && r->mount_fd[p->proc_mount] >= 0) {
		mk.proc_fd = r->mount_fd[p->proc_mount];
		if (fchdir(mk.proc_fd) < 0)
			return err_set(e, errno, "enter the container's /proc");
	}
	k = apply_all(&mk, e);
	fd_drop(&mk.empty_fd);
	return k;
}

/* Names below /proc that are no symlinks of procfs, so that the kernel may look them up. */
static const char *in_proc(const char *path)
{
	static const char *const links[] = { "self", "thread-self", "net", "mounts", "fs" };
	const char *rel = path + strlen("/proc/");
	size_t len;

	if (strncmp(path, "/proc/", strlen("/proc/")) != 0)
		return NULL;
	len = strcspn(rel, "/");
	if (!rel[len] && len)
		return rel[0] >= '0' && rel[0] <= '9' ? NULL : rel;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (strlen(links[i]) == len && !strncmp(rel, links[i], len))
			return NULL;
	return rel[0] >= '0' && rel[0] <= '9' ? NULL : rel;
}

static struct mask *plan_list(const struct strv *l, const char *field, size_t *n, struct arena *a,
			      struct faults *f)
{
	static const char *const dirs[] = { "/proc/acpi", "/proc/asound", "/proc/scsi",
					    "/proc/bus",  "/proc/fs",     "/proc/irq" };
	struct mask *v = arena_array(a, l->n, sizeof(*v));

	for (size_t i = 0; i < l->n; i++) {
		const char *path = l->v[i][0] == '/' ? plan_clean_path(a, l->v[i]) : NULL;
		struct mask *m = &v[*n];

		if (!path) {
			fault_add(f, FAULT_INVALID, arena_printf(a, "/linux/%s/%zu", field, i),
				  "must be an absolute path without \"..\"");
			continue;
		}
		if (!strcmp(path, "/")) {
			fault_add(f, FAULT_INVALID, arena_printf(a, "/linux/%s/%zu", field, i),
				  "is the root; root.readonly makes that read-only");
			continue;
		}
		m->path = path;
		m->in_proc = in_proc(path);
		for (size_t k = 0; k < ARRAY_SIZE(dirs); k++)
			m->dir = m->dir || !strcmp(path, dirs[k]);
		++*n;
	}
	return v;
}

void mask_plan(struct rootfs_plan *p, const struct spec *s, struct arena *a, struct faults *f)
{
	p->masks = plan_list(&s->masked_paths, "maskedPaths", &p->nmasks, a, f);
	p->readonly = plan_list(&s->readonly_paths, "readonlyPaths", &p->nreadonly, a, f);
}
