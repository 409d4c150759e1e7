/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <jansson.h>
#include <linux/audit.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "runtime/proc/seccomp.h"
#include "specs/faults.h"
#include "specs/spec.h"
#include "tests/unit/bpf_interp.h"

#define X32_BIT 0x40000000u
#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))

/* libseccomp 2.5.4 forgets 96 bytes for every rule that it refuses; LeakSanitizer asks for this. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp";
}

/* ---- the oracle: libseccomp, used as runc uses it, behind runc's ENOSYS stub ---- */

struct oracle {
	struct sock_filter *insn;
	size_t n;
	bool stub;
	uint32_t largest, largest32, largest_x86; /* 0: no stub for it */
	bool x86, x32;
};

static bool same_index_twice(const struct seccomp_rule *r)
{
	for (size_t i = 0; i < r->nargs; i++)
		for (size_t k = 0; k < i; k++)
			if (r->args[i].index == r->args[k].index)
				return true;
	return false;
}

static const enum scmp_compare compare[OP_COUNT] = {
	[OP_NE] = SCMP_CMP_NE,
	[OP_LT] = SCMP_CMP_LT,
	[OP_LE] = SCMP_CMP_LE,
	[OP_EQ] = SCMP_CMP_EQ,
	[OP_GE] = SCMP_CMP_GE,
	[OP_GT] = SCMP_CMP_GT,
	[OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

static int oracle_rule(scmp_filter_ctx ctx, const struct seccomp_rule *r, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name), rc = 0;
	struct scmp_arg_cmp c[64];

	if (nr == __NR_SCMP_ERROR)
		return 0;
	for (size_t i = 0; i < r->nargs; i++)
		c[i] = (struct scmp_arg_cmp){ r->args[i].index, compare[r->args[i].op],
					      r->args[i].value, r->args[i].value_two };
	if (!same_index_twice(r))
		return seccomp_rule_add_array(ctx, r->action, nr, (unsigned)r->nargs, c);
	for (size_t i = 0; i < r->nargs && rc == 0; i++)
		rc = seccomp_rule_add_array(ctx, r->action, nr, 1, &c[i]);
	return rc;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* what is also a sub-call counts with its own number, unlike in runc: see seccomp.h */
static uint32_t number_of(uint32_t arch, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);
	uint32_t n = 0;

	if (nr >= 0)
		return (uint32_t)nr;
	if (arch != SCMP_ARCH_X86 || nr > -101 || nr < -224)
		return 0;
	for (int i = 0; i < 512; i++) {
		char *other = seccomp_syscall_resolve_num_arch(arch, i);

		if (other && !strcmp(other, name))
			n = (uint32_t)i;
		free(other);
	}
	return max_u32(n, nr > -200 ? 102 : 117);
}

static void oracle_stub(struct oracle *o, const struct seccomp_spec *s)
{
	uint32_t kind = s->default_action & SECCOMP_RET_ACTION_FULL;

	o->stub = kind != SECCOMP_RET_ALLOW && kind != SECCOMP_RET_LOG && kind != SECCOMP_RET_TRACE;
	for (size_t i = 0; i < s->narches; i++) {
		o->x86 |= s->arches[i] == AUDIT_ARCH_I386;
		o->x32 |= s->arches[i] == ARCH_X32;
	}
	for (size_t i = 0; i < s->nrules; i++) {
		for (size_t k = 0; k < s->rules[i].names.n; k++) {
			const char *name = s->rules[i].names.v[k];

			o->largest = max_u32(o->largest, number_of(SCMP_ARCH_X86_64, name));
			o->largest32 = max_u32(o->largest32, number_of(SCMP_ARCH_X32, name));
			o->largest_x86 = max_u32(o->largest_x86, number_of(SCMP_ARCH_X86, name));
		}
	}
}

/* false: libseccomp refuses the profile */
static bool oracle_make(struct oracle *o, const struct seccomp_spec *s, struct arena *a)
{
	scmp_filter_ctx ctx = seccomp_init(s->default_action);
	int rc = 0;

	memset(o, 0, sizeof(*o));
	assert_non_null(ctx);
	for (size_t i = 0; i < s->narches && rc == 0; i++) {
		rc = seccomp_arch_add(ctx, s->arches[i]);
		rc = rc == -EEXIST ? 0 : rc;
	}
	for (size_t i = 0; i < s->nrules && rc == 0; i++)
		for (size_t k = 0; k < s->rules[i].names.n && rc == 0; k++)
			if (s->rules[i].action != s->default_action)
				rc = oracle_rule(ctx, &s->rules[i], s->rules[i].names.v[k]);
	if (rc == 0) {
		own_fd fd = memfd_create("oracle", MFD_CLOEXEC);
		struct stat st;

		assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
		assert_int_equal(fstat(fd, &st), 0);
		o->n = (size_t)st.st_size / sizeof(*o->insn);
		o->insn = arena_array(a, o->n, sizeof(*o->insn));
		assert_int_equal(pread(fd, o->insn, (size_t)st.st_size, 0), st.st_size);
		assert_int_equal(bpf_check(o->insn, o->n), 0);
		oracle_stub(o, s);
	}
	seccomp_release(ctx);
	return rc == 0;
}

static uint32_t oracle_run(const struct oracle *o, const struct seccomp_data *d)
{
	uint32_t nr = (uint32_t)d->nr, top = 0;

	if (d->arch == AUDIT_ARCH_X86_64)
		top = nr & X32_BIT ? (o->x32 ? o->largest32 : 0) : o->largest;
	else if (d->arch == AUDIT_ARCH_I386 && o->x86)
		top = o->largest_x86;
	if (o->stub && top && nr > top)
		return ERRNO(ENOSYS);
	return bpf_run(o->insn, o->n, d, NULL);
}

/* ---- what the documentation of libseccomp says, for where its code fails ---- */

static bool holds(const struct seccomp_arg *c, const struct seccomp_data *d, bool wide)
{
	uint64_t max = wide ? UINT64_MAX : UINT32_MAX, v = d->args[c->index] & max;
	uint64_t want = c->value & max;

	switch ((enum seccomp_op)c->op) {
	case OP_NE:
		return v != want;
	case OP_LT:
		return v < want;
	case OP_LE:
		return v <= want;
	case OP_EQ:
		return v == want;
	case OP_GE:
		return v >= want;
	case OP_GT:
		return v > want;
	case OP_MASKED_EQ:
		return (v & want) == (c->value_two & want);
	case OP_COUNT:
		break;
	}
	return false;
}

/* Is this call (with these arguments) one that the rule's name is about? conditions: from which */
static bool is_about(const char *name, uint32_t token, const struct seccomp_data *d, unsigned *from)
{
	int nr = seccomp_syscall_resolve_name_arch(token, name);
	bool ipc = nr <= -200;

	*from = 0;
	if (nr >= 0)
		return (uint32_t)nr == (uint32_t)d->nr;
	if (token != SCMP_ARCH_X86 || nr > -101 || nr < -224)
		return false;
	if (d->nr == (ipc ? 117 : 102)) {
		*from = 1;
		return (uint32_t)d->args[0] == (uint32_t)-nr % 100;
	}

	char *other = seccomp_syscall_resolve_num_arch(token, d->nr);
	bool same = other && !strcmp(other, name);

	free(other);
	return same;
}

/* The actions of all rules that match: a right answer is one of them. */
struct opinion {
	uint32_t action[64];
	size_t n;
	bool unconditional;
};

static void hear(struct opinion *o, uint32_t action)
{
	assert_true(o->n < ARRAY_SIZE(o->action));
	o->action[o->n++] = action;
}

static bool agrees(const struct opinion *o, uint32_t action)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->action[i] == action)
			return true;
	return false;
}

