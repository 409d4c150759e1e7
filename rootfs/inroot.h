/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every path inside a container goes through here: openat2 with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS, so symlinks work as inside and nothing leads outside.
 * Linux 5.6 or newer is required; there is no fallback.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/attr.h"

struct err;

/*
 * Open; flags as open(2) (O_CLOEXEC is added). EAGAIN (a racing rename) is retried. fd or -errno.
 */
_must_check_ int inroot_open(int root_fd, const char *path, int flags);

/* The same without any symlink on the way: -ELOOP where there is one. fd or -errno. */
_must_check_ int inroot_open_plain(int root_fd, const char *path, int flags);

/*
 * Below a directory of the kernel's own (a procfs): never out of it, through no symlink but, for
 * a first component "self" or "thread-self", that one, and onto no other mount. fd or -errno.
 */
_must_check_ int inroot_open_beneath(int dir_fd, const char *path, int flags);

/*
 * Make path a directory (mode 0755 for what is missing on the way, mode for the last one) or, for
 * a file, an empty regular file; one component at a time, on descriptors. What exists already is
 * taken as it is, and through symlinks as the container would follow them; a dangling one is
 * followed too, inside the root. O_PATH fd of it, or negative with *e set.
 */
_must_check_ int inroot_make_dir(int root_fd, const char *path, mode_t mode, struct err *e);
_must_check_ int inroot_make_file(int root_fd, const char *path, struct err *e);

/* The same for the directory that holds path; *name is path's last component. O_PATH fd. */
_must_check_ int inroot_make_parent(int root_fd, const char *path, const char **name,
				    struct err *e);
