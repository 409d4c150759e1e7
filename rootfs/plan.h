/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a container's file system: arrays in the order of their effects, no fds.
 * rootfs_plan() fills it from the spec, rootfs_print() shows it, the other files walk it.
 * Private to rootfs/ and its tests; everyone else holds a pointer only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runtime/base/attr.h"
#include "specs/spec.h"

struct arena;
struct err;
struct faults;
struct mnt_kind; /* in rootfs/mnt.h */
struct rootfs_ctx;

/*
 * Where a mount goes. A mount point whose directory is ours (the root itself, a tmpfs we have
 * just made, a sysfs) needs no walk: its name goes to move_mount with that directory's fd.
 */
enum { MNT_WALK = -2, MNT_ROOT = -1 }; /* 0 and up: the index of the mount that holds it */

enum mnt_idmap { IDMAP_NONE, IDMAP_CONTAINER, IDMAP_OWN };

struct mnt {
	const struct mnt_kind *kind;
	const char *dest;   /* absolute, no "//", "." or ".." */
	const char *type;   /* never NULL */
	const char *source; /* a bind's is absolute; "none" where the spec has none */
	const char *data;   /* NULL: none */
	struct mountopts opts;
	int base;        /* MNT_WALK, MNT_ROOT or an index */
	const char *rel; /* dest below base; NULL with MNT_WALK */
	bool keep;       /* its fd is used again: mounts below, devices, masks */
	bool late_ro;    /* read-only only in the end: something is made inside it first */
	bool cgroup;     /* needs init in its cgroup */
	enum mnt_idmap idmap;
	size_t idmap_like; /* IDMAP_OWN: the first mount with equal maps */
	struct id_maps uid_maps, gid_maps;
};

struct dev {
	const char *path; /* absolute */
	const char *name; /* path below /dev without a slash; NULL: elsewhere */
	mode_t mode;      /* type and permissions */
	unsigned major, minor;
	uid_t uid;
	gid_t gid;
	bool listed; /* by the spec, not one of the defaults */
};

struct mask {
	const char *path;    /* absolute */
	const char *in_proc; /* the part below /proc that may be given to the kernel; or NULL */
	bool dir;            /* a guess that saves a call; the kernel says when it is wrong */
};

struct sysctl {
	const char *key;  /* as written */
	const char *file; /* "sys/net/ipv4/ip_forward" */
	const char *value;
};

struct rootfs_plan {
	const char *root;    /* absolute host path */
	bool host_view;      /* the root is a copy-on-write view of the host's */
	bool mount_ns;       /* a new mount namespace */
	bool shared_ns_root; /* the new namespace's mounts may still be shared with the host */
	bool new_userns, in_userns, new_pidns, cgroup_ns, cgroup_v1, no_pivot;
	bool root_readonly;
	enum propagation root_propagation;
	const char *mount_label;
	struct mnt *mounts;
	size_t nmounts;
	size_t first_cgroup;       /* index of the first cgroup mount; nmounts: none */
	int dev_mount, proc_mount; /* the last mounts on /dev and /proc; -1: none */
	bool make_devs;            /* false: /dev comes from the host */
	struct dev *devs;
	size_t ndevs;
	bool dev_link[8]; /* which rows of dev_links[] are wanted */
	struct mask *masks, *readonly;
	size_t nmasks, nreadonly;
	struct sysctl *sysctls;
	size_t nsysctls;
};

/* The fixed names of /dev: what is linked where. */
struct dev_link {
	const char *name, *target;
};
extern const struct dev_link dev_links[];
extern const size_t ndev_links;

/* An absolute path without "//", "/./" and a slash at its end; NULL when it has a "..". */
const char *plan_clean_path(struct arena *a, const char *path);

/* Is there a mount whose destination is exactly this path? Its index, the last one; or -1. */
int plan_mount_at(const struct rootfs_plan *p, const char *dest);

/* The parts that other files plan. */
void dev_plan(struct rootfs_plan *p, const struct spec *s, struct arena *a, struct faults *f);
void mask_plan(struct rootfs_plan *p, const struct spec *s, struct arena *a, struct faults *f);
void sysctl_plan(struct rootfs_plan *p, const struct spec *s, struct arena *a, struct faults *f);
void mnt_plan(struct rootfs_plan *p, const struct spec *s, const struct rootfs_ctx *ctx,
	      struct arena *a, struct faults *f);