static void judge(const struct seccomp_rule *r, unsigned from, bool wide,
		  const struct seccomp_data *d, struct opinion *o)
{
	bool apart = same_index_twice(r), all = true, empty = from == 0;

	for (size_t i = 0; i < r->nargs; i++) {
		const struct seccomp_arg *c = &r->args[i];
		bool yes = c->index < from || holds(c, d, wide);
		bool always = c->op == OP_MASKED_EQ && !(wide ? c->value : (uint32_t)c->value);

		if (apart && yes)
			hear(o, r->action);
		if (apart && always && from == 0)
			o->unconditional = true;
		all &= yes;
		empty &= always;
	}
	if (!apart && all)
		hear(o, r->action);
	if (!apart && empty)
		o->unconditional = true;
}

static struct opinion documented(const struct seccomp_spec *s, const struct seccomp_data *d)
{
	struct opinion o = { .n = 0 };
	uint32_t token = d->arch == AUDIT_ARCH_X86_64 && d->nr & (int)X32_BIT ? ARCH_X32 : d->arch;
	bool wide = token == AUDIT_ARCH_X86_64;
	unsigned from;

	for (size_t i = 0; i < s->nrules; i++)
		for (size_t k = 0; k < s->rules[i].names.n; k++) {
			if (s->rules[i].action == s->default_action ||
			    !is_about(s->rules[i].names.v[k], token, d, &from))
				continue;

			struct opinion one = { .n = 0 };

			judge(&s->rules[i], from, wide, d, &one);
			if (one.unconditional)
				return one;
			if (one.n)
				hear(&o, one.action[0]);
		}
	if (!o.n)
		hear(&o, s->default_action);
	return o;
}

