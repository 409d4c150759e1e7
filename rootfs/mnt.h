/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How one mount of the plan is made. A file system type with behaviour of its own is a row of
 * mnt_kinds[]; everything else is the generic kind. Private to rootfs/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rootfs/plan.h"
#include "rootfs/rootfs.h"

/* What may be mounted inside one, by name alone, without a walk. */
enum mnt_holds {
	HOLDS_NOTHING, /* foreign content: symlinks */
	HOLDS_FRESH,   /* empty and ours: one component, made there */
	HOLDS_KERNEL,  /* the kernel's own names: any path */
};

struct mnt_kind {
	const char *type; /* NULL: selected by an option, or generic */
	enum mnt_holds holds;
	bool real_dir;   /* the mount point must be a directory, through no symlink */
	bool host_opens; /* rootfs_open() takes the source */
	bool label;      /* takes the spec's mountLabel as context= */
	int (*apply)(struct rootfs *r, size_t i, struct err *e);
};

extern const struct mnt_kind mnt_bind, mnt_link, mnt_remount, mnt_generic;
const struct mnt_kind *mnt_kind_of(const char *type);

int mnt_apply_fs(struct rootfs *r, size_t i, struct err *e); /* mnt_fs.c */
int mnt_apply_proc(struct rootfs *r, size_t i, struct err *e);
int mnt_apply_sysfs(struct rootfs *r, size_t i, struct err *e);
int mnt_apply_tmpfs(struct rootfs *r, size_t i, struct err *e); /* mnt_tmpfs.c */
int mnt_apply_devpts(struct rootfs *r, size_t i, struct err *e);
int mnt_apply_cgroup(struct rootfs *r, size_t i, struct err *e); /* mnt_cgroup.c */
int mnt_apply_bind(struct rootfs *r, size_t i, struct err *e);   /* mnt_bind.c */
int mnt_apply_link(struct rootfs *r, size_t i, struct err *e);
int mnt_apply_remount(struct rootfs *r, size_t i, struct err *e);

/* "error mounting "S" to rootfs at "D": why"; engines match it. Returns -code. */
int mnt_err(const struct mnt *m, int code, struct err *e);
int mnt_err_text(const struct mnt *m, int code, const char *why, struct err *e);

/*
 * Attach a detached mount (fd) at the destination of mount i, which is made where it is missing:
 * a file when the mount is one. target_fd >= 0: it was opened already. Keeps or closes fd.
 */
_must_check_ int mnt_attach(struct rootfs *r, size_t i, int *fd, int target_fd, struct err *e);

/* Open (or make, as a directory or file) the destination of mount i. O_PATH fd. */
_must_check_ int mnt_target(struct rootfs *r, size_t i, bool dir, struct err *e);

/*
 * Attributes and propagation of a detached mount or, rec, tree. cloned: it comes from the host,
 * so its propagation has to be cut even where the spec says nothing.
 */
_must_check_ int mnt_attrs(const struct mountopts *o, int fd, bool rec, bool cloned, bool userns);

/* The attributes of a new file system's one mount, for fsmount(2). */
unsigned mnt_new_attr(const struct mnt *m);

/*
 * A new file system of the plan's type and options, detached, with its attributes and propagation;
 * extra: further options, comma-joined, or NULL. fd or negative.
 */
_must_check_ int mnt_new_fs(const struct rootfs *r, const struct mnt *m, const char *type,
			    const char *extra, struct err *e);

/* The same; where gid= names a group that the user namespace does not map, without it. */
_must_check_ int mnt_new_fs_gid(const struct rootfs *r, const struct mnt *m, const char *extra,
				struct err *e);

/* What stands between commas, quotes respected: 1 and the word in text, 0 at the end, -E2BIG. */
int mnt_data_next(const char **data, char *text, size_t size);

/* Is key (or key=...) one of the comma-joined words? */
bool mnt_data_has(const char *data, const char *key);

/* Is a value longer than fsconfig(2) takes? Then mount i is made by mnt_apply_long(). */
bool mnt_data_long(const char *data);
_must_check_ int mnt_apply_long(struct rootfs *r, size_t i, struct err *e);

/* The flags of a mount in the language of mount(2) */
unsigned long mnt_ms_flags(const struct mnt *m);

/* Copy the tree below from_fd into to_fd: names, modes, owners, times, extended attributes. */
_must_check_ int copyup(int from_fd, int to_fd, struct err *e);

/* Clone a path of init's own (the host's) view; for what the host may not clone for us. */
_must_check_ int mnt_clone_path(const char *path, unsigned flags, int expect_fd);

/* May the container's own procfs serve as the private one? (pivot.c) */
bool proc_usable(const struct rootfs *r);

/* idmap.c */
_must_check_ int idmap_userns(const struct id_maps *uids, const struct id_maps *gids,
			      struct err *e);
_must_check_ int idmap_tree(const struct mnt *m, int tree_fd, int userns_fd, struct err *e);
