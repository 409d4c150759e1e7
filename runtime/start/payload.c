/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/opt.h"
#include "runtime/base/sys.h"
#include "runtime/proc/proc.h"
#include "runtime/proc/tty.h"

enum { PRESERVE_MAX = 1024 };

int payload_labels(const struct proc_plan *p, struct rootfs *fs, bool userns, struct err *e)
{
	bool writes = p->p->oom_score_adj != UNSET_I32 || p->p->apparmor || p->p->selinux;
	int r = proc_early(p, e), proc_fd = -1;

	if (r == 0 && writes) {
		proc_fd = rootfs_proc(fs, e);
		r = proc_fd < 0 ? proc_fd : 0;
	}
	/* The proc files of a process that is not dumpable belong to the host's root: proc(5). */
	if (r == 0 && writes && userns && prctl(PR_SET_DUMPABLE, 1) < 0)
		r = err_set(e, errno, "prctl PR_SET_DUMPABLE");
	if (r == 0)
		r = proc_labels(p, proc_fd, e);
	if (r == 0 && writes && userns && prctl(PR_SET_DUMPABLE, 0) < 0)
		r = err_set(e, errno, "prctl PR_SET_DUMPABLE");
	return r;
}

/*
 * Pipes and sockets on 0, 1, 2 belong to whoever called us; the payload's user must be able to
 * open /dev/stdout again. Never a device or file of the host: only what has no name anywhere.
 */
static void own_stdio(const struct process_spec *p)
{
	struct stat st;

	for (int fd = 0; fd <= 2; fd++) {
		if (fstat(fd, &st) < 0 || st.st_uid == p->user.uid)
			continue;
		if (S_ISFIFO(st.st_mode) && st.st_nlink <= 1)
			(void)!fchown(fd, p->user.uid, (gid_t)-1);
	}
}

static int send_listener(int notify_fd, const char *state, int listener_fd, struct err *e)
{
	int r = notify_fd < 0 ? -ENOTCONN
			      : fd_send(notify_fd, state, strlen(state), &listener_fd, 1);

	return r < 0 ? err_set(e, -r, "send the seccomp listener") : 0;
}

int payload_become(const struct proc_plan *p, int root_fd, int tty_fd, int *listener_fd,
		   struct err *e)
{
	int r = 0;

	if (tty_fd >= 0)
		r = tty_attach(tty_fd, e);
	else if (p->p->user.uid != 0)
		own_stdio(p->p);
	return r < 0 ? r : proc_credentials(p, root_fd, listener_fd, e);
}

int payload_filter(const struct proc_plan *p, int *listener_fd, int notify_fd,
		   const char *notify_state, struct err *e)
{
	int r = proc_seccomp(p, listener_fd, e);

	if (r == 0 && *listener_fd >= 0)
		r = send_listener(notify_fd, notify_state, *listener_fd, e);
	fd_drop(listener_fd);
	return r;
}

/* All our descriptors are close-on-exec from birth; this is for those that a caller leaked. */
static int close_others(unsigned preserve, struct err *e)
{
	for (unsigned i = 0; i < preserve; i++)
		if (fcntl(3 + (int)i, F_SETFD, 0) < 0)
			return err_set(e, errno, "preserved descriptor %u", 3 + i);
	if (sys_close_range(3 + preserve, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		return err_set(e, errno, "close_range");
	return 0;
}

int payload_exec(const struct proc_plan *p, const char *program, const struct strv *env,
		 unsigned preserve, struct err *e)
{
	int r = close_others(preserve, e);

	return r < 0 ? r : proc_exec(p->p, program, env, e);
}

static unsigned listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
	unsigned long long for_pid, count;

	if (!pid || !n || opt_number(pid, INT32_MAX, &for_pid) < 0 ||
	    opt_number(n, PRESERVE_MAX, &count) < 0 || (pid_t)for_pid != getpid())
		return 0;
	return (unsigned)count;
}

/* Nothing of ours is open yet but the log. */
static int close_leaked(unsigned preserve)
{
	unsigned first = 3 + preserve, log = (unsigned)log_fd();

	if (log_fd() < 0)
		return sys_close_range(first, ~0u, 0);
	if (log > first && sys_close_range(first, log - 1, 0) < 0)
		return -1;
	return sys_close_range(log + 1, ~0u, 0);
}

int payload_preserve(unsigned *n, struct strv *listen_env, struct arena *a, struct err *e)
{
	unsigned listening = listen_fds();
	const char *names = getenv("LISTEN_FDNAMES");

	if (*n > PRESERVE_MAX)
		return err_text(e, EINVAL, "--preserve-fds %u: more than %d", *n, PRESERVE_MAX);
	*n += listening;
	for (unsigned i = 0; i < *n; i++) {
		int fd = 3 + (int)i;

		if (fcntl(fd, F_GETFD) < 0 || fd == log_fd())
			return err_text(e, EBADF, "preserved descriptor %d (of %u) is not open", fd,
					*n);
	}
	if (close_leaked(*n) < 0)
		return err_set(e, errno, "close_range");
	if (!listening)
		return 0;
	strv_add(listen_env, a, arena_printf(a, "LISTEN_FDS=%u", listening));
	strv_add(listen_env, a, "LISTEN_PID=1");
	if (names)
		strv_add(listen_env, a, arena_printf(a, "LISTEN_FDNAMES=%s", names));
	return 0;
}
