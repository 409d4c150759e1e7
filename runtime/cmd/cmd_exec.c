/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/cmd/common.h"
#include "runtime/cmd/foreground.h"
#include "runtime/start/exec.h"
#include "runtime/start/payload.h"
#include "runtime/start/start.h"
#include "specs/check.h"
#include "specs/oci.h"
#include "specs/words.h"

struct exec_opts {
	const char *process, *user, *cwd, *process_label, *apparmor, *pid_file, *console_socket,
		*pidfd_socket, *cgroup;
	struct strv env, caps, gids;
	bool detach, no_new_privs, ignore_paused, no_subreaper;
	int tty;
	unsigned preserve_fds;
};

static void init(void *opts)
{
	((struct exec_opts *)opts)->tty = -1;
}

#define OFF(field) offsetof(struct exec_opts, field)

static const struct opt opts[] = {
	{ 'p', "process", "FILE", "process object to run, as JSON", OPT_STR, OFF(process) },
	{ 't', "tty", NULL, "give it a terminal", OPT_TRISTATE, OFF(tty) },
	{ 'u', "user", "UID[:GID]", "user to run as, by number or by name in the container",
	  OPT_STR, OFF(user) },
	{ 'g', "additional-gids", "GID", "one more supplementary group (may be repeated)", OPT_LIST,
	  OFF(gids) },
	{ 0, "cwd", "DIR", "working directory", OPT_STR, OFF(cwd) },
	{ 'e', "env", "NAME=VALUE", "one more environment variable (may be repeated)", OPT_LIST,
	  OFF(env) },
	{ 'c', "cap", "NAME", "one more capability (may be repeated)", OPT_LIST, OFF(caps) },
	{ 0, "no-new-privs", NULL, "set no_new_privs", OPT_FLAG, OFF(no_new_privs) },
	{ 0, "process-label", "LABEL", "SELinux label", OPT_STR, OFF(process_label) },
	{ 0, "apparmor", "PROFILE", "AppArmor profile", OPT_STR, OFF(apparmor) },
	{ 0, "preserve-fds", "N", "pass descriptors 3 to 3+N-1 on", OPT_UINT, OFF(preserve_fds) },
	{ 0, "pid-file", "PATH", "file to write the pid to", OPT_STR, OFF(pid_file) },
	{ 0, "console-socket", "PATH", "socket that receives the terminal's master", OPT_STR,
	  OFF(console_socket) },
	{ 0, "pidfd-socket", "PATH", "socket that receives a pidfd of the process", OPT_STR,
	  OFF(pidfd_socket) },
	{ 'd', "detach", NULL, "return as soon as the program runs", OPT_FLAG, OFF(detach) },
	{ 0, "cgroup", "[CTRL:]PATH", "run in this cgroup below the container's", OPT_STR,
	  OFF(cgroup) },
	{ 0, "ignore-paused", NULL, "also in a paused container", OPT_FLAG, OFF(ignore_paused) },
	{ 0, "no-subreaper", NULL, "accepted for compatibility; berth never becomes a subreaper",
	  OPT_FLAG, OFF(no_subreaper) },
};

/* ---- what to run ---- */

static int read_process(const char *file, struct arena *a, struct process_spec *p, struct err *e)
{
	own_fd fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct faults f = { .arena = a };
	own_buf b = BUF_INIT;
	int r = fd < 0 ? -errno : fd_read_all(fd, OCI_MAX_SIZE, &b);

	if (r < 0)
		return err_set(e, -r, "read process file '%s'", file);
	oci_read_process(buf_text(&b), b.len, a, p, &f);
	return report_faults(&f, file, e);
}

