/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/apart.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/proc/exeseal.h"

static _Noreturn void child(int sock_fd)
{
	struct err e = { 0 };
	int fd = -1;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		err_set(&e, errno, "unshare");
	else
		fd = exe_open(&e);
	(void)!fd_send(sock_fd, &e, sizeof(e), &fd, fd >= 0 ? 1 : 0);
	_exit(0);
}

int exe_open_apart(struct err *e)
{
	int pair[2], fd = -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "socketpair");

	pid_t pid = fork();

	if (pid == 0)
		child(pair[1]);
	fd_drop(&pair[1]);
	if (pid < 0)
		err_set(e, errno, "fork");
	else if (fd_recv(pair[0], e, sizeof(*e), &fd) != sizeof(*e))
		err_text(e, EPIPE, "the process that opens berth's own binary died");
	fd_drop(&pair[0]);
	if (pid > 0)
		(void)TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
	if (fd >= 0)
		return fd;
	return err_at(e, "protect berth's own binary from the container");
}
