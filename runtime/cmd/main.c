/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/log.h"
#include "runtime/base/userns.h"
#include "runtime/cmd/table.h"
#include "runtime/proc/exeseal.h"

/* one call of berth, as far as it is understood */
struct call {
	struct global_opts_into into;
	const struct cmd *cmd;
	void *opts;
	struct strv operands;
	bool dashdash, help;
	struct arena *arena;
};

/*
 * A caller may have closed 0, 1 or 2. The next open would land there, and the payload would
 * inherit a descriptor of ours as its standard output.
 */
static int open_standard_fds(struct err *e)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", O_RDWR) != fd)
			return err_set(e, errno, "descriptor %d is closed: open '/dev/null'", fd);
	}
	return 0;
}

/* Never below /tmp: who can guess the name there owns the state of the containers. */
static const char *default_root(const struct global *g, struct arena *a)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	bool root = geteuid() == 0 && g->rootless != 1 && (g->rootless == 0 || userns_initial());

	if (root)
		return "/run/berth";
	/* podman sets it to "" for root; a relative one is invalid by its specification */
	if (runtime_dir && runtime_dir[0] == '/')
		return arena_printf(a, "%s/berth", runtime_dir);
	return arena_printf(a, "/run/user/%u/berth", (unsigned)geteuid());
}

static int resolve_root(struct global *g, struct arena *a, struct err *e)
{
	char here[PATH_MAX];

	if (!g->root) {
		g->root = default_root(g, a);
		return 0;
	}
	if (!*g->root)
		return err_text(e, EINVAL, "option '--root' is empty");
	if (g->root[0] == '/')
		return 0;
	if (!getcwd(here, sizeof(here)))
		return err_set(e, errno, "option '--root': current directory");
	g->root = arena_printf(a, "%s/%s", strcmp(here, "/") ? here : "", g->root);
	return 0;
}

static int check_manager(struct global *g, struct err *e)
{
	static const char *const names[] = { "cgroupfs", "systemd", "disabled" };

	if (!g->cgroup_manager)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(g->cgroup_manager, names[i]))
			return 0;
	return err_text(e, EINVAL,
			"option '--cgroup-manager': '%s' is none of cgroupfs, systemd, disabled",
			g->cgroup_manager);
}

/*
 * Nothing but errors by default: an engine reads the log as one JSON value, so a warning in front
 * of the error would hide it. A person at a terminal gets the warnings.
 */
static int log_level(const struct global *g, enum log_level *level, struct err *e)
{
	static const struct {
		const char *word;
		enum log_level level;
	} words[] = {
		{ "debug", LOG_DEBUG_ },  { "trace", LOG_DEBUG_ }, { "info", LOG_INFO_ },
		{ "warning", LOG_WARN_ }, { "warn", LOG_WARN_ },   { "error", LOG_ERROR_ },
	};
	bool person = (!g->log || !*g->log) && isatty(STDERR_FILENO);

	*level = g->debug ? LOG_DEBUG_ : person ? LOG_WARN_ : LOG_ERROR_;
	if (!g->log_level || g->debug)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(g->log_level, words[i].word)) {
			*level = words[i].level;
			return 0;
		}
	return err_text(e, EINVAL,
			"option '--log-level': '%s' is none of debug, info, warning, error",
			g->log_level);
}

static int open_log(const struct global *g, struct err *e)
{
	enum log_level level = LOG_ERROR_;
	int r = log_level(g, &level, e);

	if (r < 0)
		return r;
	return log_open(g->log, g->log_format, level, e);
}

static int count_operands(const struct call *c, struct err *e)
{
	const struct cmd *cmd = c->cmd;

	if (c->operands.n < cmd->min_operands)
		err_text(e, EINVAL, "%s: an argument is missing: %s", cmd->name, cmd->args);
	else if (c->operands.n > cmd->max_operands)
		err_text(e, EINVAL, "%s: too many arguments: '%s'", cmd->name,
			 c->operands.v[cmd->max_operands]);
	else
		return 0;
	return err_hint(e, "berth %s --help", cmd->name);
}