/* A name that is no capability here is a warning, as in a config. */
static void add_caps(struct process_spec *p, const struct strv *caps)
{
	for (size_t i = 0; i < caps->n; i++) {
		char word[64];
		uint64_t cap, bit;

		/* CAP_KILL, as in the specification, and kill, as people write it */
		snprintf(word, sizeof(word), "%s%s",
			 strncasecmp(caps->v[i], "CAP_", 4) ? "CAP_" : "", caps->v[i]);
		for (char *ch = word; *ch; ch++)
			*ch = (char)toupper((unsigned char)*ch);
		if (!word_value(WORDS_CAPABILITIES, word, &cap)) {
			log_warn("unknown capability \"%s\" is ignored", caps->v[i]);
			continue;
		}
		bit = 1ull << cap;
		/* never inheritable: CVE-2022-29162 */
		p->caps.effective |= bit;
		p->caps.permitted |= bit;
		p->caps.bounding |= bit;
		if (p->user.uid != 0 && (p->caps.inheritable & bit))
			p->caps.ambient |= bit;
	}
}

static int add_gids(struct process_spec *p, const struct strv *gids, struct arena *a, struct err *e)
{
	gid_t *all = arena_array(a, p->user.ngroups + gids->n + 1, sizeof(*all));

	if (p->user.ngroups)
		memcpy(all, p->user.groups, p->user.ngroups * sizeof(*all));
	for (size_t i = 0; i < gids->n; i++) {
		unsigned long long gid;

		if (opt_number(gids->v[i], UINT32_MAX - 1, &gid) < 0)
			return err_text(e, EINVAL,
					"option '--additional-gids': '%s' is no group id",
					gids->v[i]);
		all[p->user.ngroups++] = (gid_t)gid;
	}
	p->user.groups = all;
	return 0;
}

/* The container's own process with what the options change. */
static int from_options(const struct cmd_call *c, const struct exec_opts *o,
			const struct spec *spec, struct process_spec *p, struct err *e)
{
	struct strv env = { 0 };

	*p = spec->process;
	p->terminal = o->tty == 1;
	p->rows = p->cols = 0;
	p->args = c->operands;
	for (size_t i = 0; i < spec->process.env.n; i++)
		strv_add(&env, c->arena, spec->process.env.v[i]);
	for (size_t i = 0; i < o->env.n; i++)
		strv_add(&env, c->arena, o->env.v[i]);
	p->env = env;
	if (o->cwd)
		p->cwd = o->cwd;
	add_caps(p, &o->caps);
	return add_gids(p, &o->gids, c->arena, e);
}

static int build_process(const struct cmd_call *c, const struct exec_opts *o,
			 const struct spec *spec, struct exec_ask *ask, struct err *e)
{
	struct process_spec *p = &ask->process;
	struct faults f = { .arena = c->arena };
	int r;

	if (o->process)
		r = read_process(o->process, c->arena, p, e);
	else if (!c->operands.n)
		r = err_text(e, EINVAL, "exec: an argument is missing: ID COMMAND [ARG...]");
	else
		r = from_options(c, o, spec, p, e);
	if (r < 0)
		return r;
	if (o->tty >= 0)
		p->terminal = o->tty == 1;
	if (o->process_label)
		p->selinux = o->process_label;
	if (o->apparmor)
		p->apparmor = o->apparmor;
	p->no_new_privs = p->no_new_privs || o->no_new_privs;
	process_check(p, "", &f);
	return report_faults(&f, o->process ? o->process : "exec", e);
}

static int check_tty(const struct exec_opts *o, const struct exec_ask *ask, struct err *e)
{
	if (ask->process.terminal && o->detach && !o->console_socket)
		return err_text(
			e, EINVAL,
			"cannot allocate tty if runc will detach without setting console socket");
	if (o->console_socket && (!ask->process.terminal || !o->detach))
		return err_text(
			e, EINVAL,
			"cannot use console socket if runc will not detach or allocate tty");
	return 0;
}

/* ---- running it ---- */

static int check_status(const struct container *ct, bool ignore_paused, struct err *e)
{
	switch (state_status(&ct->dir, &ct->state)) {
	case STATUS_STOPPED:
		return err_text(e, EINVAL, "cannot exec in a stopped container");
	case STATUS_CREATING:
		return err_text(e, EINVAL, "cannot exec in a container that is being created");
	case STATUS_PAUSED:
		if (!ignore_paused)
			return err_text(e, EINVAL,
					"cannot exec in a paused container (use "
					"--ignore-paused to override)");
		return 0;
	case STATUS_CREATED:
	case STATUS_RUNNING:
	case STATUS_COUNT:
		break;
	}
	return 0;
}