/* ---- comparing ---- */

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

struct values {
	uint64_t v[4096];
	size_t n;
};

static void add_values(struct values *v, uint64_t x)
{
	const uint64_t near[] = { x,
				  x - 1,
				  x + 1,
				  x ^ 1ull << 32,
				  x | 0xffffffffull << 32,
				  x & 0xffffffff,
				  x << 32,
				  x >> 32,
				  x ^ 1ull << 63 };

	for (size_t i = 0; i < ARRAY_SIZE(near) && v->n < ARRAY_SIZE(v->v); i++)
		v->v[v->n++] = near[i];
}

static void collect_values(const struct seccomp_spec *s, struct values *v)
{
	v->n = 0;
	add_values(v, 0);
	for (size_t i = 0; i < s->nrules; i++)
		for (size_t k = 0; k < s->rules[i].nargs; k++) {
			add_values(v, s->rules[i].args[k].value);
			add_values(v, s->rules[i].args[k].value_two);
		}
	for (uint64_t i = 0; i < 25; i++) /* sub-calls of socketcall and ipc */
		v->v[v->n++ % ARRAY_SIZE(v->v)] = i;
}

struct comparison {
	const struct seccomp_spec *s;
	struct oracle o;
	struct sock_fprog prog;
	struct values values;
	uint64_t seed;
	size_t compared, steps;
	size_t bugs;    /* libseccomp does what no rule says */
	size_t choices; /* rules with several actions match, and it takes another one */
};

static void print_rules(const struct seccomp_spec *s)
{
	printf("default %#x, %zu architectures\n", s->default_action, s->narches);
	for (size_t i = 0; i < s->nrules; i++) {
		const struct seccomp_rule *r = &s->rules[i];

		printf("  %s%s%s -> %#x:", r->names.v[0], r->names.n > 1 ? " " : "",
		       r->names.n > 1 ? r->names.v[1] : "", r->action);
		for (size_t k = 0; k < r->nargs; k++)
			printf(" [%u op %d %#llx %#llx]", r->args[k].index, r->args[k].op,
			       (unsigned long long)r->args[k].value,
			       (unsigned long long)r->args[k].value_two);
		printf("\n");
	}
}

static void report(const struct comparison *c, const struct seccomp_data *d, uint32_t got,
		   uint32_t want)
{
	printf("arch %#x nr %u (%#x) args %llx %llx %llx %llx %llx %llx: %#x, libseccomp %#x\n",
	       d->arch, (unsigned)d->nr, (unsigned)d->nr, d->args[0], d->args[1], d->args[2],
	       d->args[3], d->args[4], d->args[5], got, want);
	print_rules(c->s);
}