static int unknown_command(const char *name, struct err *e)
{
	const struct cmd *nearest = cmd_nearest(name);

	if (nearest)
		err_text(e, EINVAL, "unknown command '%s' (did you mean '%s'?)", name,
			 nearest->name);
	else
		err_text(e, EINVAL, "unknown command '%s'", name);
	return err_hint(e, "'berth help' lists the commands");
}

/* What stands behind the command's name: its own options and the global ones, mixed. */
static int parse_command(struct call *c, const struct strv *words, struct err *e)
{
	const struct cmd *cmd = cmd_find(words->v[0]);
	int r;

	if (!cmd)
		return unknown_command(words->v[0], e);
	c->cmd = cmd;
	c->opts = arena_alloc(c->arena, cmd->opts_size ? cmd->opts_size : 1);
	if (cmd->init)
		cmd->init(c->opts);

	struct opt_table tables[] = {
		{ cmd->opts, cmd->nopts, c->opts },
		{ global_opts, nglobal_opts, &c->into },
	};

	r = opt_parse((int)words->n, words->v, tables, ARRAY_SIZE(tables), cmd->stop_at_operand,
		      c->arena, &c->operands, &c->dashdash, e);
	if (r < 0) {
		err_at(e, "%s", cmd->name);
		return err_hint(e, "'berth %s --help' lists the options", cmd->name);
	}
	c->help = c->help || r == OPT_HELP_WANTED;
	return 0;
}

static int parse(struct call *c, int argc, char **argv, struct err *e)
{
	struct opt_table table = { global_opts, nglobal_opts, &c->into };
	struct strv words = { 0 };
	int r = opt_parse(argc, argv, &table, 1, true, c->arena, &words, NULL, e);

	if (r < 0)
		return err_hint(e, "'berth help' lists the options");
	c->help = r == OPT_HELP_WANTED;
	return words.n ? parse_command(c, &words, e) : 0;
}

/* Exit status, or negative with *e set. */
static int run(struct call *c, struct err *e)
{
	struct global *g = &c->into.g;
	struct cmd_call call = { g, c->opts, { 0 }, c->dashdash, c->arena };
	int r;

	if (c->help) {
		if (c->cmd)
			help_command(c->cmd, stdout);
		else
			help_overview(stdout);
		return EXIT_SUCCESS;
	}
	if (c->into.version)
		return cmd_find("version")->run(&call, e);
	if (!c->cmd) {
		help_overview(stderr);
		return EXIT_FAILURE;
	}
	r = check_manager(g, e);
	if (r == 0)
		r = count_operands(c, e);
	if (r == 0)
		r = resolve_root(g, c->arena, e);
	if (r < 0)
		return r;
	call.operands = c->operands;
	return c->cmd->run(&call, e);
}

/* What was printed may not have arrived: a full disk behind ">file" is an error. */
static int flush_stdout(int status, struct err *e)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return err_set(e, errno ? errno : EIO, "write to standard output");
}

static int fail(const struct call *c, const struct err *e)
{
	log_error(e->text, e->hint);
	if (e->exit)
		return e->exit;
	return c->cmd && c->cmd->fail_exit ? c->cmd->fail_exit : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_INIT;
	struct call c = { .into = { .g = { .rootless = -1 } }, .arena = &arena };
	struct err e = { 0 }, log_e = { 0 };
	int r = open_standard_fds(&e);

	/* A kernel without PR_SET_MM_MAP: be executed from a read-only mount instead. */
	if (r == 0 && !exe_can_seal())
		r = exe_reexec(argv, &e);
	if (r >= 0)
		r = parse(&c, argc, argv, &e);
	/* Also after a bad option: the engine looks for the reason in the log. */
	if (open_log(&c.into.g, &log_e) < 0 && r >= 0) {
		e = log_e;
		r = -1;
	}
	if (r >= 0)
		r = run(&c, &e);
	if (r >= 0)
		r = flush_stdout(r, &e);
	if (r < 0)
		r = fail(&c, &e);
	arena_free(&arena);
	return r;
}
