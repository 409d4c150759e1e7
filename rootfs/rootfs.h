/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's file system: plan, then fds, then mounts.
 *
 * Theory of operation. rootfs_plan() turns the spec into arrays, without touching
 * anything. The host side opens what only it may open (bind sources, idmapped trees,
 * the host's root for a copy-on-write view) before the clone: rootfs_open(). Init then
 * builds the tree inside its own mount namespace, always on descriptors: a mount is made
 * detached (fsmount, open_tree), gets its attributes, and is attached with move_mount
 * to a descriptor that openat2(RESOLVE_IN_ROOT) returned. No path inside a rootfs is
 * ever handed to the kernel as a string from the host's root.
 *
 * Order of the INIT calls: rootfs_setup, rootfs_mounts (up to the first cgroup mount),
 * then, once init is in its cgroup, rootfs_mounts (the rest), rootfs_devices, [rootfs_console,
 * rootfs_sysctl, hooks], rootfs_mask, rootfs_pivot, rootfs_finish. Init must already be root of
 * its user namespace (setresuid 0 after the maps are written): a file system that it mounts
 * cannot hold files of an id that is not mapped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runtime/base/attr.h"

struct arena;
struct err;
struct faults;
struct hostview;
struct rootfs_plan; /* in rootfs/plan.h */
struct spec;

/* What the plan depends on beside the spec. */
struct rootfs_ctx {
	const char *bundle; /* absolute; relative sources and root.path start here */
	bool no_pivot;
	bool new_userns; /* the spec makes or joins a user namespace */
	bool in_userns;  /* berth itself runs in a user namespace that is not the initial one */
	bool cgroup_v1;  /* the host has v1 hierarchies (hybrid too) */
};

/* The fds of one start; init inherits them across the clone. */
struct rootfs {
	const struct rootfs_plan *plan;
	int root_fd;    /* O_PATH of the container's root (init: inside the new mount tree) */
	int *source_fd; /* one per mount of the plan; -1 where the host opens nothing */
	int *device_fd; /* one per device of the plan: the host's node where it must be bound */
	int *mount_fd;  /* init: one per mount, those that are used again */
	int proc_fd;    /* init: a private procfs; use rootfs_proc() */
	int dev_fd;     /* init: /dev inside */
	bool by_path;   /* host may not clone trees (rootless): the fds are O_PATH, init clones */
	bool aliased;   /* init: a mount went through a symlink, so names no longer tell places */
	bool pivoted;
	struct hostview *view; /* of a copy-on-write view of the host */
};
#define ROOTFS_INIT                                                                                \
	{                                                                                          \
		.root_fd = -1, .proc_fd = -1, .dev_fd = -1                                         \
	}

/* Pure. Faults (bad combinations) go to f with their JSON pointers, warnings too. */
_must_check_ int rootfs_plan(const struct spec *s, const struct rootfs_ctx *ctx, struct arena *a,
			     struct rootfs_plan **out, struct faults *f, struct err *e);

/* One line per effect, in the order of the effects, for `berth plan`. */
void rootfs_print(const struct rootfs_plan *p, FILE *out);

/*
 * Host, before the clone: open root.path (must exist, be a directory, not be a symlink) and all
 * bind sources as detached trees. Changes nothing on the host. The mapping of idmapped mounts
 * that have maps of their own is made here too (a user namespace in a short-lived child).
 */
_must_check_ int rootfs_open(struct rootfs *r, const struct rootfs_plan *p, struct arena *a,
			     struct err *e);
void rootfs_close(struct rootfs *r);

/* Is there an idmapped mount that uses the container's own maps? Then rootfs_idmap() is needed. */
bool rootfs_needs_userns(const struct rootfs_plan *p);

/* Host, after the container's uid and gid maps are written: idmap the trees that wait for them. */
_must_check_ int rootfs_idmap(struct rootfs *r, int userns_fd, struct err *e);

/*
 * Init: make propagation private (or slave), attach the rootfs to itself as a mount of its own,
 * take a private procfs handle. After this: root_fd is the new root mount.
 */
_must_check_ int rootfs_setup(struct rootfs *r, struct err *e);

enum rootfs_part { ROOTFS_BEFORE_CGROUP, ROOTFS_FROM_CGROUP };

/* Init: the spec's mounts in their order; the first part ends before the first cgroup mount. */
_must_check_ int rootfs_mounts(struct rootfs *r, enum rootfs_part part, struct err *e);

/* Init: default and listed devices, /dev symlinks, /dev/ptmx. */
_must_check_ int rootfs_devices(struct rootfs *r, struct err *e);

/* Init: bind the pty slave to /dev/console inside the container. Before the pivot. */
_must_check_ int rootfs_console(struct rootfs *r, int slave_fd, struct err *e);

/* Init: write the sysctls through a procfs of the container's own namespaces. */
_must_check_ int rootfs_sysctl(struct rootfs *r, struct err *e);

/* Init: masked and read-only paths. Before the pivot, after all mounts. */
_must_check_ int rootfs_mask(struct rootfs *r, struct err *e);

/* Init: pivot_root, MS_MOVE + chroot for no_pivot, or chroot without a mount namespace. */
_must_check_ int rootfs_pivot(struct rootfs *r, struct err *e);

/* Init, after the pivot: the root's propagation, the read-only root. Closes all but root_fd,
 * proc_fd. */
_must_check_ int rootfs_finish(struct rootfs *r, struct err *e);

/*
 * Init: the private procfs of the container's pid namespace, verified; made when it is asked for
 * the first time. Borrowed: rootfs_close() closes it. Needs CAP_SYS_ADMIN the first time.
 */
_must_check_ int rootfs_proc(struct rootfs *r, struct err *e);

/*
 * Init: write value to a file below the private procfs ("self/attr/exec", "self/oom_score_adj"),
 * never following a symlink out of it, and verified to be procfs.
 */
_must_check_ int rootfs_proc_write(struct rootfs *r, const char *file, const char *value,
				   struct err *e);