static void compare_one(struct comparison *c, uint32_t arch, uint32_t nr)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = arch };
	unsigned steps;

	for (size_t i = 0; i < 6; i++)
		d.args[i] = c->values.v[random_next(&c->seed) % c->values.n];

	uint32_t got = bpf_run(c->prog.filter, c->prog.len, &d, &steps);
	uint32_t want = oracle_run(&c->o, &d);

	c->compared++;
	c->steps += steps;
	if (got == want)
		return;

	struct opinion o = documented(c->s, &d);

	if (agrees(&o, want))
		c->choices++;
	else
		c->bugs++;
	if (agrees(&o, got))
		return;
	report(c, &d, got, want);
	assert_int_equal(got, want);
}

static const uint32_t archs[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
				  AUDIT_ARCH_ARM };

static void compare_all(struct comparison *c, unsigned rounds)
{
	static const uint32_t edges[] = {
		X32_BIT - 1, 2 * X32_BIT - 1, 2 * X32_BIT,    2 * X32_BIT + 1, 3 * X32_BIT - 1,
		3 * X32_BIT, 3 * X32_BIT + 5, UINT32_MAX - 1, UINT32_MAX,      4000,
		65536
	};

	for (size_t a = 0; a < ARRAY_SIZE(archs); a++)
		for (unsigned i = 0; i < rounds; i++) {
			for (uint32_t nr = 0; nr < 1024; nr++) {
				compare_one(c, archs[a], nr);
				compare_one(c, archs[a], nr | X32_BIT);
			}
			for (size_t k = 0; k < ARRAY_SIZE(edges); k++)
				compare_one(c, archs[a], edges[k]);
		}
}

/* ---- the engine's profile ---- */

static const struct {
	const char *word;
	uint32_t value;
} words[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64 },
	{ "SCMP_ARCH_X86", AUDIT_ARCH_I386 },
	{ "SCMP_ARCH_X32", ARCH_X32 },
	{ "SCMP_CMP_EQ", OP_EQ },
	{ "SCMP_CMP_NE", OP_NE },
	{ "SCMP_CMP_MASKED_EQ", OP_MASKED_EQ },
};

static uint32_t word(const json_t *v)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].word, json_string_value(v)))
			return words[i].value;
	fail_msg("unknown word %s", json_string_value(v));
	return 0;
}

static uint32_t action(const json_t *o, const char *key, const char *errno_key)
{
	uint32_t a = word(json_object_get(o, key));
	const json_t *n = json_object_get(o, errno_key);

	return a == SECCOMP_RET_ERRNO ? a | (n ? (uint32_t)json_integer_value(n) : EPERM) : a;
}

static void read_rule(const json_t *o, struct seccomp_rule *r, struct arena *a)
{
	const json_t *names = json_object_get(o, "names"), *args = json_object_get(o, "args");

	r->action = action(o, "action", "errnoRet");
	r->names.n = json_array_size(names);
	r->names.v = arena_array(a, r->names.n + 1, sizeof(char *));
	for (size_t i = 0; i < r->names.n; i++)
		r->names.v[i] = arena_strdup(a, json_string_value(json_array_get(names, i)));
	r->nargs = json_array_size(args);
	r->args = arena_array(a, r->nargs + 1, sizeof(*r->args));
	for (size_t i = 0; i < r->nargs; i++) {
		const json_t *c = json_array_get(args, i);

		r->args[i].index = (unsigned)json_integer_value(json_object_get(c, "index"));
		r->args[i].value = (uint64_t)json_integer_value(json_object_get(c, "value"));
		r->args[i].value_two = (uint64_t)json_integer_value(json_object_get(c, "valueTwo"));
		r->args[i].op = (int)word(json_object_get(c, "op"));
	}
}

