/* SPDX-License-Identifier: Apache-2.0 */
/* The host's rows once init stands: terminal, hooks, record, pid file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/proc/tty.h"
#include "runtime/start/handout.h"
#include "runtime/start/hooks.h"
#include "runtime/start/rows.h"
#include "runtime/start/start.h"

bool want_terminal(const struct start *s)
{
	return s->plan->spec->process.terminal;
}

/* Init sent the master with its token. */
int row_terminal(struct start *s, struct err *e)
{
	const char *socket_path = s->plan->ask.console_socket;

	s->console_fd = take_fd(s->engine.passed_fd);
	if (s->console_fd < 0)
		return err_text(e, EPROTO, "init sent no terminal");
	/* The payload finds the size of the caller's terminal from its first instruction on. */
	if (!socket_path) {
		tty_copy_size(STDIN_FILENO, s->console_fd);
		return 0;
	}

	int r = tty_send(socket_path, s->console_fd, "/dev/pts/ptmx", e);

	fd_drop(&s->console_fd);
	return r;
}

bool want_hooks_runtime(const struct start *s)
{
	return s->plan->spec->hooks[HOOK_PRESTART].n || s->plan->spec->hooks[HOOK_CREATE_RUNTIME].n;
}

int row_hooks_runtime(struct start *s, struct err *e)
{
	const struct spec *spec = s->plan->spec;
	own_buf b = BUF_INIT;
	int r;

	s->state.pid = s->engine.init;
	s->state.start_time = state_start_time(s->engine.init);
	/* hooks ask `berth state`: they find the pid in the record too */
	r = state_write(&s->dir, &s->state, e);
	if (r < 0)
		return r;
	state_json(&s->state, STATUS_CREATING, s->state.pid, false, false, &b);
	r = hooks_run(spec, HOOK_PRESTART, buf_text(&b), s->plan->ask.bundle, s->engine.signal_fd,
		      e);
	if (r == 0)
		r = hooks_run(spec, HOOK_CREATE_RUNTIME, buf_text(&b), s->plan->ask.bundle,
			      s->engine.signal_fd, e);
	return r;
}

/*
 * A foreground or detached run without hooks writes its record while init is still mounting: nobody
 * can tell, and if we die the record leads to what is left. Everything else waits for init.
 */
static bool can_be_early(const struct start *s)
{
	return s->plan->ask.kind == PLAN_RUN && !want_hooks_runtime(s) &&
	       !want_hooks_container(s) && !s->plan->ask.pid_file && !s->plan->ask.pidfd_socket;
}

bool want_created_beside(const struct start *s)
{
	return can_be_early(s);
}

bool want_created_late(const struct start *s)
{
	return s->plan->ask.kind == PLAN_RUN && !can_be_early(s);
}

static int note_pid(struct start *s, struct err *e)
{
	s->state.pid = s->engine.init;
	s->state.start_time = state_start_time(s->engine.init);
	return s->state.start_time ? 0 : err_text(e, ESRCH, "container init died unexpectedly");
}

/* create: init is about to live without us, so the record of what is not yet created names it. */
int row_pid(struct start *s, struct err *e)
{
	int r = note_pid(s, e);

	return r < 0 ? r : state_write(&s->dir, &s->state, e);
}

int row_created(struct start *s, struct err *e)
{
	const struct plan_ask *ask = &s->plan->ask;
	int r = note_pid(s, e);

	if (r == 0 && ask->pidfd_socket)
		r = handout_pidfd(ask->pidfd_socket, s->engine.init_fd, e);
	if (r == 0 && ask->pid_file)
		r = handout_pid_file(ask->pid_file, s->state.pid, e);
	if (r == 0)
		s->state.phase = PHASE_CREATED;
	if (r == 0)
		r = state_write(&s->dir, &s->state, e);
	if (r < 0)
		undo_created(s);
	return r;
}

void undo_created(struct start *s)
{
	if (s->plan->ask.pid_file)
		(void)unlink(s->plan->ask.pid_file);
}

bool want_notify(const struct start *s)
{
	return s->plan->proc.seccomp_notify && s->plan->ask.kind == PLAN_RUN;
}

/* run: the connection for the seccomp listener goes to init with the token. */
int row_notify(struct start *s, struct err *e)
{
	s->engine.passed_number = s->engine.init;
	s->engine.passed_fd = handout_connect(s->plan->spec->seccomp.listener_path, e);
	return s->engine.passed_fd < 0 ? s->engine.passed_fd : 0;
}
