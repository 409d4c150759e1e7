/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/seccomp_emit.h"
#include "runtime/proc/seccomp_rules.h"
#include "specs/faults.h"
#include "specs/spec.h"

#define X32_BIT 0x40000000u

/* One value of seccomp_data.arch. */
struct section {
	uint32_t arch;
	struct abi *abi, *x32; /* x32 lives in x86-64's section; NULL: not in the profile */
	struct range *range;   /* from number 0 on */
	size_t n, room;
	struct arena *a; /* for them */
};

struct compiler {
	const struct seccomp_spec *s;
	struct arena *a;
	struct abi *abi;
	size_t nabi;
	struct section *section;
	size_t nsection;
	bool enosys; /* unknown numbers get ENOSYS */
};

static const struct verdict bad_arch = { .action = SECCOMP_RET_KILL_THREAD };

static void add_abi(struct compiler *c, uint32_t token)
{
	for (size_t i = 0; i < c->nabi; i++)
		if (c->abi[i].token == token)
			return;
	c->abi[c->nabi++].token = token;
}

/* The native one first: the nearer its code, the shorter its jumps. */
static int read_abis(struct compiler *c, struct err *e)
{
	uint32_t native = seccomp_arch_native();

	c->abi = arena_array(c->a, c->s->narches + 1, sizeof(*c->abi));
	add_abi(c, native);
	for (size_t i = 0; i < c->s->narches; i++) {
		uint32_t token = c->s->arches[i];

		if ((token ^ native) & __AUDIT_ARCH_LE)
			return err_text(e, EINVAL,
					"seccomp: architecture %#x has another byte order than "
					"this machine",
					token);
		add_abi(c, token);
	}
	return 0;
}

static void make_sections(struct compiler *c)
{
	c->section = arena_array(c->a, c->nabi, sizeof(*c->section));
	for (size_t i = 0; i < c->nabi; i++) {
		bool x32 = c->abi[i].token == ARCH_X32;
		uint32_t arch = x32 ? AUDIT_ARCH_X86_64 : c->abi[i].token;
		size_t k = 0;

		while (k < c->nsection && c->section[k].arch != arch)
			k++;
		if (k == c->nsection)
			c->section[c->nsection++] = (struct section){ .arch = arch, .a = c->a };
		if (x32)
			c->section[k].x32 = &c->abi[i];
		else
			c->section[k].abi = &c->abi[i];
	}
}

/* Pages are what costs here, in a process that compiles once: no room for the worst case. */
static void grow(struct section *t)
{
	size_t room = t->room ? 2 * t->room : 128;
	struct range *bigger = arena_array(t->a, room, sizeof(*bigger));

	if (t->n)
		memcpy(bigger, t->range, t->n * sizeof(*bigger));
	t->range = bigger;
	t->room = room;
}

/* From this number on; a neighbour that says the same is just longer. */
static void put_range(struct section *t, uint32_t start, const struct verdict *v)
{
	if (t->n && t->range[t->n - 1].start == start)
		t->n--;
	if (t->n && verdict_eq(&t->range[t->n - 1].v, v))
		return;
	if (t->n == t->room)
		grow(t);
	t->range[t->n++] = (struct range){ .start = start, .v = *v };
}

static bool is_s390(const struct abi *abi)
{
	return abi->token == AUDIT_ARCH_S390 || abi->token == AUDIT_ARCH_S390X;
}

static void put_entries(struct compiler *c, struct section *t, const struct abi *abi,
			const struct verdict *otherwise)
{
	for (size_t i = 0, n; i < abi->n; i += n) {
		uint32_t nr = abi->entry[i].nr;

		for (n = 1; i + n < abi->n && abi->entry[i + n].nr == nr;)
			n++;
		if (nr == 0 && c->enosys && is_s390(abi))
			continue;

		struct verdict v =
			rules_verdict(abi, abi->entry + i, n, c->s->default_action, c->a);

		put_range(t, nr, &v);
		put_range(t, nr + 1, otherwise);
	}
}

/* Above the largest number that the profile names. */
static struct verdict above(const struct compiler *c, const struct abi *abi)
{
	bool enosys = c->enosys && abi->largest;

	return (struct verdict){ .action = enosys ? SECCOMP_RET_ERRNO | ENOSYS
						  : c->s->default_action };
}

/* The numbers of one architecture, which begin with start. */
static void put_abi(struct compiler *c, struct section *t, const struct abi *abi, uint32_t start)
{
	struct verdict otherwise = { .action = c->s->default_action };
	struct verdict unknown = { .action = SECCOMP_RET_ERRNO | ENOSYS }, rest = above(c, abi);

	put_range(t, start, &otherwise);
	if (c->enosys && is_s390(abi)) {
		/* the kernel shows a number that it does not know as 0 */
		put_range(t, 0, &unknown);
		put_range(t, 1, &otherwise);
	}
	put_entries(c, t, abi, &otherwise);
	if (abi->largest)
		put_range(t, abi->largest + 1, &rest);
}