static struct seccomp_spec *engine_profile(struct arena *a)
{
	struct seccomp_spec *s = arena_alloc(a, sizeof(*s));
	json_t *o = json_load_file("tests/unit/seccomp-engine.json", 0, NULL);
	const json_t *archs_o = json_object_get(o, "architectures");
	const json_t *calls = json_object_get(o, "syscalls");

	assert_non_null(o);
	s->set = true;
	s->default_action = action(o, "defaultAction", "defaultErrnoRet");
	s->narches = json_array_size(archs_o);
	s->arches = arena_array(a, s->narches, sizeof(*s->arches));
	for (size_t i = 0; i < s->narches; i++)
		s->arches[i] = word(json_array_get(archs_o, i));
	s->nrules = json_array_size(calls);
	s->rules = arena_array(a, s->nrules, sizeof(*s->rules));
	for (size_t i = 0; i < s->nrules; i++)
		read_rule(json_array_get(calls, i), &s->rules[i], a);
	json_decref(o);
	return s;
}

static struct comparison *start(const struct seccomp_spec *s, struct arena *a)
{
	struct comparison *c = arena_alloc(a, sizeof(*c));
	struct err e = { 0 };

	c->s = s;
	c->seed = 88172645463325252ull;
	if (!oracle_make(&c->o, s, a))
		return NULL;
	if (seccomp_compile(s, a, &c->prog, NULL, &e) < 0) {
		print_rules(s);
		fail_msg("%s", e.text);
	}
	assert_int_equal(bpf_check(c->prog.filter, c->prog.len), 0);
	collect_values(s, &c->values);
	return c;
}

static void engine_equal(void **state)
{
	struct arena a = ARENA_INIT;
	struct seccomp_spec *s = engine_profile(&a);
	const uint32_t defaults[] = { s->default_action,        ERRNO(EPERM),
				      SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_LOG,
				      SECCOMP_RET_TRACE | 7,    SECCOMP_RET_TRAP };

	(void)state;
	assert_true(s->nrules > 20);
	for (size_t n = 0; n <= s->narches; n++)
		for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
			struct seccomp_spec one = *s;

			one.default_action = defaults[i];
			one.narches = n;

			struct comparison *c = start(&one, &a);

			assert_non_null(c);
			compare_all(c, i == 0 ? 20 : 3);
			assert_int_equal(c->bugs + c->choices, 0);
			assert_true(c->prog.len < 700);
			assert_true(c->steps / c->compared < 20);
		}
	arena_free(&a);
}

/* ---- random profiles ---- */

static struct seccomp_spec *random_profile(uint64_t *seed, struct arena *a)
{
	static const char *const names[] = {
		"read",    "write",        "socket",
		"accept4", "accept",       "socketpair",
		"shmget",  "semop",        "semtimedop",
		"ioctl",   "personality",  "clone",
		"mmap2",   "socketcall",   "ipc",
		"statx",   "recv",         "semtimedop_time64",
		"openat2", "no_such_call", "setup",
		"msgctl",  "listen",
	};
	static const uint32_t actions[] = { SECCOMP_RET_ALLOW,
					    ERRNO(1),
					    ERRNO(38),
					    ERRNO(22),
					    SECCOMP_RET_KILL_PROCESS,
					    SECCOMP_RET_KILL_THREAD,
					    SECCOMP_RET_LOG,
					    SECCOMP_RET_TRACE | 5 };
	static const uint64_t values[] = { 0,          1,          2,          5,
					   9,          0xffffffff, 1ull << 32, 0x100000005,
					   UINT64_MAX, 0x700000000 };
	static const uint32_t tokens[] = { AUDIT_ARCH_I386, ARCH_X32, AUDIT_ARCH_X86_64 };
	struct seccomp_spec *s = arena_alloc(a, sizeof(*s));
	unsigned few = 1 + (unsigned)(random_next(seed) % 3); /* so many actions */
	size_t base = random_next(seed) % ARRAY_SIZE(actions);

#define PICK(array) (array)[random_next(seed) % ARRAY_SIZE(array)]
	s->set = true;
	s->default_action = PICK(actions);
	s->narches = random_next(seed) % 4;
	s->arches = arena_array(a, 4, sizeof(*s->arches));
	for (size_t i = 0; i < s->narches; i++)
		s->arches[i] = PICK(tokens);
	s->nrules = random_next(seed) % 7;
	s->rules = arena_array(a, 8, sizeof(*s->rules));
	for (size_t i = 0; i < s->nrules; i++) {
		struct seccomp_rule *r = &s->rules[i];

		r->names.n = 1 + random_next(seed) % 2;
		r->names.v = arena_array(a, 3, sizeof(char *));
		for (size_t k = 0; k < r->names.n; k++)
			r->names.v[k] = (char *)PICK(names);
		r->action = actions[(base + random_next(seed) % few) % ARRAY_SIZE(actions)];
		r->nargs = random_next(seed) % 4;
		r->args = arena_array(a, 4, sizeof(*r->args));
		for (size_t k = 0; k < r->nargs; k++)
			r->args[k] = (struct seccomp_arg){ (unsigned)(random_next(seed) % 3),
							   PICK(values), PICK(values),
							   (int)(random_next(seed) % OP_COUNT) };
	}
#undef PICK
	return s;
}

