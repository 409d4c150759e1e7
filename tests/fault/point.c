/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/point.h"

#include <errno.h>
#include <fnmatch.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime/base/attr.h"

#define SETTLE_MS 1000

const char *call_name(int nr, char *name, size_t size)
{
	char *word = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);

	snprintf(name, size, "%s", word ? word : "?");
	free(word);
	return name;
}

static void describe_status(const struct tracer *t, char *text, size_t size)
{
	if (t->hung)
		snprintf(text, size, "HANG");
	else if (WIFSIGNALED(t->status))
		snprintf(text, size, "signal %d", WTERMSIG(t->status));
	else
		snprintf(text, size, "status %d", WEXITSTATUS(t->status));
}

/* One line that says where we are, written before the first complaint about a point. */
static void begin_complaint(struct sweep *s, const struct fault *f, bool *bad)
{
	if (*bad)
		return;
	*bad = true;
	fprintf(s->details, "%s: process %u call %u (%s)%s%s%s\n", s->name, f->proc, f->call,
		s->tracer.call, f->at_exit ? ", after it" : "", f->kind == FAULT_ERRNO ? ", " : "",
		f->kind == FAULT_ERRNO ? strerrorname_np(f->code) : "");
}

static void complain(struct sweep *s, const struct fault *f, bool *bad, const char *fmt, ...)
	_printf_(4, 5);

static void complain(struct sweep *s, const struct fault *f, bool *bad, const char *fmt, ...)
{
	va_list ap;

	begin_complaint(s, f, bad);
	fputs("  ", s->details);
	va_start(ap, fmt);
	vfprintf(s->details, fmt, ap);
	va_end(ap);
	fputc('\n', s->details);
}

/* Run a command that must succeed. */
static bool must_work(struct sweep *s, const struct fault *f, bool *bad, const char *role,
		      char **argv)
{
	struct tracer *t = &s->tracer;
	char status[32];

	plain_command(t, argv, s->limit_ms);
	if (!t->hung && WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0)
		return true;
	char *said = trace_output(t);
	describe_status(t, status, sizeof(status));
	complain(s, f, bad, "%s: %s%s%s: %s", role, status, t->hung ? " in " : "", t->stuck,
		 said ? said : "");
	free(said);
	return false;
}

static pid_t pid_from(const char *path)
{
	FILE *file = path ? fopen(path, "re") : NULL;
	int pid = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid;
}

/* The output, once it is as long as is expected or has had half a second to become so. */
static char *output_like(struct tracer *t, const char *expected)
{
	struct timespec pause = { .tv_nsec = 2000000 };
	char *text = trace_output(t);

	for (unsigned i = 0; i < 250 && text && expected && strlen(text) < strlen(expected); i++) {
		nanosleep(&pause, NULL);
		trace_serve(t);
		free(text);
		text = trace_output(t);
	}
	return text;
}

enum tolerance { TOLERATED_NOT, TOLERATED, TOLERATED_DIFFERS };

/*
 * A line of the list: VERB PROCESS CALL ERRNO why. Each of the first four is a shell pattern; a why
 * that starts with "differs:" says that the container may come out different.
 */
static enum tolerance tolerance(const struct sweep *s, const struct fault *f)
{
	char verb[32], proc[32], call[512], code[64], why[16], number[16];

	snprintf(number, sizeof(number), "%u", f->proc);
	for (const char *l = s->tolerated; l && *l;) {
		if (*l != '#' &&
		    sscanf(l, "%31s %31s %511s %63s %15s", verb, proc, call, code, why) == 5 &&
		    fnmatch(verb, s->name, 0) == 0 && fnmatch(proc, number, 0) == 0 &&
		    fnmatch(call, s->tracer.call, 0) == 0 &&
		    fnmatch(code, strerrorname_np(f->code), 0) == 0)
			return strcmp(why, "differs:") == 0 ? TOLERATED_DIFFERS : TOLERATED;
		l = strchr(l, '\n');
		if (l)
			l++;
	}
	return TOLERATED_NOT;
}

/* The lines of a and b that are not the same, up to where one of them ends. */
static void print_difference(const char *a, const char *b, FILE *out)
{
	while (*a || *b) {
		size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");

		if (la != lb || strncmp(a, b, la) != 0)
			fprintf(out, "- %.*s\n+ %.*s\n", (int)la, a, (int)lb, b);
		a += la + (a[la] == '\n');
		b += lb + (b[lb] == '\n');
	}
}

/* The call failed and the command says that all is well: then all must be as without the fault. */
static void judge_success(struct sweep *s, const struct fault *f, bool *bad)
{
	struct tracer *t = &s->tracer;
	int fd = t->output_fd;
	enum tolerance how = tolerance(s, f);

	s->tolerated_n++;
	if (how == TOLERATED_NOT)
		complain(s, f, bad,
			 "the failure is ignored, and tests/fault/tolerated does not list it");
	if (how == TOLERATED_DIFFERS)
		return;
	t->output_fd = -1;
	if (s->after)
		must_work(s, f, bad, "what comes after", s->after);
	if (t->output_fd >= 0)
		fclose(fdopen(t->output_fd, "r"));
	t->output_fd = fd;
	char *text = output_like(t, s->good_output);
	if (text && s->good_output && strcmp(text, s->good_output) != 0) {
		complain(s, f, bad, "success, but the container differs:");
		print_difference(s->good_output, text, s->details);
	}
	free(text);
}

