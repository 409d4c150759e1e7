/* SPDX-License-Identifier: Apache-2.0 */
/* killat: disturb a command at every one of its system calls and see that nothing stays behind. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/attr.h"
#include "tests/fault/point.h"
#include "tests/fault/tracee.h"

static const char usage_text[] =
	"usage: killat --victim CMD --cleanup CMD [OPTION...]\n"
	"  --mode MODE       one, all: SIGKILL to that process, or to all at once; signal=N;\n"
	"                    errno=NAME: the call fails; count: only list the calls\n"
	"  --at exit         disturb after the call instead of before it\n"
	"  --name VERB       what the victim is called in the report\n"
	"  --setup CMD       before each point (repeatable)\n"
	"  --after CMD       after a victim that succeeded in spite of a failing call\n"
	"  --check CMD       must work after the clean-up (repeatable), every --check-every N "
	"points\n"
	"  --attach PIDFILE  trace that process along with the victim\n"
	"  --clean-fail      a victim that fails must leave nothing even before the clean-up\n"
	"  --tolerated FILE  calls whose failure may be ignored\n"
	"  --tree DIR, --key TEXT  what leakcheck watches\n"
	"  --step N          every Nth point only;  --only P:K  a single one\n"
	"  --details FILE    where failing points are described (stderr)\n"
	"  --limit MS        a command that takes longer hangs (10000)\n"
	"A CMD is split at spaces. The result is one TAP line.\n";

struct plan {
	struct fault fault;
	bool count_only;
	unsigned step, only_proc, only_call;
	const char *mode;
};

enum {
	O_VICTIM = 256,
	O_CLEANUP,
	O_MODE,
	O_AT,
	O_NAME,
	O_SETUP,
	O_AFTER,
	O_CHECK,
	O_EVERY,
	O_ATTACH,
	O_CLEANFAIL,
	O_TOLERATED,
	O_TREE,
	O_KEY,
	O_STEP,
	O_ONLY,
	O_DETAILS,
	O_LIMIT
};

static const struct option options[] = {
	{ "victim", required_argument, NULL, O_VICTIM },
	{ "cleanup", required_argument, NULL, O_CLEANUP },
	{ "mode", required_argument, NULL, O_MODE },
	{ "at", required_argument, NULL, O_AT },
	{ "name", required_argument, NULL, O_NAME },
	{ "setup", required_argument, NULL, O_SETUP },
	{ "after", required_argument, NULL, O_AFTER },
	{ "check", required_argument, NULL, O_CHECK },
	{ "check-every", required_argument, NULL, O_EVERY },
	{ "attach", required_argument, NULL, O_ATTACH },
	{ "clean-fail", no_argument, NULL, O_CLEANFAIL },
	{ "tolerated", required_argument, NULL, O_TOLERATED },
	{ "tree", required_argument, NULL, O_TREE },
	{ "key", required_argument, NULL, O_KEY },
	{ "step", required_argument, NULL, O_STEP },
	{ "only", required_argument, NULL, O_ONLY },
	{ "details", required_argument, NULL, O_DETAILS },
	{ "limit", required_argument, NULL, O_LIMIT },
	{ NULL, 0, NULL, 0 },
};

static char **words(const char *text)
{
	char *copy = strdup(text), *save = NULL;
	char **v = calloc(strlen(text) / 2 + 2, sizeof(*v));
	size_t n = 0;

	if (!copy || !v)
		exit(125);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		v[n++] = w;
	return v;
}

static char *read_text(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *f = fopen(path, "re");

	if (!f || !text || (fread(text, 1, (1 << 20) - 1, f) == 0 && ferror(f))) {
		fprintf(stderr, "killat: %s: %s\n", path, strerror(errno));
		exit(125);
	}
	fclose(f);
	return text;
}

static int errno_by_name(const char *name)
{
	for (int i = 1; i < 200; i++)
		if (strerrorname_np(i) && strcmp(strerrorname_np(i), name) == 0)
			return i;
	return 0;
}

static bool set_mode(struct plan *p, const char *mode)
{
	p->mode = mode;
	p->count_only = strcmp(mode, "count") == 0;
	if (p->count_only)
		return true;
	if (strcmp(mode, "one") == 0)
		p->fault.kind = FAULT_KILL_ONE;
	else if (strcmp(mode, "all") == 0)
		p->fault.kind = FAULT_KILL_ALL;
	else if (strncmp(mode, "signal=", 7) == 0)
		p->fault = (struct fault){ .kind = FAULT_SIGNAL, .code = atoi(mode + 7) };
	else if (strncmp(mode, "errno=", 6) == 0)
		p->fault = (struct fault){ .kind = FAULT_ERRNO, .code = errno_by_name(mode + 6) };
	return p->fault.kind != FAULT_NONE &&
	       ((p->fault.kind != FAULT_ERRNO && p->fault.kind != FAULT_SIGNAL) ||
		p->fault.code > 0);
}

static bool set_command(struct sweep *s, int c, const char *arg)
{
	if (c == O_VICTIM)
		s->victim = words(arg);
	else if (c == O_CLEANUP)
		s->cleanup = words(arg);
	else if (c == O_AFTER)
		s->after = words(arg);
	else if (c == O_SETUP && s->nsetup < SWEEP_COMMANDS)
		s->setup[s->nsetup++] = words(arg);
	else if (c == O_CHECK && s->ncheck < SWEEP_COMMANDS)
		s->check[s->ncheck++] = words(arg);
	else
		return false;
	return true;
}

static bool set_watch(struct sweep *s, int c, const char *arg)
{
	if (c == O_TREE && s->watch.ntrees < LEAK_TREES)
		s->watch.trees[s->watch.ntrees++] = arg;
	else if (c == O_KEY)
		s->watch.key = arg;
	else if (c == O_ATTACH)
		s->attach = arg;
	else if (c == O_NAME)
		s->name = arg;
	else if (c == O_CLEANFAIL)
		s->clean_fail = true;
	else if (c == O_TOLERATED)
		s->tolerated = read_text(arg);
	else if (c == O_DETAILS)
		s->details = fopen(arg, "ae");
	else if (c == O_LIMIT)
		s->limit_ms = (unsigned)atoi(arg);
	else if (c == O_EVERY && atoi(arg) > 0)
		s->check_every = (unsigned)atoi(arg);
	else
		return false;
	return s->details != NULL;
}

static bool set_plan(struct plan *p, int c, const char *arg)
{
	if (c == O_MODE)
		return set_mode(p, arg);
	if (c == O_AT)
		p->fault.at_exit = strcmp(arg, "exit") == 0;
	else if (c == O_STEP && atoi(arg) > 0)
		p->step = (unsigned)atoi(arg);
	else if (c != O_ONLY || sscanf(arg, "%u:%u", &p->only_proc, &p->only_call) != 2)
		return false;
	return true;
}

static bool read_options(int argc, char **argv, struct sweep *s, struct plan *p)
{
	for (;;) {
		int c = getopt_long(argc, argv, "", options, NULL);

		if (c == -1)
			break;
		if (!set_command(s, c, optarg) && !set_watch(s, c, optarg) &&
		    !set_plan(p, c, optarg))
			return false;
	}
	return optind == argc && s->victim && s->cleanup && p->mode;
}

static void list_calls(const struct sweep *s)
{
	char name[32];

	for (unsigned p = 0; p < s->tracer.nprocs; p++)
		for (unsigned k = 0; k < s->tracer.procs[p].calls; k++)
			printf("%u %u %s\n", p, k + 1,
			       call_name(s->tracer.procs[p].nr[k], name, sizeof(name)));
}

static void sweep_all(struct sweep *s, const struct plan *p)
{
	unsigned counts[TRACE_PROCS] = { 0 }, at = 0;
	int *calls[TRACE_PROCS] = { NULL };
	unsigned nprocs = (unsigned)s->tracer.nprocs;

	for (unsigned i = 0; i < nprocs; i++) {
		struct traced_proc *t = &s->tracer.procs[i];

		counts[i] = (unsigned)t->calls;
		calls[i] = calloc(t->calls + 1, sizeof(int));
		if (calls[i] && t->calls)
			memcpy(calls[i], t->nr, t->calls * sizeof(int));
	}
	for (unsigned i = 0; i < nprocs; i++) {
		for (unsigned k = 1; k <= counts[i]; k++) {
			struct fault f = p->fault;

			if (p->only_call ? i != p->only_proc || k != p->only_call
					 : at++ % p->step != 0)
				continue;
			if (f.kind == FAULT_ERRNO && !tracee_can_fail(calls[i][k - 1]))
				continue;
			f.proc = i;
			f.call = k;
			sweep_point(s, &f);
		}
		free(calls[i]);
	}
}

int main(int argc, char **argv)
{
	struct sweep s = { .name = "victim",
			   .check_every = 25,
			   .limit_ms = 10000,
			   .baseline = SNAPSHOT_INIT,
			   .details = stderr };
	struct plan p = { .step = 1 };
	time_t started = time(NULL);

	if (!read_options(argc, argv, &s, &p)) {
		fputs(usage_text, stderr);
		return 2;
	}
	if (trace_init(&s.tracer) < 0) {
		perror("killat");
		return 125;
	}
	signal(SIGPIPE, SIG_IGN);
	if (sweep_baseline(&s) < 0) {
		printf("not ok - %s %s: does not even work undisturbed\n", s.name, p.mode);
		fflush(s.details);
		return 1;
	}
	if (p.count_only) {
		list_calls(&s);
	} else {
		unsigned nprocs = (unsigned)s.tracer.nprocs;

		sweep_all(&s, &p);
		printf("%s - %s %s%s: %u points in %u processes, %u bad, %u not reached",
		       s.bad ? "not ok" : "ok", s.name, p.mode, p.fault.at_exit ? " at exit" : "",
		       s.points, nprocs, s.bad, s.missed);
		if (p.fault.kind == FAULT_ERRNO)
			printf(", %u tolerated", s.tolerated_n);
		printf(", %ld s\n", (long)(time(NULL) - started));
	}
	trace_done(&s.tracer);
	return s.bad > 0;
}
