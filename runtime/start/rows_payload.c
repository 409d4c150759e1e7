/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of init inside the container's root: from here to the payload's exec. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/sys.h"
#include "runtime/proc/tty.h"
#include "runtime/start/gate.h"
#include "runtime/start/handout.h"
#include "runtime/start/hooks.h"
#include "runtime/start/payload.h"
#include "runtime/start/rows.h"
#include "runtime/start/start.h"

/*
 * Everything that can tell the caller of `create` that the program cannot run: the working
 * directory is made (while the root is still writable), the root becomes read-only, the
 * program is found.
 */
int row_program(struct start *s, struct err *e)
{
	const struct process_spec *p = &s->plan->spec->process;
	own_fd cwd_fd = -1;
	int r;

	if (strcmp(p->cwd, "/")) {
		cwd_fd = inroot_make_dir(s->rootfs.root_fd, p->cwd, 0755, e);
		/* A read-only file system without it: entering it will say so, with the right
		 * words. */
		if (cwd_fd < 0 && cwd_fd != -EROFS)
			return err_at(e, "make working directory '%s'", p->cwd);
	}
	r = rootfs_finish(&s->rootfs, e);
	if (r == 0)
		r = proc_env(p, s->rootfs.root_fd, s->arena, &s->env, e);
	if (r == 0)
		r = proc_lookup(p, s->rootfs.root_fd, s->arena, &s->program, e);
	return r;
}

/* The record names us; from here on init no longer dies with its maker. */
int row_detach(_unused_ struct start *s, struct err *e)
{
	return prctl(PR_SET_PDEATHSIG, 0) < 0 ? err_set(e, errno, "prctl") : 0;
}

bool want_park(const struct start *s)
{
	return s->plan->ask.kind == PLAN_CREATE;
}

int row_park(struct start *s, struct err *e)
{
	char *text = arena_alloc(s->arena, GATE_TEXT_MAX);

	log_leave();

	/* From here on whoever says go is told how it ends. */
	fd_drop(&s->engine.link_fd);
	s->engine.link_fd = gate_wait(s->listen_fd, &s->notify_fd, text, GATE_TEXT_MAX, e);
	s->notify_state = text;
	fd_drop(&s->listen_fd);
	return s->engine.link_fd < 0 ? s->engine.link_fd : 0;
}

bool want_hooks_start(const struct start *s)
{
	return s->plan->spec->hooks[HOOK_START_CONTAINER].n > 0;
}

int row_hooks_start(struct start *s, struct err *e)
{
	own_buf b = BUF_INIT;

	state_json(&s->state, STATUS_CREATED, getpid(), false, false, &b);
	return hooks_run(s->plan->spec, HOOK_START_CONTAINER, buf_text(&b), "/", -1, e);
}

int row_labels(struct start *s, struct err *e)
{
	if (s->proc.seccomp_notify && s->notify_fd < 0) {
		s->notify_fd = take_fd(s->engine.passed_fd);
		s->state.pid = (pid_t)s->engine.passed_number;
		s->notify_state = handout_process_state(s->plan->spec, &s->state, s->state.pid,
							false, s->arena);
	}
	return payload_labels(&s->proc, &s->rootfs, s->plan->spec->ns[NS_USER].mode != NS_INHERIT,
			      e);
}

int row_process(struct start *s, struct err *e)
{
	return payload_become(&s->proc, s->rootfs.root_fd, s->console_fd, &s->listener_fd, e);
}

int row_filter(struct start *s, struct err *e)
{
	return payload_filter(&s->proc, &s->listener_fd, s->notify_fd, s->notify_state, e);
}

int row_exec(struct start *s, struct err *e)
{
	/* A change of user clears it, so it is set again for a one-off and cleared for the others.
	 */
	if (prctl(PR_SET_PDEATHSIG, s->plan->die_with_parent ? SIGKILL : 0) < 0)
		return err_set(e, errno, "prctl");
	return payload_exec(&s->proc, s->program, &s->env, s->plan->ask.preserve_fds, e);
}
