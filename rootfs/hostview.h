/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy-on-write view of the host's own system as a container's root.
 *
 * Theory of operation. Each file system of the host that lies on a disk (the root, and those
 * mounted below it) becomes the lower, read-only layer of an overlay of its own; the upper layers
 * are directories of one new tmpfs. The host clones the lower trees before the clone and, with a
 * user namespace, id-maps them once its maps are written, so that the host's root is the
 * container's. Init attaches them to the tmpfs, which lies over its old root and goes away with
 * it at the pivot: no path on the host's disk is used, none is changed, and the mounts need
 * nothing newer than Linux 5.19. A file system below the root that cannot be id-mapped is left
 * out: its mount point is seen as it is on the disk beneath. What must not be seen is hidden on
 * top (the table in hostview_hide.c), before the spec's own mounts.
 *
 * An unprivileged user, or root of a user namespace, cannot id-map, nor overlay a root with mounts
 * below it: there the view is a recursive, read-only bind of everything, with the same things
 * hidden.
 *
 * In a user namespace before Linux 6.6 a tmpfs has no user.* attributes: a directory of the host
 * that is removed inside cannot be made again under the same name (EIO).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runtime/base/attr.h"

struct arena;
struct err;
struct rootfs;
struct rootfs_plan;

struct layer {
	const char *path; /* on the host, and inside */
	int lower_fd;     /* -1: left out */
};
struct hostview {
	struct layer *v; /* v[0] is the root */
	size_t n;
};

_must_check_ int hostview_open(struct rootfs *r, struct arena *a, struct err *e);
_must_check_ int hostview_idmap(struct rootfs *r, int userns_fd, struct err *e);
_must_check_ int hostview_setup(struct rootfs *r, struct err *e);
void hostview_close(struct rootfs *r);

/* Hide what must not be seen. After the layers, before the spec's mounts. */
_must_check_ int hostview_hide(struct rootfs *r, struct err *e);

/* Is the host's path hidden (it, or what it lies in)? Such a file system needs no layer. */
bool hostview_hidden(const char *path);

/* "hide /root", a line for each row */
void hostview_print(const struct rootfs_plan *p, FILE *out);

/*
 * The mount points below "/" in a mountinfo text that deserve a layer, parents first, each once:
 * those of file systems on a disk, outside of what is hidden.
 */
void hostview_parse(char *mountinfo, struct arena *a, struct layer **v, size_t *n);
