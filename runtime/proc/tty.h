/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminals: the container's own (opened from its devpts, never from the host's), the
 * caller's (raw while the container runs in the foreground), and the way to an engine's console
 * socket. The relay between the two is in relay.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "runtime/base/attr.h"

struct err;

/*
 * A new terminal from the devpts that is mounted on /dev/pts below root_fd. The path is hostile:
 * ptmx is only opened when the directory is a devpts, with nothing mounted on the file. rows
 * and cols: 0 leaves the size alone. The slave belongs to uid afterwards, its group stays what the
 * mount's gid= says. name: "/dev/pts/N" as seen inside. Both descriptors are the caller's.
 */
_must_check_ int tty_open(int root_fd, uint32_t rows, uint32_t cols, uid_t uid, int *master_fd,
			  int *slave_fd, char *name, size_t size, struct err *e);

/*
 * Make the terminal the controlling one of a new session and descriptors 0, 1 and 2. The
 * caller is not a process group leader, or already leads a session without a terminal.
 */
_must_check_ int tty_attach(int slave_fd, struct err *e);

/*
 * Hand the master to an engine's console socket: one message, the name and the descriptor. Paths
 * longer than a socket address work.
 */
_must_check_ int tty_send(const char *socket_path, int master_fd, const char *name, struct err *e);

/* The state of a terminal before tty_raw; "own_tty" restores it on every way out of a block. */
struct tty_saved {
	int fd; /* borrowed; -1: nothing to restore */
	struct termios was;
};
#define TTY_SAVED_INIT                                                                             \
	{                                                                                          \
		.fd = -1                                                                           \
	}
#define own_tty _cleanup_(tty_restore) struct tty_saved

/*
 * Raw mode, so that every key reaches the container. Call it with SIGTTOU blocked (relay_signals
 * does that), or a background job is stopped. A descriptor that is no terminal: nothing to do, 0.
 */
_must_check_ int tty_raw(int fd, struct tty_saved *saved, struct err *e);
void tty_restore(struct tty_saved *saved);

/* Give one terminal the size of another; quiet where one of the two is none. */
void tty_copy_size(int from_fd, int to_fd);