static void random_equal(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1dull;
	size_t refused = 0, n = getenv("SECCOMP_N") ? (size_t)atoi(getenv("SECCOMP_N")) : 300;
	size_t compared = 0, bugs = 0, choices = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct arena a = ARENA_INIT;
		struct comparison *c = start(random_profile(&seed, &a), &a);

		if (c) {
			compare_all(c, 4);
			compared += c->compared;
			bugs += c->bugs;
			choices += c->choices;
		} else {
			refused++;
		}
		arena_free(&a);
	}
	/*
	 * These profiles are all corner; of real ones not a single answer differs (engine_equal).
	 */
	printf("%zu profiles, %zu refused by libseccomp; of %zu answers %zu are its errors and %zu "
	       "another choice\n",
	       n, refused, compared, bugs, choices);
	assert_true(refused < n / 20);
	assert_true(bugs < compared / 10000);
	assert_true(choices < compared / 10000);
}

/* ---- single facts ---- */

static struct seccomp_rule rule_of(const char *name, uint32_t act, struct seccomp_arg *args,
				   size_t nargs, struct arena *a)
{
	struct seccomp_rule r = { .action = act, .args = args, .nargs = nargs };

	r.names.n = 1;
	r.names.v = arena_array(a, 2, sizeof(char *));
	r.names.v[0] = (char *)name;
	return r;
}

static uint32_t answer(const struct sock_fprog *p, uint32_t arch, uint32_t nr, uint64_t a0,
		       uint64_t a1)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = arch, .args = { a0, a1 } };

	return bpf_run(p->filter, p->len, &d, NULL);
}

/* Overlapping rules with different actions: libseccomp's order, whichever way they are written. */
static void overlap(void **state)
{
	struct seccomp_arg low = { 0, 5, 0, OP_EQ }, high = { 1, 5, 0, OP_EQ };
	struct seccomp_arg less = { 0, 9, 0, OP_LT }, less2 = { 0, 7, 0, OP_LT };
	struct arena a = ARENA_INIT;

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct seccomp_rule one[] = {
			rule_of("ioctl", ERRNO(1), &low, 1, &a),
			rule_of("ioctl", ERRNO(2), &high, 1, &a),
			rule_of("ioctl", ERRNO(3), &less, 1, &a),
			rule_of("ioctl", ERRNO(4), &less2, 1, &a),
		};
		struct seccomp_spec s = { .set = true,
					  .default_action = SECCOMP_RET_ALLOW,
					  .rules = one,
					  .nrules = ARRAY_SIZE(one) };

		if (turn) {
			struct seccomp_rule t = one[0];

			one[0] = one[3];
			one[3] = t;
			t = one[1];
			one[1] = one[2];
			one[2] = t;
		}

		struct comparison *c = start(&s, &a);

		assert_non_null(c);
		compare_all(c, 50);
		assert_int_equal(c->bugs + c->choices, 0);
		assert_int_equal(answer(&c->prog, AUDIT_ARCH_X86_64, 16, 5, 5), ERRNO(2));
		assert_int_equal(answer(&c->prog, AUDIT_ARCH_X86_64, 16, 5, 0), ERRNO(1));
		assert_int_equal(answer(&c->prog, AUDIT_ARCH_X86_64, 16, 6, 0), ERRNO(4));
		assert_int_equal(answer(&c->prog, AUDIT_ARCH_X86_64, 16, 8, 0), ERRNO(3));
		assert_int_equal(answer(&c->prog, AUDIT_ARCH_X86_64, 16, 9, 0), SECCOMP_RET_ALLOW);
		/* the high half counts */
		assert_int_equal(answer(&c->prog, AUDIT_ARCH_X86_64, 16, 5 | 1ull << 32, 0),
				 SECCOMP_RET_ALLOW);
	}
	arena_free(&a);
}

