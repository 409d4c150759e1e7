/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/seccomp_rules.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "specs/spec.h"

enum { ARGS = 6 };

static bool same_index_twice(const struct seccomp_rule *r)
{
	unsigned seen = 0;

	for (size_t i = 0; i < r->nargs; i++) {
		if (seen & 1u << r->args[i].index)
			return true;
		seen |= 1u << r->args[i].index;
	}
	return false;
}

/* By argument: the order changes no answer, but makes equal rules equal. */
static void sort_args(struct seccomp_arg *v, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		for (unsigned j = i; j > 0 && v[j].index < v[j - 1].index; j--) {
			struct seccomp_arg t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
}

struct rule *rules_read(const struct seccomp_spec *s, struct arena *a)
{
	struct rule *rules = arena_array(a, s->nrules + 1, sizeof(*rules));

	for (size_t i = 0; i < s->nrules; i++) {
		const struct seccomp_rule *r = &s->rules[i];
		bool apart = same_index_twice(r);
		struct seccomp_arg *args = arena_array(a, r->nargs + 1, sizeof(*args));

		rules[i].skip = r->action == s->default_action;
		rules[i].n = apart ? r->nargs : 1;
		rules[i].match = arena_array(a, rules[i].n, sizeof(*rules[i].match));
		if (r->nargs)
			memcpy(args, r->args, r->nargs * sizeof(*args));
		for (size_t k = 0; k < rules[i].n; k++)
			rules[i].match[k] = (struct match){
				.action = r->action,
				.arg = args + k,
				.n = apart ? 1 : (unsigned)r->nargs,
			};
		if (!apart)
			sort_args(args, (unsigned)r->nargs);
	}
	return rules;
}

/* The same conditions, but the first argument is the sub-call. */
static const struct match *sub_call(const struct match *m, uint32_t sub, struct arena *a)
{
	struct match *out = arena_alloc(a, sizeof(*out));

	out->action = m->action;
	out->arg = arena_array(a, ARGS, sizeof(*out->arg));
	out->arg[out->n++] = (struct seccomp_arg){ .index = 0, .op = OP_EQ, .value = sub };
	for (unsigned i = 0; i < m->n; i++)
		if (m->arg[i].index != 0)
			out->arg[out->n++] = m->arg[i];
	return out;
}

static void add(struct abi *abi, uint32_t nr, const struct match *m)
{
	abi->entry[abi->n++] = (struct entry){ .nr = nr, .match = m };
}

static void seen(struct abi *abi, uint32_t nr)
{
	if (nr > abi->largest)
		abi->largest = nr;
}

static void add_sub_call(struct abi *abi, const struct mux_ref *ref, const struct rule *r,
			 struct arena *a)
{
	seen(abi, ref->number);
	if (ref->direct >= 0)
		seen(abi, (uint32_t)ref->direct);
	for (size_t i = 0; i < r->n && !r->skip; i++) {
		add(abi, ref->number, sub_call(&r->match[i], ref->sub, a));
		if (ref->direct >= 0)
			add(abi, (uint32_t)ref->direct, &r->match[i]);
	}
}

static void add_name(struct abi *abi, const char *name, const struct rule *r, struct arena *a)
{
	int nr = seccomp_syscall_resolve_name_arch(abi->token, name);
	struct mux_ref ref;

	if (nr < 0) {
		if (nr != __NR_SCMP_ERROR && mux_find(&abi->mux, nr, &ref))
			add_sub_call(abi, &ref, r, a);
		return;
	}
	seen(abi, (uint32_t)nr);
	for (size_t i = 0; i < r->n && !r->skip; i++)
		add(abi, (uint32_t)nr, &r->match[i]);
}

/* Stable: least significant byte first; bytes in which all agree (most of them) cost one look. */
static void sort_entries(struct abi *abi, struct entry *to)
{
	struct entry *from = abi->entry;

	for (unsigned shift = 0; shift < 32; shift += 8) {
		size_t at[257] = { 0 };

		for (size_t i = 0; i < abi->n; i++)
			at[(from[i].nr >> shift & 255) + 1]++;
		if (abi->n && at[(from[0].nr >> shift & 255) + 1] == abi->n)
			continue;
		for (unsigned b = 0; b < 256; b++)
			at[b + 1] += at[b];
		for (size_t i = 0; i < abi->n; i++)
			to[at[from[i].nr >> shift & 255]++] = from[i];

		struct entry *t = from;

		from = to;
		to = t;
	}
	if (from != abi->entry)
		memcpy(abi->entry, from, abi->n * sizeof(*from));
}

size_t rules_room(const struct seccomp_spec *s, const struct rule *rules)
{
	size_t room = 0;

	for (size_t i = 0; i < s->nrules; i++)
		if (!rules[i].skip)
			room += s->rules[i].names.n * rules[i].n;
	return room;
}

void rules_resolve(const struct seccomp_spec *s, const struct rule *rules, struct abi *abi,
		   struct entry *scratch, struct arena *a)
{
	size_t room = rules_room(s, rules);

	/* n32 of mips has the flag of 64 bits, but its registers hold 32 of an argument */
	abi->wide = abi->token & __AUDIT_ARCH_64BIT && abi->token != AUDIT_ARCH_MIPS64N32 &&
		    abi->token != AUDIT_ARCH_MIPSEL64N32;
	mux_init(&abi->mux, abi->token);
	abi->entry = arena_array(a, room * (abi->mux.used ? 2 : 1) + 1, sizeof(*abi->entry));
	for (size_t i = 0; i < s->nrules; i++)
		for (size_t k = 0; k < s->rules[i].names.n; k++)
			add_name(abi, s->rules[i].names.v[k], &rules[i], a);
	sort_entries(abi, scratch);
}

/* A condition that is true for everything: a mask without bits. */
static bool is_empty(const struct seccomp_arg *c, bool wide)
{
	return c->op == OP_MASKED_EQ && !(wide ? c->value : (uint32_t)c->value);
}

static bool is_unconditional(const struct match *m, bool wide)
{
	for (unsigned i = 0; i < m->n; i++)
		if (!is_empty(&m->arg[i], wide))
			return false;
	return true;
}

/* The values for which a comparison holds, if they are one range. */
static bool as_range(const struct seccomp_arg *c, bool wide, uint64_t *lo, uint64_t *hi)
{
	uint64_t max = wide ? UINT64_MAX : UINT32_MAX, v = c->value & max;

	*lo = 0;
	*hi = max;
	switch ((enum seccomp_op)c->op) {
	case OP_EQ:
		*lo = v;
		*hi = v;
		return true;
	case OP_GE:
		*lo = v;
		return true;
	case OP_LE:
		*hi = v;
		return true;
	case OP_GT: /* above the maximum there is nothing: lo > hi */
		*lo = v == max ? 1 : v + 1;
		*hi = v == max ? 0 : max;
		return true;
	case OP_LT:
		*lo = v == 0 ? 1 : 0;
		*hi = v == 0 ? 0 : v - 1;
		return true;
	case OP_NE:
	case OP_MASKED_EQ:
	case OP_COUNT:
		break;
	}
	return false;
}

static bool excludes(uint64_t v, const struct seccomp_arg *c, bool wide)
{
	uint64_t max = wide ? UINT64_MAX : UINT32_MAX;

	if (c->op == OP_NE)
		return v == (c->value & max);
	return c->op == OP_MASKED_EQ && (v & c->value & max) != (c->value_two & c->value & max);
}

static bool contradict(const struct seccomp_arg *a, const struct seccomp_arg *b, bool wide)
{
	uint64_t alo, ahi, blo, bhi;
	bool ar = as_range(a, wide, &alo, &ahi), br = as_range(b, wide, &blo, &bhi);

	if (ar && br)
		return alo > ahi || blo > bhi || ahi < blo || bhi < alo;
	if (ar)
		return alo > ahi || (alo == ahi && excludes(alo, b, wide));
	return br && (blo > bhi || (blo == bhi && excludes(blo, a, wide)));
}

static bool disjoint(const struct match *a, const struct match *b, bool wide)
{
	for (unsigned i = 0; i < a->n; i++)
		for (unsigned k = 0; k < b->n; k++)
			if (a->arg[i].index == b->arg[k].index &&
			    contradict(&a->arg[i], &b->arg[k], wide))
				return true;
	return false;
}

static bool is_ambiguous(const struct entry *v, size_t n, bool wide)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (v[i].match->action != v[k].match->action &&
			    !disjoint(v[i].match, v[k].match, wide))
				return true;
	return false;
}

