/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <sched.h>
#include <string.h>

#include "runtime/base/strv.h"
#include "specs/check_in.h"
#include "specs/spec.h"
#include "specs/words.h"

/* in words.c too: reserved by the kernel, never merged */
enum { SCHED_ISO_ = 4 };

void check_env(struct check *c, const char *pointer, const struct strv *env)
{
	for (size_t i = 0; i < env->n; i++)
		if (!strchr(env->v[i], '='))
			bad(at(c, "%s/%zu", pointer, i),
			    "invalid environment variable: missing '=' in '%.64s'; NAME=value "
			    "belongs here",
			    env->v[i]);
}

static void check_command(struct check *c, const struct process_spec *p)
{
	if (!p->args.n)
		bad(at(c, "/args"), "args must not be empty; name the program to run");
	if (!p->cwd || !*p->cwd)
		bad(at(c, "/cwd"), "Cwd property must not be empty; \"/\" for example");
	else if (*p->cwd != '/')
		bad(at(c, "/cwd"), "Cwd must be an absolute path; '%.200s' is relative", p->cwd);
	check_env(c, "/env", &p->env);
}

static void check_user(struct check *c, const struct user_spec *u)
{
	/* (uid_t)-1 means "leave as it is" to setresuid(2): the process would stay root */
	if (u->uid == (uid_t)-1)
		bad(at(c, "/user/uid"), "%u is no user id; 0 to %u are", u->uid, u->uid - 1);
	if (u->gid == (gid_t)-1)
		bad(at(c, "/user/gid"), "%u is no group id; 0 to %u are", u->gid, u->gid - 1);
	if (u->umask != UNSET_U32 && u->umask > 07777)
		bad(at(c, "/user/umask"), "%u is no mask of permission bits; 18 (octal 022) is one",
		    u->umask);
	for (size_t i = 0; i < u->ngroups; i++)
		if (u->groups[i] == (gid_t)-1)
			bad(at(c, "/user/additionalGids/%zu", i), "%u is no group id; 0 to %u are",
			    u->groups[i], u->groups[i] - 1);
}

static void check_rlimits(struct check *c, const struct process_spec *p)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < p->nrlimits; i++) {
		const struct rlimit_spec *r = &p->rlimits[i];

		if (r->resource < 0 || r->resource > 63)
			continue;
		if (seen >> r->resource & 1)
			bad(at(c, "/rlimits/%zu/type", i), "%s is listed twice; keep one of them",
			    word_of(WORDS_RLIMITS, (uint64_t)r->resource));
		seen |= 1ull << r->resource;
		if (r->soft > r->hard)
			bad(at(c, "/rlimits/%zu/soft", i),
			    "%" PRIu64 " is above the hard limit %" PRIu64
			    "; it can be at most that",
			    r->soft, r->hard);
	}
}

static void put_caps(char *text, size_t size, uint64_t set)
{
	size_t n = 0;

	text[0] = 0;
	for (unsigned i = 0; i < 64; i++) {
		const char *word = set >> i & 1 ? word_of(WORDS_CAPABILITIES, i) : NULL;
		size_t len = word ? strlen(word) : 0;

		if (!word || n + len + 2 > size)
			continue;
		if (n)
			text[n++] = ' ';
		memcpy(text + n, word, len + 1);
		n += len;
	}
}

/* The specification wants a warning, no failure, for what cannot be granted. */
static void check_caps(struct check *c, const struct cap_sets *caps)
{
	uint64_t ambient = caps->ambient & ~(caps->permitted & caps->inheritable);
	uint64_t effective = caps->effective & ~caps->permitted;
	char names[512];

	if (ambient) {
		put_caps(names, sizeof(names), ambient);
		warn(at(c, "/capabilities/ambient"),
		     "%s: only what is permitted and inheritable too becomes ambient", names);
	}
	if (effective) {
		put_caps(names, sizeof(names), effective);
		warn(at(c, "/capabilities/effective"),
		     "%s: only what is permitted becomes effective", names);
	}
}

static void check_deadline(struct check *c, const struct sched_spec *s)
{
	/* sched(7): runtime <= deadline <= period, and 0 stands for the deadline in period */
	uint64_t period = s->period ? s->period : s->deadline;

	if (!s->runtime || !s->deadline)
		bad(at(c, "/scheduler"), "SCHED_DEADLINE needs runtime and deadline");
	else if (s->runtime > s->deadline || s->deadline > period)
		bad(at(c, "/scheduler"),
		    "SCHED_DEADLINE needs runtime <= deadline <= period, not %" PRIu64 ", %" PRIu64
		    ", %" PRIu64,
		    s->runtime, s->deadline, period);
}

static void check_scheduler(struct check *c, const struct sched_spec *s)
{
	bool realtime = s->policy == SCHED_FIFO || s->policy == SCHED_RR;
	bool deadline = s->policy == SCHED_DEADLINE;
	const char *name = word_of(WORDS_SCHED_POLICIES, (uint64_t)s->policy);

	/* -1: the reader has told of it */
	if (!s->set || s->policy < 0)
		return;
	if (s->policy == SCHED_ISO_)
		unsupported(at(c, "/scheduler/policy"),
			    "SCHED_ISO is in no Linux kernel; SCHED_OTHER or SCHED_BATCH are");
	if (s->nice < -20 || s->nice > 19)
		bad(at(c, "/scheduler/nice"), "%d is out of range: -20 to 19 are allowed", s->nice);
	else if (s->nice && (realtime || deadline))
		bad(at(c, "/scheduler/nice"),
		    "%s has no nice value; SCHED_OTHER and SCHED_BATCH have", name);
	if (realtime && (s->priority < 1 || s->priority > 99))
		bad(at(c, "/scheduler/priority"), "%s needs a priority from 1 to 99", name);
	else if (!realtime && s->priority)
		bad(at(c, "/scheduler/priority"),
		    "%s has no priority; SCHED_FIFO and SCHED_RR have", name);
	if (deadline)
		check_deadline(c, s);
	else if (s->runtime || s->deadline || s->period)
		bad(at(c, "/scheduler"),
		    "runtime, deadline and period are for SCHED_DEADLINE alone, not %s", name);
}

void check_process(struct check *c, const struct process_spec *p)
{
	check_command(c, p);
	check_user(c, &p->user);
	check_rlimits(c, p);
	check_caps(c, &p->caps);
	check_scheduler(c, &p->sched);
	if (p->oom_score_adj != UNSET_I32 && (p->oom_score_adj < -1000 || p->oom_score_adj > 1000))
		bad(at(c, "/oomScoreAdj"), "%d is out of range: -1000 to 1000 are allowed",
		    p->oom_score_adj);
	if (p->ioprio.set && (p->ioprio.priority < 0 || p->ioprio.priority > 7))
		bad(at(c, "/ioPriority/priority"), "%d is out of range: 0 to 7 are allowed",
		    p->ioprio.priority);
	if (p->cpu_initial && !is_cpu_list(p->cpu_initial))
		bad(at(c, "/execCPUAffinity/initial"),
		    "'%.64s' is no list of processors; \"0-3,7\" is one", p->cpu_initial);
	if (p->cpu_final && !is_cpu_list(p->cpu_final))
		bad(at(c, "/execCPUAffinity/final"),
		    "'%.64s' is no list of processors; \"0-3,7\" is one", p->cpu_final);
}