/* The first rule without conditions wins, before or behind those with conditions. */
static void unconditional(void **state)
{
	struct seccomp_arg five = { 0, 5, 0, OP_EQ }, none = { 0, 0, 9, OP_MASKED_EQ };
	struct arena a = ARENA_INIT;
	struct err e = { 0 };
	struct seccomp_rule rules[] = {
		rule_of("ioctl", ERRNO(1), &five, 1, &a),
		rule_of("ioctl", ERRNO(2), &none, 1, &a), /* a mask without bits is no condition */
		rule_of("ioctl", ERRNO(3), NULL, 0, &a),
		rule_of("ioctl", ERRNO(4), &five, 1, &a),
	};
	struct seccomp_spec s = { .set = true,
				  .default_action = SECCOMP_RET_ALLOW,
				  .rules = rules,
				  .nrules = ARRAY_SIZE(rules) };
	struct sock_fprog p;

	(void)state;
	assert_int_equal(seccomp_compile(&s, &a, &p, NULL, &e), 0);
	assert_int_equal(answer(&p, AUDIT_ARCH_X86_64, 16, 5, 0), ERRNO(2));
	assert_int_equal(answer(&p, AUDIT_ARCH_X86_64, 16, 6, 0), ERRNO(2));
	arena_free(&a);
}

static void bad_profiles(void **state)
{
	struct arena a = ARENA_INIT;
	uint32_t big_endian = AUDIT_ARCH_S390X;
	struct seccomp_spec s = { .set = true,
				  .default_action = SECCOMP_RET_ALLOW,
				  .arches = &big_endian,
				  .narches = 1 };
	struct err e = { 0 };
	struct sock_fprog p;
	enum { MANY = 1500 };
	struct seccomp_arg *args = arena_array(&a, MANY, sizeof(*args));
	struct seccomp_rule *rules = arena_array(&a, MANY, sizeof(*rules));

	(void)state;
	assert_int_equal(seccomp_compile(&s, &a, &p, NULL, &e), -EINVAL);
	assert_non_null(strstr(e.text, "byte order"));
	for (size_t i = 0; i < MANY; i++) {
		args[i] = (struct seccomp_arg){ 0, i * 3, 0, OP_EQ };
		rules[i] = rule_of("ioctl", ERRNO(1), &args[i], 1, &a);
	}
	s = (struct seccomp_spec){
		.set = true, .default_action = SECCOMP_RET_ALLOW, .rules = rules, .nrules = MANY
	};
	assert_int_equal(seccomp_compile(&s, &a, &p, NULL, &e), -E2BIG);
	assert_non_null(strstr(e.text, "4096"));
	arena_free(&a);
}

