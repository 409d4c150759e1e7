/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/sys.h"

struct hook_io {
	int in_fd, out_fd, err_fd;
};

static void io_close(struct hook_io *io)
{
	fd_drop(&io->in_fd);
	fd_drop(&io->out_fd);
	fd_drop(&io->err_fd);
}

static int io_open(struct hook_io *io, const char *state, struct err *e)
{
	size_t len = strlen(state);

	io->in_fd = memfd_create("hook-stdin", MFD_CLOEXEC);
	io->out_fd = memfd_create("hook-stdout", MFD_CLOEXEC);
	io->err_fd = memfd_create("hook-stderr", MFD_CLOEXEC);
	if (io->in_fd < 0 || io->out_fd < 0 || io->err_fd < 0)
		return err_set(e, errno, "memfd_create for a hook");

	int r = fd_write_all(io->in_fd, state, len);

	if (r < 0)
		return err_set(e, -r, "write the state for a hook");
	if (lseek(io->in_fd, 0, SEEK_SET) < 0)
		return err_set(e, errno, "rewind the state for a hook");
	return 0;
}

/* In the child: never returns. Exit status 127 with the reason in errno's words on stderr. */
static _Noreturn void child(const struct hook_spec *h, const struct hook_io *io, const char *cwd,
			    pid_t parent)
{
	static char *const none[] = { NULL };
	char *just_path[] = { (char *)h->path, NULL };
	char *const *argv = h->args.n ? h->args.v : just_path;
	char *const *envp = h->env.v ? h->env.v : none;
	sigset_t empty;

	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setpgid(0, 0);
	if (cwd && chdir(cwd) < 0) {
		dprintf(io->err_fd, "chdir %s: %s", cwd, strerror(errno));
		_exit(127);
	}
	if (dup2(io->in_fd, 0) < 0 || dup2(io->out_fd, 1) < 0 || dup2(io->err_fd, 2) < 0)
		_exit(127);
	if (sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		_exit(127);
	execve(h->path, argv, envp);
	dprintf(2, "exec %s: %s", h->path, strerror(errno));
	_exit(127);
}

/* The end of what the hook wrote, on one line. */
static void tail(int fd, char *text, size_t size)
{
	off_t end = lseek(fd, 0, SEEK_END),
	      from = end > (off_t)size - 1 ? end - (off_t)size + 1 : 0;
	ssize_t n = end < 0 ? -1 : pread(fd, text, size - 1, from);

	n = n < 0 ? 0 : n;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
}

static int failed(const struct hook_io *io, int status, struct err *e)
{
	char out[300], errs[300];

	tail(io->out_fd, out, sizeof(out));
	tail(io->err_fd, errs, sizeof(errs));
	if (WIFSIGNALED(status))
		return err_text(e, EIO, "signal: %s, stdout: %s, stderr: %s",
				strsignal(WTERMSIG(status)), out, errs);
	return err_text(e, EIO, "exit status %d, stdout: %s, stderr: %s", WEXITSTATUS(status), out,
			errs);
}

static int wait_hook(pid_t pid, int timeout, int signal_fd, int *status, struct err *e)
{
	own_fd pid_fd = sys_pidfd_open(pid, 0);
	struct pollfd p[] = { { .fd = pid_fd, .events = POLLIN },
			      { .fd = signal_fd, .events = POLLIN } };
	int ms = timeout && timeout < INT_MAX / 1000 ? timeout * 1000 : -1;
	int r = pid_fd < 0 ? -1 : TEMP_FAILURE_RETRY(poll(p, 2, ms));
	bool over = r > 0 && p[0].revents;

	if (!over) {
		/* The group may not exist yet, or the hook may have left it. */
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
	(void)TEMP_FAILURE_RETRY(waitpid(pid, status, 0));
	if (r < 0)
		return err_set(e, errno, "wait for the hook");
	if (r > 0 && !over)
		return err_text(e, EINTR, "interrupted by a signal");
	if (r == 0)
		return err_text(e, ETIMEDOUT, "hook ran past its timeout of %d s and was killed",
				timeout);
	return 0;
}

static int hook_run(const struct hook_spec *h, const char *state, const char *cwd, int signal_fd,
		    struct err *e)
{
	_cleanup_(io_close) struct hook_io io = { -1, -1, -1 };
	pid_t parent = getpid(), pid;
	int status = 0, r = io_open(&io, state, e);

	if (r < 0)
		return r;
	pid = fork();
	if (pid < 0)
		return err_set(e, errno, "fork");
	if (pid == 0)
		child(h, &io, cwd, parent);
	r = wait_hook(pid, h->timeout, signal_fd, &status, e);
	if (r < 0)
		return r;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : failed(&io, status, e);
}

int hooks_run(const struct spec *s, enum hook_type type, const char *state, const char *cwd,
	      int signal_fd, struct err *e)
{
	const struct hook_list *l = &s->hooks[type];

	for (size_t i = 0; i < l->n; i++) {
		log_debug("hook %s #%zu %s", hook_names[type], i, l->v[i].path);

		int r = hook_run(&l->v[i], state, cwd, signal_fd, e);

		if (r < 0)
			return err_at(e, "error running %s hook #%zu: '%s'", hook_names[type], i,
				      l->v[i].path);
	}
	return 0;
}
