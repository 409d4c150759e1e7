/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "runtime/proc/exeseal.h"
#include "runtime/proc/tty.h"
#include "runtime/start/handout.h"
#include "runtime/start/payload.h"
#include "runtime/start/rows.h"
#include "runtime/start/signals.h"
#include "runtime/start/spawn.h"
#include "runtime/start/start.h"

/* The child joins these itself, after the clone. */
#define JOIN_LATER (CLONE_NEWCGROUP | CLONE_NEWTIME)

/* An ordinary user's map took the right to change groups from everybody in the namespace. */
static bool setgroups_denied(pid_t pid)
{
	char path[48], text[8];

	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	return fd_read_file_at(AT_FDCWD, path, text, sizeof(text)) > 0 && !strcmp(text, "deny");
}

int exec_plan(struct exec_ask *ask, struct arena *a, struct faults *f, struct err *e)
{
	const struct spec *spec = ask->spec;
	int r = proc_plan(spec, &ask->process, a, &ask->proc, f, e);

	for (int i = 0; i < NS_COUNT; i++)
		if (spec->ns[i].mode != NS_INHERIT)
			ask->join |= ns_names[i].flag;
	ask->seal = plan_must_seal(spec);
	ask->userns = spec->ns[NS_USER].mode != NS_INHERIT;
	ask->proc.setgroups_denied = ask->userns && setgroups_denied(ask->container_pid);
	return r < 0 ? r : proc_check_lsm(&ask->process, e);
}

/* ---- host ---- */

static int x_cgroup(struct start *s, struct err *e)
{
	return cg_reopen(&s->cgroup, &s->state.cgroup, s->exec->cgroup, s->arena, e);
}

static void undo_x_cgroup(struct start *s)
{
	cg_close(&s->cgroup);
}

static bool want_x_seal(const struct start *s)
{
	return s->exec->seal;
}

static void walk_as_child(struct start *s)
{
	engine_init(&s->engine, s, "spawn");
}

static int x_spawn(struct start *s, struct err *e)
{
	unsigned long flags = s->exec->join & ~(unsigned long)JOIN_LATER;
	int r = engine_link(&s->engine, e);

	if (r < 0)
		return r;

	struct spawn w = { .cgroup_fd = cg_clone_fd(&s->cgroup),
			   .join_fd = &s->exec->container_fd,
			   .join_flags = &flags,
			   .njoin = flags ? 1 : 0,
			   .child = walk_as_child,
			   .arg = s };

	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "prctl PR_SET_DUMPABLE");
	r = proc_affinity(&s->exec->proc, PROC_CPU_INITIAL, e);
	if (r < 0)
		return r;
	s->engine.init = spawn(&w, &s->engine.init_fd, e);
	/*
	 * An init that made cgroups of its own (systemd) may have left none for others in its own.
	 */
	if (s->engine.init == -EBUSY && w.cgroup_fd >= 0 && !s->exec->cgroup &&
	    cg_follow(&s->cgroup, s->state.pid, s->arena, e) == 0) {
		w.cgroup_fd = cg_clone_fd(&s->cgroup);
		s->engine.init = spawn(&w, &s->engine.init_fd, e);
	}
	if (s->engine.init < 0) {
		r = s->engine.init;
		s->engine.init = 0;
		engine_close(&s->engine);
		return r == -ESRCH ? err_text(e, ESRCH, "cannot exec in a stopped container") : r;
	}
	fd_drop(&s->engine.peer_fd);
	return 0;
}

static bool want_x_rlimits(const struct start *s)
{
	return s->exec->process.nrlimits > 0;
}

static int x_rlimits(struct start *s, struct err *e)
{
	return proc_rlimits(s->engine.init, &s->exec->proc, e);
}

static bool want_x_terminal(const struct start *s)
{
	return s->exec->process.terminal;
}

static int x_terminal(struct start *s, struct err *e)
{
	int r;

	s->console_fd = take_fd(s->engine.passed_fd);
	if (s->console_fd < 0)
		return err_text(e, EPROTO, "the child sent no terminal");
	if (!s->exec->console_socket) {
		tty_copy_size(STDIN_FILENO, s->console_fd);
		return 0;
	}
	r = tty_send(s->exec->console_socket, s->console_fd, "/dev/pts/ptmx", e);
	fd_drop(&s->console_fd);
	return r;
}

static bool want_x_handout(const struct start *s)
{
	return s->exec->pidfd_socket || s->exec->proc.seccomp_notify;
}

/* The pidfd goes out; the connection for a seccomp listener goes in, with the token. */
static int x_handout(struct start *s, struct err *e)
{
	int r = 0;

	if (s->exec->pidfd_socket)
		r = handout_pidfd(s->exec->pidfd_socket, s->engine.init_fd, e);
	if (r == 0 && s->exec->proc.seccomp_notify) {
		s->engine.passed_number = s->engine.init;
		s->engine.passed_fd = handout_connect(s->exec->spec->seccomp.listener_path, e);
		r = s->engine.passed_fd < 0 ? s->engine.passed_fd : 0;
	}
	return r;
}

