/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptor ownership. A variable or field named *_fd is owned by where it is
 * declared and holds -1 when empty; a parameter named *_fd is borrowed. Every
 * descriptor is close-on-exec from birth.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "runtime/base/attr.h"

/* Close and empty the slot; errno is kept. */
void fd_drop(int *fd);

#define own_fd _cleanup_(fd_drop) int

struct buf;
struct err;

/*
 * Read a regular file to its end into b, at most max bytes. -EFBIG when it is longer;
 * anything but a regular file is refused (a FIFO in an image must not hang us): -EINVAL.
 */
_must_check_ int fd_read_all(int fd, size_t max, struct buf *b);

/* Write all of it, over short writes and EINTR. 0 or -errno. */
_must_check_ int fd_write_all(int fd, const void *data, size_t len);

/*
 * Kernel files (cgroup, proc): one open, one write of the whole value. 0 or -errno.
 * The file must exist; its last component must not be a symlink.
 */
_must_check_ int fd_write_file_at(int dir_fd, const char *file, const char *value);

/* Read a small kernel file as text, without the newline at its end. Length or -errno. */
_must_check_ ssize_t fd_read_file_at(int dir_fd, const char *file, char *text, size_t size);

/* Hand descriptors and at least one byte of data over a connected AF_UNIX socket. 0 or -errno. */
_must_check_ int fd_send(int sock_fd, const void *data, size_t len, const int *fds, size_t nfds);

/*
 * Receive at most one descriptor with data; *fd is -1 when none came. Bytes read, 0 at the end,
 * or -errno. The new descriptor is close-on-exec.
 */
_must_check_ ssize_t fd_recv(int sock_fd, void *data, size_t len, int *fd);
