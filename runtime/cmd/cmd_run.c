/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/cmd/common.h"
#include "runtime/cmd/foreground.h"
#include "runtime/start/create.h"
#include "runtime/start/destroy.h"
#include "runtime/start/start.h"
#include "specs/check.h"
#include "specs/oci.h"
#include "specs/oneoff.h"

#define OFF(field) offsetof(struct create_opts, field)

static const struct opt opts[] = {
	CREATE_OPTS,
	{ 'd', "detach", NULL, "return as soon as the program runs", OPT_FLAG, OFF(detach) },
	{ 't', "tty", NULL, "give a command after -- a terminal", OPT_FLAG, OFF(tty) },
	{ 'i', "interactive", NULL, "accepted for compatibility; stdin is always passed on",
	  OPT_FLAG, OFF(interactive) },
	{ 0, "keep", NULL, "keep the container's record when its program has ended", OPT_FLAG,
	  OFF(keep) },
};

/* The program has ended, or could not be followed: the container goes. */
static int clean_up(const struct start *s, struct err *e)
{
	struct state_dir d = STATE_DIR_INIT;
	int r = state_open(&d, s->state_root_fd, s->plan->ask.id, true, e);

	/* somebody else deleted it meanwhile */
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = destroy_container(&d, &s->state, e);
	state_close(&d);
	return r;
}

static int stay(struct start *s, int relay_fd, bool keep, struct err *e)
{
	int status = foreground(s->engine.init_fd, s->console_fd, relay_fd, e), r = 0;
	struct err clean = { 0 };

	if (!keep || status < 0)
		r = clean_up(s, &clean);
	if (status >= 0 && r < 0)
		log_warn("%s", clean.text);
	return status;
}

static int run_plan(const struct cmd_call *c, const struct plan *p, const char *config,
		    size_t config_len, bool keep, struct err *e)
{
	own_fd root_fd = open_root(c->global, true, e);
	struct start s;
	int r;

	if (root_fd < 0)
		return root_fd;

	own_fd relay_fd = p->ask.detach ? -1 : foreground_begin(e);
	own_fd signal_fd = -1;

	if (relay_fd < 0 && !p->ask.detach)
		return relay_fd;
	signal_fd = catch_signals(e);
	if (signal_fd < 0)
		return signal_fd;
	if (p->transient)
		destroy_transient(root_fd);
	start_init(&s, p, c->arena, root_fd);
	s.config = config;
	s.config_len = config_len;
	s.engine.signal_fd = signal_fd;
	r = create_container(&s, e);
	/* whoever wants to look or to delete may do so while the program runs */
	state_close(&s.dir);
	cg_close(&s.cgroup);
	rootfs_close(&s.rootfs);
	if (r == 0 && !p->ask.detach)
		r = stay(&s, relay_fd, keep, e);
	start_close(&s);
	return r;
}

static int run_bundle(const struct cmd_call *c, struct err *e)
{
	const struct create_opts *o = c->opts;
	own_bundle b = { 0 };
	struct plan p;
	int r = bundle_load(&b, o->bundle, c->arena, e);

	if (r == 0)
		r = plan_bundle(c, o, PLAN_RUN, c->operands.v[0], &b, &p, e);
	if (r == 0)
		r = run_plan(c, &p, b.text.data, b.text.len, o->keep, e);
	return r < 0 ? oci_exit(e) : r;
}

/* ---- run -- COMMAND ---- */

static uint32_t random32(void)
{
	uint32_t n = 0;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		n = (uint32_t)getpid() * 2654435761u;
	return n;
}

/*
 * 65536 ids of its own for each run, from the range that systemd reserves for containers
 * (524288 to 1879048191), so that two runs never share a user outside.
 */
static uint32_t pick_ids(void)
{
	enum { FIRST = 0x80000, LAST = 0x6fff0000, SIZE = 0x10000 };

	return FIRST + random32() % ((LAST - FIRST) / SIZE + 1) * SIZE;
}

static void ask_oneoff(const struct cmd_call *c, struct oneoff_ask *ask)
{
	const struct create_opts *o = c->opts;
	bool root = geteuid() == 0;
	int64_t ram = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	*ask = (struct oneoff_ask){ .args = c->operands,
				    .terminal = o->tty,
				    .term = getenv("TERM"),
				    .host_uid = root ? pick_ids() : geteuid(),
				    .host_gid = root ? 0 : getegid(),
				    .ids = root ? 65536 : 1,
				    .limits = root,
				    .memory = ram / 4 * 3 };
	if (root)
		ask->host_gid = ask->host_uid;
}

static int run_oneoff(const struct cmd_call *c, struct err *e)
{
	const struct create_opts *o = c->opts;
	struct bundle b = { .path = "/", .text = BUF_INIT, .faults = { .arena = c->arena } };
	own_buf config = BUF_INIT;
	struct oneoff_ask ask;
	struct plan p;
	int r;

	ask_oneoff(c, &ask);
	oneoff_spec(&ask, c->arena, &b.spec);
	spec_check(&b.spec, &b.faults);
	oci_write_spec(&b.spec, false, &config);
	r = plan_bundle(c, o, PLAN_RUN, arena_printf(c->arena, ONEOFF_PREFIX "%08x", random32()),
			&b, &p, e);
	if (r == 0) {
		p.die_with_parent = !o->detach;
		p.transient = !o->detach && !o->keep;
		r = run_plan(c, &p, config.data, config.len, o->keep, e);
	}
	/* 127 and 126 when the command cannot be run, 125 for a failure of berth itself */
	return r < 0 && !e->exit ? err_exit(e, 125) : r;
}

static int run(const struct cmd_call *c, struct err *e)
{
	const struct create_opts *o = c->opts;

	if (!c->dashdash && c->operands.n == 1) {
		if (o->tty)
			return err_text(e, EINVAL,
					"--tty is for a command after --; a bundle says "
					"process.terminal in its config.json");
		return run_bundle(c, e);
	}
	if (!c->dashdash) {
		err_text(e, EINVAL,
			 c->operands.n ? "run takes one ID, or -- and a command"
				       : "run needs an ID, or -- and a command");
		return err_hint(e, "berth run --bundle DIR ID, or berth run -- COMMAND [ARG...]");
	}
	if (o->bundle)
		return err_text(e, EINVAL,
				"--bundle runs the program of its config.json: give an ID, no "
				"command");
	return run_oneoff(c, e);
}

extern const struct cmd cmd_run;
const struct cmd cmd_run = {
	.name = "run",
	.args = "ID | -- COMMAND [ARG...]",
	.help = "create and start a container: of a bundle, or of one command on the host's own "
		"system",
	.group = "OCI life cycle",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct create_opts),
	.min_operands = 0,
	.max_operands = UINT_MAX,
	.run = run,
};
