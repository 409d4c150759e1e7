/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/spawn.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "runtime/base/err.h"
#include "runtime/base/sys.h"

/* Init walks the whole table on this stack; pages that are not touched cost nothing. */
enum { STACK = 1 << 20 };

struct broker {
	const struct spawn *work;
	int *pid_fd;
	pid_t init;
	struct err *e;
};

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

static int broker(void *arg)
{
	struct broker *b = arg;
	const struct spawn *w = b->work;

	for (size_t i = 0; i < w->njoin; i++)
		if (setns(w->join_fd[i], (int)w->join_flags[i]) < 0) {
			b->init = err_set(b->e, errno, "setns");
			return 0;
		}
	b->init = clone_init(w, CLONE_PARENT, b->pid_fd, b->e);
	return 0;
}

static pid_t spawn_joined(const struct spawn *w, int *pid_fd, struct err *e)
{
	struct broker b = { .work = w, .pid_fd = pid_fd, .init = -ECHILD, .e = e };
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return err_set(e, errno, "stack for joining namespaces");

	pid_t pid =
		clone(broker, stack + STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &b);

	if (pid < 0)
		b.init = err_set(e, errno, "clone");
	else
		(void)TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
	munmap(stack, STACK);
	if (b.init == -ECHILD)
		return err_text(e, ECHILD, "the process that joins the namespaces died");
	return b.init;
}

pid_t spawn(const struct spawn *w, int *pid_fd, struct err *e)
{
	return w->njoin ? spawn_joined(w, pid_fd, e) : clone_init(w, 0, pid_fd, e);
}
