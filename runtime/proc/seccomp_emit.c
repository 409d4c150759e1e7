/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/seccomp_emit.h"

#include <endian.h>
#include <linux/seccomp.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "specs/spec.h"

enum { JUMP_MAX = 255 }; /* struct sock_filter: jt and jf are bytes */

/* Labels count from the end, so code can move. */
static void grow(struct emit *p)
{
	size_t room = p->room ? 2 * p->room : 512;
	struct sock_filter *bigger = arena_array(p->a, room, sizeof(*bigger));

	if (p->n)
		memcpy(bigger + room - p->n, p->insn + p->room - p->n, p->n * sizeof(*bigger));
	p->insn = bigger;
	p->room = room;
}

size_t emit_insn(struct emit *p, uint16_t code, uint32_t k)
{
	if (p->n == BPF_MAXINSNS) {
		p->full = true;
		return p->n;
	}
	if (p->n == p->room)
		grow(p);
	p->n++;
	p->insn[p->room - p->n] = (struct sock_filter){ .code = code, .k = k };
	return p->n;
}

static bool is_far(const struct emit *p, size_t label)
{
	return p->n - label > JUMP_MAX;
}

/* A near stand-in for a far label. "ja" has 32 bits of distance. */
static size_t bridge(struct emit *p, size_t label)
{
	return emit_insn(p, BPF_JMP | BPF_JA, (uint32_t)(p->n - label));
}

size_t emit_jump(struct emit *p, uint16_t op, uint32_t k, size_t yes, size_t no)
{
	/* a bridge for one pushes the other away: look again */
	while (!p->full && (is_far(p, yes) || is_far(p, no))) {
		if (is_far(p, yes))
			yes = bridge(p, yes);
		else
			no = bridge(p, no);
	}

	uint8_t jt = (uint8_t)(p->n - yes), jf = (uint8_t)(p->n - no);
	size_t label = emit_insn(p, BPF_JMP | BPF_K | op, k);

	p->insn[p->room - label].jt = jt;
	p->insn[p->room - label].jf = jf;
	return label;
}

size_t emit_load(struct emit *p, uint32_t offset, size_t next)
{
	if (next != p->n)
		bridge(p, next);
	return emit_insn(p, BPF_LD | BPF_W | BPF_ABS, offset);
}

size_t emit_return(struct emit *p, uint32_t action)
{
	size_t used = p->nret < EMIT_CACHE ? p->nret : EMIT_CACHE;

	/* A second return costs no more than a bridge to the first. */
	for (size_t i = 0; i < used; i++) {
		if (p->ret[i].action != action)
			continue;
		if (is_far(p, p->ret[i].label))
			p->ret[i].label = emit_insn(p, BPF_RET | BPF_K, action);
		return p->ret[i].label;
	}

	size_t label = emit_insn(p, BPF_RET | BPF_K, action);

	p->ret[p->nret % EMIT_CACHE].action = action;
	p->ret[p->nret % EMIT_CACHE].label = label;
	p->nret++;
	return label;
}

static uint32_t low_half(unsigned index)
{
	return (uint32_t)offsetof(struct seccomp_data, args) + index * 8 +
	       (BYTE_ORDER == BIG_ENDIAN ? 4 : 0);
}

static uint32_t high_half(unsigned index)
{
	return (uint32_t)offsetof(struct seccomp_data, args) + index * 8 +
	       (BYTE_ORDER == BIG_ENDIAN ? 0 : 4);
}

static size_t half_eq(struct emit *p, uint32_t offset, uint32_t mask, uint32_t value, size_t yes,
		      size_t no)
{
	if (!mask)
		return yes;
	emit_jump(p, BPF_JEQ, value & mask, yes, no);
	if (mask != UINT32_MAX)
		emit_insn(p, BPF_ALU | BPF_AND | BPF_K, mask);
	return emit_load(p, offset, p->n);
}