/*
 * Does the host differ from before, for good? What is still traced must be served meanwhile, or it
 * would stand still and count as left over.
 */
static bool leaks(struct sweep *s, const struct snapshot *before)
{
	for (unsigned waited = 0; waited < SETTLE_MS; waited += 4) {
		struct timespec pause = { .tv_nsec = waited ? 4000000 : 500000 };

		trace_serve(&s->tracer);
		if (leak_check(before, &s->watch, 0, NULL) == 0)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* How many lines the command itself wrote: what its payload says too is no message. */
static unsigned message_lines(const char *text, const char *payload)
{
	unsigned n = 0;

	for (const char *l = text; *l;) {
		char line[512];
		size_t len = strcspn(l, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, l);
		n += len > 0 && (!payload || !strstr(payload, line));
		l += len + (l[len] == '\n');
	}
	return n;
}

/* A failure says why in one line, with a hint in a second one at most. */
static void judge_failure(struct sweep *s, const struct fault *f, bool *bad,
			  const struct snapshot *before)
{
	char *text = trace_output(&s->tracer);
	unsigned lines = message_lines(text ? text : "", s->good_output);

	if (lines == 0)
		complain(s, f, bad, "fails without a word");
	else if (lines > 2)
		complain(s, f, bad, "fails in %u lines: %.300s", lines, text);
	free(text);
	if (!s->clean_fail)
		return;
	if (leaks(s, before)) {
		complain(s, f, bad, "the failed command leaves behind:");
		leak_check(before, &s->watch, 0, s->details);
	}
}

static void judge_errno(struct sweep *s, const struct fault *f, bool *bad,
			const struct snapshot *before)
{
	const struct tracer *t = &s->tracer;

	if (WIFSIGNALED(t->status)) {
		complain(s, f, bad, "dies by signal %d", WTERMSIG(t->status));
		return;
	}
	if (t->status == s->good_status)
		judge_success(s, f, bad);
	else
		judge_failure(s, f, bad, before);
}

/* After a leak: clear the host by force, so that the next point is judged for itself. */
static void force_clean(struct sweep *s)
{
	kill_descendants(&s->tracer);
	leak_scrub(&s->baseline, &s->watch);
	plain_command(&s->tracer, s->cleanup, s->limit_ms);
	snapshot_take(&s->baseline, &s->watch);
}

static void clean_up(struct sweep *s, const struct fault *f, bool *bad)
{
	must_work(s, f, bad, "clean-up", s->cleanup);
	must_work(s, f, bad, "second clean-up", s->cleanup);
	if (leaks(s, &s->baseline)) {
		describe_descendants(&s->tracer);
		complain(s, f, bad, "leaked: %s", s->tracer.stuck);
		leak_check(&s->baseline, &s->watch, 0, s->details);
	}
}

static bool set_up(struct sweep *s, const struct fault *f, bool *bad)
{
	for (size_t i = 0; i < s->nsetup; i++)
		if (!must_work(s, f, bad, "set-up", s->setup[i]))
			return false;
	return true;
}

int sweep_baseline(struct sweep *s)
{
	const struct fault none = { .kind = FAULT_NONE };
	struct tracer *t = &s->tracer;
	bool bad = false;
	char status[32];

	plain_command(t, s->cleanup, s->limit_ms);
	snapshot_take(&s->baseline, &s->watch);
	if (!set_up(s, &none, &bad))
		return -1;
	trace_command(t, s->victim, &none, pid_from(s->attach), s->limit_ms);
	s->good_status = t->status;
	if (t->hung || !WIFEXITED(t->status) || WEXITSTATUS(t->status) != 0) {
		char *said = trace_output(t);

		describe_status(t, status, sizeof(status));
		complain(s, &none, &bad, "undisturbed: %s %s %s", status, t->stuck, said);
		free(said);
		return -1;
	}
	if (s->after) {
		int fd = t->output_fd;

		t->output_fd = -1;
		must_work(s, &none, &bad, "what comes after", s->after);
		if (t->output_fd >= 0)
			fclose(fdopen(t->output_fd, "r"));
		t->output_fd = fd;
		for (unsigned i = 0; i < 50; i++) {
			trace_serve(t);
			nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
		}
	}
	s->good_output = trace_output(t);
	clean_up(s, &none, &bad);
	return bad ? -1 : 0;
}

void sweep_point(struct sweep *s, const struct fault *f)
{
	struct snapshot before = SNAPSHOT_INIT;
	struct tracer *t = &s->tracer;
	bool bad = false;

	t->call[0] = '\0';
	s->points++;
	if (set_up(s, f, &bad)) {
		if (f->kind == FAULT_ERRNO && s->clean_fail)
			snapshot_take(&before, &s->watch);
		trace_command(t, s->victim, f, pid_from(s->attach), s->limit_ms);
		if (!t->fired)
			s->missed++;
		if (t->hung)
			complain(s, f, &bad, "HANG after %.0f ms: %s", t->ms, t->stuck);
		else if (t->fired && f->kind == FAULT_ERRNO)
			judge_errno(s, f, &bad, &before);
	}
	clean_up(s, f, &bad);
	if (!bad && s->ncheck && s->points % s->check_every == 0) {
		for (size_t i = 0; i < s->ncheck; i++)
			must_work(s, f, &bad, "afterwards", s->check[i]);
		must_work(s, f, &bad, "clean-up of what came afterwards", s->cleanup);
	}
	if (bad) {
		s->bad++;
		force_clean(s);
	}
	snapshot_done(&before);
}