/*
 * x86-64 and x32 share seccomp_data.arch. Bit 30 tells them apart; numbers that have a higher bit
 * as well are no calls at all, -1 among them, with which a tracer skips a call (since 4.8 a filter
 * sees that too).
 */
static void put_x32(struct compiler *c, struct section *t)
{
	struct verdict otherwise = { .action = c->s->default_action };
	struct verdict v64 = t->abi ? above(c, t->abi) : bad_arch;
	struct verdict v32 = t->x32 ? above(c, t->x32) : bad_arch;

	if (t->x32)
		put_abi(c, t, t->x32, X32_BIT);
	else
		put_range(t, X32_BIT, &bad_arch);
	put_range(t, 2 * X32_BIT, c->enosys || t->x32 ? &v64 : &bad_arch);
	put_range(t, 3 * X32_BIT, &v32);
	if (!t->x32)
		put_range(t, UINT32_MAX, &otherwise);
}

static void make_ranges(struct compiler *c, struct section *t)
{
	if (t->abi)
		put_abi(c, t, t->abi, 0);
	else
		put_range(t, 0, &bad_arch);
	if (t->arch == AUDIT_ARCH_X86_64)
		put_x32(c, t);
}

/*
 * runc's rule for the ENOSYS of unknown numbers: not where the default action lets a call pass, nor
 * where a tracer answers for it.
 */
static bool wants_enosys(uint32_t action)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;

	return kind != SECCOMP_RET_ALLOW && kind != SECCOMP_RET_LOG && kind != SECCOMP_RET_TRACE;
}

static void resolve(struct compiler *c, const struct rule *rules)
{
	struct entry *scratch =
		arena_array(c->a, 2 * rules_room(c->s, rules) + 1, sizeof(*scratch));

	for (size_t i = 0; i < c->nabi; i++)
		rules_resolve(c->s, rules, &c->abi[i], scratch, c->a);
	for (size_t i = 0; i < c->nsection; i++)
		make_ranges(c, &c->section[i]);
}

static size_t emit_sections(const struct compiler *c, struct emit *p)
{
	const uint32_t arch_at = offsetof(struct seccomp_data, arch);
	const uint32_t nr_at = offsetof(struct seccomp_data, nr);
	size_t *label = arena_array(c->a, c->nsection, sizeof(*label));

	for (size_t i = c->nsection; i-- > 0;) {
		size_t tree = emit_ranges(p, c->section[i].range, c->section[i].n);

		label[i] = emit_load(p, nr_at, tree);
	}

	size_t next = emit_return(p, bad_arch.action);

	for (size_t i = c->nsection; i-- > 0;)
		next = emit_jump(p, BPF_JEQ, c->section[i].arch, label[i], next);
	return emit_load(p, arch_at, next);
}

static int emit(const struct compiler *c, struct sock_fprog *out, struct err *e)
{
	struct emit p = { .a = c->a };

	emit_sections(c, &p);
	if (p.full) {
		err_text(e, E2BIG, "seccomp: the profile needs more than %d instructions",
			 BPF_MAXINSNS);
		return err_hint(e, "list fewer architectures or fewer conditions");
	}
	out->len = (unsigned short)p.n;
	out->filter = p.insn + p.room - p.n;
	return 0;
}

/* The container's program is started by execve, after the filter is loaded. */
static void check_execve(const struct compiler *c, struct faults *f)
{
	const struct section *t = &c->section[0];
	uint32_t nr = (uint32_t)seccomp_syscall_resolve_name("execve");
	size_t i = 0;

	while (i + 1 < t->n && t->range[i + 1].start <= nr)
		i++;

	const struct verdict *v = &t->range[i].v;
	uint32_t kind = v->action & SECCOMP_RET_ACTION_FULL;

	if (v->kind == VERDICT_RETURN && wants_enosys(kind) && kind != SECCOMP_RET_USER_NOTIF)
		fault_add(f, FAULT_INVALID, "/linux/seccomp",
			  "refuses execve, with which the container's program is started");
}

int seccomp_compile(const struct seccomp_spec *s, struct arena *a, struct sock_fprog *out,
		    struct faults *f, struct err *e)
{
	struct compiler c = { .s = s, .a = a, .enosys = wants_enosys(s->default_action) };
	int r = read_abis(&c, e);

	if (r < 0)
		return r;
	make_sections(&c);

	const struct rule *rules = rules_read(s, a);

	resolve(&c, rules);
	r = emit(&c, out, e);
	if (r == 0 && f)
		check_execve(&c, f);
	return r;
}
