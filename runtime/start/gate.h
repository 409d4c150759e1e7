/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between create and start: init waits on a socket in the container's state directory.
 *
 * Theory of operation. `create` makes ROOT/ID/start.sock (AF_UNIX, SOCK_SEQPACKET) before the
 * clone; init inherits the listening end and accepts when everything is set up. `start`
 * connects and says go; the connection is the token link from then on, so an exec that fails is
 * told to whoever called `start`. Init's exec closes the socket: as long as one can connect, the
 * container is created, not running. A connection that ends without go (a `start` that died, or
 * `state` looking) leaves init waiting. Signals that end a process by default end init too while it
 * waits: the kernel would drop them for a pid 1 without handlers.
 */
#pragma once

#include <stddef.h>

#include "runtime/base/attr.h"

struct err;
struct state_dir;

#define GATE_SOCKET "start.sock"

/* What go carries: the state for a seccomp listener, as text; empty when there is none. */
enum { GATE_TEXT_MAX = 60000 };

/* create, before the clone. Listening descriptor or negative. */
_must_check_ int gate_open(const struct state_dir *d, struct err *e);
void gate_remove(const struct state_dir *d);

/*
 * Init: wait for go. The connection, or negative; *notify_fd is -1 or the descriptor that came
 * with it; text gets the text.
 */
_must_check_ int gate_wait(int listen_fd, int *notify_fd, char *text, size_t size, struct err *e);

/* start: connect. -ECONNREFUSED, -ENOENT: nobody waits (it runs already). */
_must_check_ int gate_connect(const struct state_dir *d);

/* start: go. notify_fd -1: none. */
_must_check_ int gate_go(int conn_fd, int notify_fd, const char *text, struct err *e);
