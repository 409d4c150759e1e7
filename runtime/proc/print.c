/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <inttypes.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/resource.h>

#include "runtime/base/arena.h"
#include "runtime/proc/parts.h"
#include "specs/words.h"

static void print_user(const struct proc_plan *p, FILE *out)
{
	const struct user_spec *u = &p->p->user;

	fprintf(out, "user %u:%u", u->uid, u->gid);
	if (p->keep_groups || p->setgroups_denied)
		fprintf(out, " groups kept");
	for (size_t i = 0; i < u->ngroups && !p->keep_groups && !p->setgroups_denied; i++)
		fprintf(out, "%s%u", i ? "," : " groups ", u->groups[i]);
	fprintf(out, "\numask %04o\n", u->umask == UNSET_U32 ? 022u : u->umask);
}

static void print_caps(const struct proc_plan *p, FILE *out)
{
	const struct {
		const char *name;
		uint64_t set;
	} sets[] = {
		{ "bounding", p->caps.bounding },   { "permitted", p->caps.permitted },
		{ "effective", p->caps.effective }, { "inheritable", p->caps.inheritable },
		{ "ambient", p->caps.ambient },
	};
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		fprintf(out, "cap %s %s\n", sets[i].name,
			sets[i].set ? caps_text(sets[i].set, &a) : "none");
	arena_free(&a);
}

static void print_limit(uint64_t v, FILE *out)
{
	if (v == RLIM_INFINITY)
		fputs("unlimited", out);
	else
		fprintf(out, "%" PRIu64, v);
}

static void print_rlimits(const struct process_spec *p, FILE *out)
{
	for (size_t i = 0; i < p->nrlimits; i++) {
		const char *name = rlimit_name(p->rlimits[i].resource) + strlen("RLIMIT_");

		fputs("rlimit ", out);
		for (; *name; name++)
			fputc(*name >= 'A' && *name <= 'Z' ? *name + 'a' - 'A' : *name, out);
		fputc(' ', out);
		print_limit(p->rlimits[i].soft, out);
		fputc(':', out);
		print_limit(p->rlimits[i].hard, out);
		fputc('\n', out);
	}
}

static const char *word_or(enum word_list l, uint64_t value)
{
	const char *word = word_of(l, value);

	return word ? word : "?";
}

static void print_sched(const struct process_spec *p, FILE *out)
{
	const struct sched_spec *s = &p->sched;

	if (s->set)
		fprintf(out,
			"scheduler %s nice %d priority %d flags %#" PRIx64 " runtime %" PRIu64
			" deadline %" PRIu64 " period %" PRIu64 "\n",
			word_or(WORDS_SCHED_POLICIES, (uint64_t)s->policy), s->nice, s->priority,
			s->flags, s->runtime, s->deadline, s->period);
	if (p->ioprio.set)
		fprintf(out, "ioprio %s %d\n",
			word_or(WORDS_IOPRIO_CLASSES, (uint64_t)p->ioprio.class),
			p->ioprio.priority);
	if (p->cpu_initial)
		fprintf(out, "cpus initial %s\n", p->cpu_initial);
	if (p->cpu_final)
		fprintf(out, "cpus final %s\n", p->cpu_final);
}

static void print_mempolicy(const struct proc_plan *p, FILE *out)
{
	const char *sep = " nodes ";

	if (p->personality != UNSET_PERSONALITY)
		fprintf(out, "personality %#lx\n", p->personality);
	if (!p->mempolicy_set)
		return;
	fprintf(out, "mempolicy %#x", (unsigned)p->mempolicy_mode);
	for (unsigned long i = 0; p->mempolicy && i < p->mempolicy_bits; i++) {
		unsigned long long_bits = 8 * sizeof(*p->mempolicy);

		if (!(p->mempolicy[i / long_bits] >> i % long_bits & 1))
			continue;
		fprintf(out, "%s%lu", sep, i);
		sep = ",";
	}
	fputc('\n', out);
}

static void print_labels(const struct proc_plan *p, FILE *out)
{
	if (p->p->oom_score_adj != UNSET_I32)
		fprintf(out, "oom_score_adj %d\n", p->p->oom_score_adj);
	if (p->new_keyring)
		fputs("keyring new\n", out);
	if (p->p->selinux && *p->p->selinux)
		fprintf(out, "selinux %s\n", p->p->selinux);
	if (p->p->apparmor && *p->p->apparmor)
		fprintf(out, "apparmor %s\n", p->p->apparmor);
}

static void print_filter(const struct proc_plan *p, FILE *out)
{
	if (p->p->no_new_privs)
		fputs("no_new_privs\n", out);
	if (p->seccomp.len)
		fprintf(out, "seccomp %u instructions flags %#x%s\n", (unsigned)p->seccomp.len,
			p->seccomp_flags, p->seccomp_notify ? " notify" : "");
}

/* As a shell would need it to be written; control characters as $'\ooo'. */
static void print_word(const char *word, FILE *out)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_@%+=:,./-";
	bool control = false;

	if (*word && word[strspn(word, safe)] == 0) {
		fputs(word, out);
		return;
	}
	for (const char *c = word; *c; c++)
		control |= (unsigned char)*c < ' ' || *c == 0x7f;
	fputs(control ? "$'" : "'", out);
	for (const char *c = word; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			fprintf(out, "\\%03o", (unsigned char)*c);
		else if (*c == '\'')
			fputs(control ? "\\'" : "'\\''", out);
		else if (*c == '\\' && control)
			fputs("\\\\", out);
		else
			fputc(*c, out);
	}
	fputc('\'', out);
}

static void print_exec(const struct process_spec *p, FILE *out)
{
	fprintf(out, "cwd ");
	print_word(p->cwd ? p->cwd : "/", out);
	fputc('\n', out);
	for (size_t i = 0; i < p->env.n; i++) {
		fputs("env ", out);
		print_word(p->env.v[i], out);
		fputc('\n', out);
	}
	fputs("exec", out);
	for (size_t i = 0; i < p->args.n; i++) {
		fputc(' ', out);
		print_word(p->args.v[i], out);
	}
	fputc('\n', out);
}

/* In the order in which init does it. */
void proc_print(const struct proc_plan *p, FILE *out)
{
	print_mempolicy(p, out);
	print_sched(p->p, out);
	print_labels(p, out);
	print_user(p, out);
	print_caps(p, out);
	print_rlimits(p->p, out);
	print_filter(p, out);
	print_exec(p->p, out);
}