/* ---- child ---- */

static int x_enter(struct start *s, struct err *e)
{
	int later = (int)(s->exec->join & JOIN_LATER);

	fd_drop(&s->engine.init_fd);
	cg_close(&s->cgroup);
	state_close(&s->dir);
	fd_drop(&s->state_root_fd);
	if (later && setns(s->exec->container_fd, later) < 0)
		return err_set(e, errno, "join the container's cgroup and time namespaces");
	fd_drop(&s->exec->container_fd);
	/* A joined user namespace may map no 0; then we stay who we are. */
	if (s->exec->userns) {
		(void)!sys_setresgid(0, 0, 0);
		(void)!sys_setresuid(0, 0, 0);
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "prctl");
	signals_reset();
	if (setsid() < 0 && errno != EPERM)
		return err_set(e, errno, "setsid");
	s->rootfs.pivoted = true;
	s->rootfs.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->rootfs.root_fd < 0 ? err_set(e, errno, "open the container's root") : 0;
}

static int x_user(struct start *s, struct err *e)
{
	struct exec_ask *ask = s->exec;

	return proc_user(ask->user, s->rootfs.root_fd, &ask->process.user, s->arena, e);
}

static bool want_x_user(const struct start *s)
{
	return s->exec->user;
}

static int x_console(struct start *s, struct err *e)
{
	const struct process_spec *p = &s->exec->process;
	char name[32];

	return tty_open(s->rootfs.root_fd, p->rows, p->cols, p->user.uid, &s->engine.passed_fd,
			&s->console_fd, name, sizeof(name), e);
}

static int x_program(struct start *s, struct err *e)
{
	const struct process_spec *p = &s->exec->process;
	int r = proc_env(p, s->rootfs.root_fd, s->arena, &s->env, e);

	if (r == 0)
		r = proc_lookup(p, s->rootfs.root_fd, s->arena, &s->program, e);
	return r < 0 ? r : proc_affinity(&s->exec->proc, PROC_CPU_FINAL, e);
}

static int x_process(struct start *s, struct err *e)
{
	int r;

	if (s->exec->proc.seccomp_notify) {
		s->notify_fd = take_fd(s->engine.passed_fd);
		s->notify_state = handout_process_state(
			s->exec->spec, &s->state, (pid_t)s->engine.passed_number, true, s->arena);
	}
	r = payload_labels(&s->exec->proc, &s->rootfs, s->exec->userns, e);
	if (r == 0)
		r = payload_become(&s->exec->proc, s->rootfs.root_fd, s->console_fd,
				   &s->listener_fd, e);
	if (r == 0)
		r = payload_filter(&s->exec->proc, &s->listener_fd, s->notify_fd, s->notify_state,
				   e);
	/* Only now: a change of ids would have cleared the death signal, and a detached exec
	 * outlives its maker. */
	if (r == 0 && prctl(PR_SET_PDEATHSIG, 0) < 0)
		r = err_set(e, errno, "prctl");
	return r;
}

static int x_exec(struct start *s, struct err *e)
{
	return payload_exec(&s->exec->proc, s->program, &s->env, s->exec->preserve_fds, e);
}

/* clang-format off */
const struct step exec_table[] = {
	{ "cgroup",       HOST, .run = x_cgroup,   .undo = undo_x_cgroup },
	{ "exe",          HOST, .run = row_exe,    .wanted = want_x_seal },
	{ "spawn",        HOST, .run = x_spawn },
	{ "rlimits",      HOST, .run = x_rlimits,  .wanted = want_x_rlimits },
	{ "cgroup-enter", INIT, .run = row_cgroup_enter },
	{ "enter",        INIT, .run = x_enter },
	{ "seal",         INIT, .run = row_seal,   .wanted = want_x_seal },
	{ "user",         INIT, .run = x_user,     .wanted = want_x_user },
	{ "console",      INIT, .run = x_console,  .wanted = want_x_terminal },
	{ "terminal",     HOST, .run = x_terminal, .wanted = want_x_terminal },
	{ "handout",      HOST, .run = x_handout,  .wanted = want_x_handout },
	{ "program",      INIT, .run = x_program },
	{ "process",      INIT, .run = x_process },
	{ "exec",         INIT, .run = x_exec },
};
/* clang-format on */
const size_t exec_table_n = ARRAY_SIZE(exec_table);

int exec_process(struct start *s, struct err *e)
{
	int r;

	engine_select(&s->engine, exec_table, exec_table_n, s);
	r = engine_run(&s->engine, s, NULL, e);
	/* The pid file says that the process runs, so it comes after the exec. */
	if (r == 0 && s->exec->pid_file) {
		r = handout_pid_file(s->exec->pid_file, s->engine.init, e);
		if (r < 0)
			engine_reap(&s->engine);
	}
	return r;
}
