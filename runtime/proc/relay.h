/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What berth does while a container runs in the foreground: one poll loop that copies between the
 * caller's descriptors and the container's terminal, hands signals on, and ends with the process.
 *
 * Theory of operation. Data flows while either side moves; nothing is read for which there is no
 * room, so nothing is lost. A slave end of our own keeps the master from hanging up when no one in
 * the container has the terminal open for a while (an init system between two gettys); after a
 * hang-up it is opened again. When the process has ended, what is still in the terminal is read
 * until the kernel has no more, then written out.
 */
#pragma once

#include <signal.h>

#include "runtime/base/attr.h"

struct err;

struct relay {
	int stdin_fd, stdout_fd; /* the caller's; -1: none */
	int master_fd; /* -1: no terminal, only signals and the end; becomes non-blocking */
	int pid_fd;    /* the container's process, a child of ours */
	int signal_fd; /* from relay_signals() */
};

/*
 * Block all signals that can be caught and return a signalfd for them; before the clone, so
 * that none is lost. The child sets an empty mask before it runs anything (berth's init does).
 * *was gets the mask from before.
 */
_must_check_ int relay_signals(sigset_t *was, struct err *e);

/*
 * Until the process ends; *status is its wait status and it is reaped. Signals go to the process,
 * but for SIGCHLD, SIGPIPE and SIGURG (nobody's business) and SIGWINCH (the size is copied). The
 * end of stdin, when that is no terminal, is typed as the end-of-file character. A stdout that is
 * closed or full stops nothing but output.
 */
_must_check_ int relay_run(const struct relay *r, int *status, struct err *e);