static int load_spec(const struct container *ct, struct arena *a, struct spec *spec, struct err *e)
{
	own_buf b = BUF_INIT;
	struct faults f = { .arena = a };
	int r = state_get_file(&ct->dir, "config.json", &b, e);

	if (r < 0)
		return r;
	oci_read_spec(buf_text(&b), b.len, a, spec, &f);
	return faults_err(&f, "config.json of the container", e);
}

static int execute(const struct cmd_call *c, const struct exec_opts *o, struct container *ct,
		   struct exec_ask *ask, struct err *e)
{
	struct plan p = { .spec = ask->spec, .privileged = geteuid() == 0 };
	own_fd relay_fd = o->detach ? -1 : foreground_begin(e);
	own_fd signal_fd = -1;
	struct start s;
	int r;

	if (relay_fd < 0 && !o->detach)
		return relay_fd;
	signal_fd = catch_signals(e);
	if (signal_fd < 0)
		return signal_fd;
	start_init(&s, &p, c->arena, -1);
	s.state = ct->state;
	s.exec = ask;
	s.engine.signal_fd = signal_fd;
	r = exec_process(&s, e);
	if (r < 0) {
		err_at(e, "exec failed: unable to start container process");
		r = err_exit(e, 255);
	} else if (!o->detach) {
		r = foreground(s.engine.init_fd, s.console_fd, relay_fd, e);
	}
	start_close(&s);
	return r;
}

/* The ID is the first operand, the rest is the command. */
static void split_operands(struct cmd_call *c, const char **id)
{
	*id = c->operands.v[0];
	c->operands.v++;
	c->operands.n--;
}

static int run(const struct cmd_call *call, struct err *e)
{
	struct cmd_call c = *call;
	const struct exec_opts *o = c.opts;
	own_container ct = CONTAINER_INIT;
	struct faults f = { .arena = c.arena };
	struct strv listen_env = { 0 };
	struct spec spec;
	const char *id;

	split_operands(&c, &id);

	struct exec_ask ask = { .spec = &spec,
				.user = o->process ? NULL : o->user,
				.cgroup = o->cgroup,
				.console_socket = o->console_socket,
				.pidfd_socket = o->pidfd_socket,
				.pid_file = o->pid_file,
				.preserve_fds = o->preserve_fds,
				.container_fd = -1 };
	int r = payload_preserve(&ask.preserve_fds, &listen_env, c.arena, e);

	if (r == 0)
		r = container_open(&ct, &c, id, false, e);
	if (r == 0)
		r = check_status(&ct, o->ignore_paused, e);
	if (r == 0)
		r = load_spec(&ct, c.arena, &spec, e);
	if (r == 0)
		r = build_process(&c, o, &spec, &ask, e);
	if (r == 0)
		r = check_tty(o, &ask, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < listen_env.n; i++)
		strv_add(&ask.process.env, c.arena, listen_env.v[i]);
	ask.container_pid = ct.state.pid;
	r = exec_plan(&ask, c.arena, &f, e);
	if (r == 0)
		r = report_faults(&f, "exec", e);
	if (r < 0)
		return r;
	ask.container_fd = state_pidfd(&ct.state);
	if (ask.container_fd < 0)
		return err_text(e, ESRCH, "cannot exec in a stopped container");
	r = execute(&c, o, &ct, &ask, e);
	fd_drop(&ask.container_fd);
	return r;
}

extern const struct cmd cmd_exec;
const struct cmd cmd_exec = {
	.name = "exec",
	.args = "ID COMMAND [ARG...]",
	.help = "run one more program in a running container",
	.group = "OCI life cycle",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct exec_opts),
	.init = init,
	.min_operands = 1,
	.max_operands = UINT_MAX,
	.stop_at_operand = true,
	.fail_exit = 255,
	.run = run,
};
