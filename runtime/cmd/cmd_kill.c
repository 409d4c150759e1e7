/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "runtime/cmd/common.h"

struct kill_opts {
	bool all;
};

static const struct opt opts[] = {
	{ 'a', "all", NULL, "signal every process of the container, not only init", OPT_FLAG,
	  offsetof(struct kill_opts, all) },
};

/* "RTMIN+3", "RTMAX-1" */
static int real_time(const char *word)
{
	bool max = !strncasecmp(word, "RTMAX", 5);
	unsigned long long n = 0;

	if (!max && strncasecmp(word, "RTMIN", 5))
		return -1;
	word += 5;
	if (!*word)
		return max ? SIGRTMAX : SIGRTMIN;
	if (*word != (max ? '-' : '+') || opt_number(word + 1, 64, &n) < 0)
		return -1;

	int sig = max ? SIGRTMAX - (int)n : SIGRTMIN + (int)n;

	return sig >= SIGRTMIN && sig <= SIGRTMAX ? sig : -1;
}

static int by_name(const char *word)
{
	static const struct {
		const char *name;
		int sig;
	} others[] = { { "IOT", SIGIOT }, { "CLD", SIGCHLD }, { "POLL", SIGPOLL } };

	if (!strncasecmp(word, "SIG", 3))
		word += 3;
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && !strcasecmp(name, word))
			return sig;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcasecmp(others[i].name, word))
			return others[i].sig;
	return real_time(word);
}

static int parse_signal(const char *word, int *sig, struct err *e)
{
	unsigned long long n;

	*sig = opt_number(word, 64, &n) == 0 ? (int)n : by_name(word);
	if (*sig >= 0)
		return 0;
	err_text(e, EINVAL, "unknown signal \"%s\"", word);
	return err_hint(e, "a name (TERM, SIGTERM, RTMIN+3) or a number from 0 to 64");
}

static int kill_init(const struct state *s, int sig, struct err *e)
{
	own_fd fd = state_pidfd(s);

	int r = fd < 0 ? fd : sys_pidfd_send_signal(fd, sig) < 0 ? -errno : 0;

	if (r == -ESRCH)
		return err_text(e, ESRCH, "container not running");
	return r < 0 ? err_set(e, -r, "send signal %d to process %d", sig, s->pid) : 0;
}

static int kill_all(const struct state *s, int sig, struct err *e)
{
	int r = sig == SIGKILL ? cg_kill(&s->cgroup, e) : cg_signal(&s->cgroup, sig, e);

	return r == CG_NOT_OURS ? kill_init(s, sig, e) : r;
}

static int run(const struct cmd_call *c, struct err *e)
{
	const struct kill_opts *o = c->opts;
	own_container ct = CONTAINER_INIT;
	int sig, r = parse_signal(c->operands.n > 1 ? c->operands.v[1] : "TERM", &sig, e);
	enum status status;

	if (r == 0)
		r = container_open(&ct, c, c->operands.v[0], false, e);
	if (r < 0)
		return r;
	status = state_status(&ct.dir, &ct.state);
	if (status == STATUS_STOPPED && !o->all)
		return err_text(e, ESRCH, "container not running");
	/* Without a pid namespace of its own init's death does not take the others with it. */
	if (o->all || (sig == SIGKILL && !ct.state.private_pidns))
		return kill_all(&ct.state, sig, e);
	r = kill_init(&ct.state, sig, e);
	/* A v1 freezer holds back even SIGKILL (v2 does not, but thawing does no harm there). */
	if (r == 0 && sig == SIGKILL && status == STATUS_PAUSED)
		r = cg_freeze(&ct.state.cgroup, false, e);
	return r;
}

extern const struct cmd cmd_kill;
const struct cmd cmd_kill = {
	.name = "kill",
	.args = "ID [SIGNAL]",
	.help = "send a signal to a container, TERM by default",
	.group = "OCI life cycle",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct kill_opts),
	.min_operands = 1,
	.max_operands = 2,
	.run = run,
};