/* Jumps over more than 255 instructions: every call with an action and conditions of its own. */
static void long_jumps(void **state)
{
	struct arena a = ARENA_INIT;
	uint32_t x86 = AUDIT_ARCH_I386;
	enum { MANY = 200 };
	struct seccomp_arg *args = arena_array(&a, MANY, sizeof(*args));
	struct seccomp_rule *rules = arena_array(&a, MANY, sizeof(*rules));
	struct seccomp_spec s = { .set = true,
				  .default_action = SECCOMP_RET_KILL_PROCESS,
				  .arches = &x86,
				  .narches = 1,
				  .rules = rules };

	(void)state;
	for (int nr = 0; nr < MANY; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, nr);
		uint64_t v = (uint64_t)nr << 20 | (uint64_t)nr << 40;

		if (!name)
			continue;
		args[nr] = (struct seccomp_arg){ (unsigned)nr % 6, v, v, nr % OP_COUNT };
		rules[s.nrules++] = rule_of(arena_strdup(&a, name), ERRNO((unsigned)nr + 100),
					    &args[nr], nr % 3 ? 1 : 0, &a);
		free(name);
	}

	struct comparison *c = start(&s, &a);

	assert_non_null(c);
	assert_true(c->prog.len > 1500);
	compare_all(c, 10);
	assert_int_equal(c->bugs + c->choices, 0);
	arena_free(&a);
}

static void execve_needed(void **state)
{
	static const struct {
		uint32_t otherwise, act;
		size_t faults;
	} cases[] = { { ERRNO(1), SECCOMP_RET_ALLOW, 0 },
		      { ERRNO(1), SECCOMP_RET_LOG, 0 },
		      { ERRNO(1), SECCOMP_RET_USER_NOTIF, 0 },
		      { ERRNO(1), SECCOMP_RET_KILL_THREAD, 1 },
		      { ERRNO(1), ERRNO(1), 1 },
		      { SECCOMP_RET_ALLOW, SECCOMP_RET_TRAP, 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena a = ARENA_INIT;
		struct faults f = { .arena = &a };
		struct seccomp_rule r = rule_of("execve", cases[i].act, NULL, 0, &a);
		struct seccomp_spec s = {
			.set = true, .default_action = cases[i].otherwise, .rules = &r, .nrules = 1
		};
		struct sock_fprog p;
		struct err e = { 0 };

		assert_int_equal(seccomp_compile(&s, &a, &p, &f, &e), 0);
		assert_int_equal(f.errors, cases[i].faults);
		arena_free(&a);
	}
}

/* The kernel takes the program, and it does what it says. */
static void kernel_loads(void **state)
{
	struct arena a = ARENA_INIT;
	struct seccomp_arg seven = { 0, 7, 0, OP_EQ };
	struct seccomp_rule rules[] = { rule_of("getpriority", ERRNO(EDOM), &seven, 1, &a),
					rule_of("sched_yield", ERRNO(EXDEV), NULL, 0, &a) };
	struct seccomp_spec s = { .set = true,
				  .default_action = SECCOMP_RET_ALLOW,
				  .rules = rules,
				  .nrules = ARRAY_SIZE(rules) };
	struct sock_fprog p, engine;
	struct err e = { 0 };
	int status;

	(void)state;
	assert_int_equal(seccomp_compile(&s, &a, &p, NULL, &e), 0);
	assert_int_equal(seccomp_compile(engine_profile(&a), &a, &engine, NULL, &e), 0);

	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &p) < 0 ||
		    sys_seccomp(SECCOMP_SET_MODE_FILTER, 0, &engine) < 0)
			_exit(1);
		errno = 0;
		if (sched_yield() != -1 || errno != EXDEV)
			_exit(2);
		if (getpriority(7, 0) != -1 || errno != EDOM)
			_exit(3);
		if (getpid() <= 0)
			_exit(4);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	arena_free(&a);
}

TEST_GROUP(seccomp, cmocka_unit_test(engine_equal), cmocka_unit_test(random_equal),
	   cmocka_unit_test(overlap), cmocka_unit_test(unconditional),
	   cmocka_unit_test(bad_profiles), cmocka_unit_test(long_jumps),
	   cmocka_unit_test(execve_needed), cmocka_unit_test(kernel_loads));
