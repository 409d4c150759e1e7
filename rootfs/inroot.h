/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every path inside a container goes through here: openat2 with RESOLVE_IN_ROOT and
 * RESOLVE_NO_MAGICLINKS, so symlinks work as inside and nothing leads outside.
 * Linux 5.6 or newer is required; there is no fallback.
 */
#pragma once

#include <sys/types.h>

#include "runtime/base/attr.h"

struct err;

/* Open; flags as open(2) (O_CLOEXEC is added). EAGAIN (a racing rename) is retried. fd or -errno. */
_must_check_ int inroot_open(int root_fd, const char *path, int flags);

/*
 * Make path a directory (mode 0755 for what is missing) or, for a file, an empty regular file;
 * one component at a time, on descriptors. O_PATH fd of it, or negative with *e set.
 */
_must_check_ int inroot_make_dir(int root_fd, const char *path, mode_t mode, struct err *e);
_must_check_ int inroot_make_file(int root_fd, const char *path, struct err *e);