/*
 * The order in which libseccomp's tree asks: on one level the highest argument first, then equality
 * before "less" before "greater", then the value that is the narrower one for it; the high half of
 * a value is a level above the low half. A rule ends all that begin like it.
 */
static int op_class(int op)
{
	switch ((enum seccomp_op)op) {
	case OP_LT:
	case OP_LE:
		return 2;
	case OP_GE:
	case OP_GT:
		return 1;
	case OP_NE:
	case OP_EQ:
	case OP_MASKED_EQ:
	case OP_COUNT:
		break;
	}
	return 3;
}

static uint64_t datum(const struct seccomp_arg *c, bool wide)
{
	uint64_t v = c->op == OP_MASKED_EQ ? c->value_two & c->value : c->value;

	return wide ? v : (uint32_t)v;
}

/* < 0: a is asked before b */
static int compare_args(const struct seccomp_arg *a, const struct seccomp_arg *b, bool wide)
{
	uint64_t da = datum(a, wide), db = datum(b, wide);
	int r;

	if (a->index != b->index)
		return a->index > b->index ? -1 : 1;
	r = op_class(b->op) - op_class(a->op);
	if (r || da == db)
		return r;
	r = da > db ? -1 : 1;
	return op_class(a->op) == 2 ? -r : r;
}

static int compare_matches(const struct match *a, const struct match *b, bool wide)
{
	for (unsigned i = 0; i < a->n && i < b->n; i++) {
		int r = compare_args(&a->arg[i], &b->arg[i], wide);

		if (r)
			return r;
		if (a->arg[i].op != b->arg[i].op)
			return 0;
	}
	return (int)a->n - (int)b->n;
}

static void sort_matches(const struct match **v, size_t n, bool wide)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && compare_matches(v[k], v[k - 1], wide) < 0; k--) {
			const struct match *t = v[k];

			v[k] = v[k - 1];
			v[k - 1] = t;
		}
}

struct verdict rules_verdict(const struct abi *abi, const struct entry *v, size_t n,
			     uint32_t default_action, struct arena *a)
{
	struct verdict out = { .kind = VERDICT_RETURN, .action = default_action };

	for (size_t i = 0; i < n; i++) {
		if (is_unconditional(v[i].match, abi->wide)) {
			out.action = v[i].match->action;
			return out;
		}
	}
	const struct match **match = arena_array(a, n, sizeof(*match));

	for (size_t i = 0; i < n; i++)
		match[i] = v[i].match;
	if (is_ambiguous(v, n, abi->wide))
		sort_matches(match, n, abi->wide);
	out.kind = VERDICT_MATCH;
	out.wide = abi->wide;
	out.match = match;
	out.n = n;
	return out;
}
