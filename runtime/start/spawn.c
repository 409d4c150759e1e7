/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/spawn.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/sys.h"

static pid_t clone_init(const struct spawn *w, unsigned long extra, int *pid_fd, struct err *e)
{
	struct clone_args args = {
		.flags = w->flags | extra | CLONE_PIDFD |
			 (w->cgroup_fd >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)pid_fd,
		.exit_signal = extra & CLONE_PARENT ? 0 : SIGCHLD,
		.cgroup = w->cgroup_fd >= 0 ? (unsigned)w->cgroup_fd : 0,
	};
	pid_t pid = sys_clone3(&args);

	if (pid == 0)
		w->child(w->arg);
	if (pid > 0)
		return pid;
	*pid_fd = -1;
	err_set(e, errno, "clone3");
	if (e->code == EPERM || e->code == ENOSPC || e->code == EUSERS)
		err_hint(e, "a limit or a policy forbids new namespaces: see sysctl "
			    "user.max_*_namespaces, "
			    "kernel.unprivileged_userns_clone, "
			    "kernel.apparmor_restrict_unprivileged_userns");
	if (e->code == EAGAIN)
		err_hint(
			e,
			"the limit of processes is reached (RLIMIT_NPROC or pids.max of a cgroup)");
	return -e->code;
}

static pid_t join_and_clone(const struct spawn *w, struct err *e)
{
	int ignored = -1;

	for (size_t i = 0; i < w->njoin; i++)
		if (setns(w->join_fd[i], (int)w->join_flags[i]) < 0)
			return err_set(e, errno, "setns");
	return clone_init(w, CLONE_PARENT, &ignored, e);
}

/*
 * The broker has our memory: what it writes we read. Init is our child, so its pid is safe to open.
 */
static pid_t spawn_joined(const struct spawn *w, int *pid_fd, struct err *e)
{
	volatile pid_t init = -ECHILD;
	pid_t broker = vfork();

	if (broker == 0) {
		init = join_and_clone(w, e);
		_exit(0);
	}
	if (broker < 0)
		return err_set(e, errno, "vfork");
	(void)TEMP_FAILURE_RETRY(waitpid(broker, NULL, 0));
	if (init == -ECHILD)
		return err_text(e, ECHILD, "the process that joins the namespaces died");
	if (init < 0)
		return init;
	*pid_fd = sys_pidfd_open(init, 0);
	if (*pid_fd >= 0)
		return init;
	err_set(e, errno, "pidfd_open");
	kill(init, SIGKILL);
	(void)TEMP_FAILURE_RETRY(waitpid(init, NULL, 0));
	return -e->code;
}

pid_t spawn(const struct spawn *w, int *pid_fd, struct err *e)
{
	return w->njoin ? spawn_joined(w, pid_fd, e) : clone_init(w, 0, pid_fd, e);
}