static size_t whole_eq(struct emit *p, const struct seccomp_arg *c, bool wide, uint64_t mask,
		       uint64_t value, size_t yes, size_t no)
{
	yes = half_eq(p, low_half(c->index), (uint32_t)mask, (uint32_t)value, yes, no);
	if (!wide)
		return yes;
	return half_eq(p, high_half(c->index), (uint32_t)(mask >> 32), (uint32_t)(value >> 32), yes,
		       no);
}

/* op: BPF_JGT or BPF_JGE */
static size_t whole_above(struct emit *p, const struct seccomp_arg *c, bool wide, uint16_t op,
			  size_t yes, size_t no)
{
	emit_jump(p, op, (uint32_t)c->value, yes, no);

	size_t low = emit_load(p, low_half(c->index), p->n);

	if (!wide)
		return low;
	emit_jump(p, BPF_JEQ, (uint32_t)(c->value >> 32), low, no);
	emit_jump(p, BPF_JGT, (uint32_t)(c->value >> 32), yes, p->n);
	return emit_load(p, high_half(c->index), p->n);
}

static size_t condition(struct emit *p, const struct seccomp_arg *c, bool wide, size_t yes,
			size_t no)
{
	switch ((enum seccomp_op)c->op) {
	case OP_NE:
		return whole_eq(p, c, wide, UINT64_MAX, c->value, no, yes);
	case OP_EQ:
		return whole_eq(p, c, wide, UINT64_MAX, c->value, yes, no);
	case OP_MASKED_EQ:
		return whole_eq(p, c, wide, c->value, c->value_two, yes, no);
	case OP_GT:
		return whole_above(p, c, wide, BPF_JGT, yes, no);
	case OP_GE:
		return whole_above(p, c, wide, BPF_JGE, yes, no);
	case OP_LT:
		return whole_above(p, c, wide, BPF_JGE, no, yes);
	case OP_LE:
		return whole_above(p, c, wide, BPF_JGT, no, yes);
	case OP_COUNT:
		break;
	}
	return no;
}

bool verdict_eq(const struct verdict *a, const struct verdict *b)
{
	return a->kind == b->kind && a->wide == b->wide && a->action == b->action && a->n == b->n &&
	       (!a->n || !memcmp(a->match, b->match, a->n * sizeof(struct match *)));
}

static size_t emit_matches(struct emit *p, const struct verdict *v)
{
	size_t used = p->nblock < EMIT_CACHE ? p->nblock : EMIT_CACHE;

	for (size_t i = 0; i < used; i++)
		if (verdict_eq(p->block[i].v, v))
			return p->block[i].label;

	size_t next = emit_return(p, v->action);

	for (size_t i = v->n; i-- > 0;) {
		const struct match *m = v->match[i];
		size_t yes = emit_return(p, m->action);

		for (unsigned c = m->n; c-- > 0;)
			yes = condition(p, &m->arg[c], v->wide, yes, next);
		next = yes;
	}
	p->block[p->nblock % EMIT_CACHE].v = v;
	p->block[p->nblock % EMIT_CACHE].label = next;
	p->nblock++;
	return next;
}

static size_t emit_verdict(struct emit *p, const struct verdict *v)
{
	return v->kind == VERDICT_MATCH ? emit_matches(p, v) : emit_return(p, v->action);
}

size_t emit_ranges(struct emit *p, const struct range *v, size_t n)
{
	if (n == 1 || p->full)
		return emit_verdict(p, &v->v);
	/* one number between equals */
	if (n == 3 && v[2].start - v[1].start == 1 && verdict_eq(&v[0].v, &v[2].v)) {
		size_t no = emit_verdict(p, &v[0].v);
		size_t yes = emit_verdict(p, &v[1].v);

		return emit_jump(p, BPF_JEQ, v[1].start, yes, no);
	}

	size_t half = n / 2;
	size_t above = emit_ranges(p, v + half, n - half);
	size_t below = emit_ranges(p, v, half);

	return emit_jump(p, BPF_JGE, v[half].start, above, below);
}
