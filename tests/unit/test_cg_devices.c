/* SPDX-License-Identifier: Apache-2.0 */
/* The device program is run here, by an interpreter, against a plain reading of the rules. */
#include "tests/unit/t.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/devices.h"
#include "runtime/base/arena.h"
#include "specs/spec.h"

/* ---- the interpreter: what the compiler emits, and nothing else ---- */

static uint32_t load(const struct bpf_cgroup_dev_ctx *ctx, int off)
{
	uint32_t v;

	assert_in_range(off, 0, (int)sizeof(*ctx) - 4);
	memcpy(&v, (const char *)ctx + off, sizeof(v));
	return v;
}

static bool taken(const struct bpf_insn *i, uint64_t dst)
{
	uint64_t imm = (uint64_t)(int64_t)i->imm;

	switch (i->code) {
	case BPF_JMP | BPF_JA:
		return true;
	case BPF_JMP | BPF_JNE | BPF_K:
		return dst != imm;
	case BPF_JMP32 | BPF_JNE | BPF_K:
		return (uint32_t)dst != (uint32_t)imm;
	case BPF_JMP | BPF_JSET | BPF_K:
		return dst & imm;
	default:
		fail_msg("unknown instruction %#x", i->code);
		return false;
	}
}

static void alu(const struct bpf_insn *i, uint64_t *reg)
{
	uint64_t imm = (uint64_t)(int64_t)i->imm;

	switch (i->code) {
	case BPF_ALU64 | BPF_MOV | BPF_K:
		reg[i->dst_reg] = imm;
		break;
	case BPF_ALU64 | BPF_MOV | BPF_X:
		reg[i->dst_reg] = reg[i->src_reg];
		break;
	case BPF_ALU64 | BPF_AND | BPF_K:
		reg[i->dst_reg] &= imm;
		break;
	case BPF_ALU64 | BPF_RSH | BPF_K:
		reg[i->dst_reg] >>= imm;
		break;
	default:
		fail_msg("unknown instruction %#x", i->code);
	}
}

static bool run(const struct bpf_insn *v, size_t n, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t reg[11] = { 0 };

	for (size_t pc = 0; pc < n; pc++) {
		const struct bpf_insn *i = &v[pc];
		int class = BPF_CLASS(i->code);

		if (i->code == (BPF_JMP | BPF_EXIT))
			return reg[0] == 1;
		if (class == BPF_LDX)
			reg[i->dst_reg] = load(ctx, i->off);
		else if (class == BPF_ALU64)
			alu(i, reg);
		else if (taken(i, reg[i->dst_reg]))
			pc += (size_t)i->off;
	}
	fail_msg("the program runs over its end");
	return false;
}

/* The verifier's first check: every instruction is reached, no jump leaves the program. */
static void assert_all_reached(const struct bpf_insn *v, size_t n)
{
	bool *seen = calloc(n, sizeof(*seen));

	/* jumps go forward only, so one pass in order is enough */
	seen[0] = true;
	for (size_t i = 0; i < n; i++) {
		int op = BPF_OP(v[i].code);
		bool jump = BPF_CLASS(v[i].code) == BPF_JMP || BPF_CLASS(v[i].code) == BPF_JMP32;

		assert_true(seen[i]);
		if (jump && op == BPF_EXIT)
			continue;
		if (jump) {
			assert_true(v[i].off >= 0 && i + 1 + (size_t)v[i].off < n);
			seen[i + 1 + (size_t)v[i].off] = true;
		}
		if (!jump || op != BPF_JA) {
			assert_true(i + 1 < n);
			seen[i + 1] = true;
		}
	}
	free(seen);
}

/* ---- the plain reading ---- */

static bool matches(const struct dev_rule *r, char type, uint32_t major, uint32_t minor)
{
	return (r->type == 'a' || r->type == type) && (r->major == -1 || r->major == major) &&
	       (r->minor == -1 || r->minor == minor);
}

static bool plain(const struct dev_rule *v, size_t n, char type, uint32_t major, uint32_t minor,
		  unsigned access)
{
	for (unsigned bit = 1; bit <= DEV_WRITE; bit <<= 1) {
		bool allow = false;

		for (size_t i = 0; i < n; i++)
			if (v[i].access & bit && matches(&v[i], type, major, minor))
				allow = v[i].allow;
		if (access & bit && !allow)
			return false;
	}
	return true;
}

static const struct dev_rule defaults[] = {
	{ true, 'c', -1, -1, DEV_MKNOD }, { true, 'b', -1, -1, DEV_MKNOD },
	{ true, 'c', 1, 3, DEV_ALL },     { true, 'c', 1, 5, DEV_ALL },
	{ true, 'c', 1, 7, DEV_ALL },     { true, 'c', 1, 8, DEV_ALL },
	{ true, 'c', 1, 9, DEV_ALL },     { true, 'c', 5, 0, DEV_ALL },
	{ true, 'c', 5, 2, DEV_ALL },     { true, 'c', 136, -1, DEV_ALL },
	{ true, 'c', 10, 200, DEV_ALL },
};

static const int64_t majors[] = { 0, 1, 5, 8, 10, 136, 4294967295 };
static const int64_t minors[] = { 0, 1, 3, 5, 200, 4294967295 };

static void compare(const struct dev_rule *all, size_t nall, const struct bpf_insn *insns, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(majors) * ARRAY_SIZE(minors) * 14; i++) {
		uint32_t major = (uint32_t)majors[i % ARRAY_SIZE(majors)];
		uint32_t minor = (uint32_t)minors[i / ARRAY_SIZE(majors) % ARRAY_SIZE(minors)];
		size_t rest = i / ARRAY_SIZE(majors) / ARRAY_SIZE(minors);
		unsigned access = 1 + rest % 7;
		bool block = rest / 7;
		struct bpf_cgroup_dev_ctx ctx = { .access_type = access << 16 |
								 (block ? BPF_DEVCG_DEV_BLOCK
									: BPF_DEVCG_DEV_CHAR),
						  .major = major,
						  .minor = minor };

		assert_int_equal(run(insns, n, &ctx),
				 plain(all, nall, block ? 'b' : 'c', major, minor, access));
	}
}

/* Compile the user's rules and compare with reading them and the defaults in order. */
static void check(const struct dev_rule *v, size_t n)
{
	struct arena a = ARENA_INIT;
	struct dev_rules rules;
	const struct bpf_insn *insns;
	size_t ninsns, nall = n + ARRAY_SIZE(defaults);
	struct dev_rule *all = arena_array(&a, nall, sizeof(*all));

	if (n)
		memcpy(all, v, n * sizeof(*v));
	memcpy(all + n, defaults, sizeof(defaults));
	dev_rules_of(v, n, &a, &rules);
	assert_int_equal(dev_compile(&rules, &a, &insns, &ninsns), 0);
	assert_all_reached(insns, ninsns);
	compare(all, nall, insns, ninsns);
	arena_free(&a);
}

static void hand_made_lists(_unused_ void **state)
{
	static const struct dev_rule t[][4] = {
		{ { false, 'a', -1, -1, DEV_ALL } },
		{ { true, 'a', -1, -1, DEV_ALL } },
		{ { true, 'a', -1, -1, DEV_ALL }, { false, 'c', 1, 3, DEV_ALL } },
		{ { false, 'a', -1, -1, DEV_ALL }, { true, 'b', 8, -1, DEV_READ } },
		{ { true, 'c', 1, -1, DEV_ALL }, { false, 'c', 1, 5, DEV_WRITE } },
		{ { true, 'c', 8, 3, DEV_READ }, { true, 'c', 8, 3, DEV_WRITE } },
		{ { true, 'c', 8, -1, DEV_ALL }, { false, 'c', 8, 3, DEV_WRITE } },
		{ { true, 'a', 8, 3, DEV_READ }, { false, 'b', -1, 3, DEV_READ } },
		{ { true, 'b', -1, -1, DEV_ALL }, { false, 'b', -1, -1, DEV_ALL } },
		{ { true, 'c', -1, -1, DEV_ALL }, { true, 'b', -1, -1, DEV_ALL } },
		{ { true, 'b', -1, 3, DEV_ALL }, { true, 'b', 4294967295, 4294967295, DEV_ALL } },
	};

	check(NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		for (size_t n = 1; n <= 4 && (n == 1 || t[i][n - 1].access); n++)
			check(t[i], n);
}

static struct dev_rule random_rule(void)
{
	struct dev_rule r = { .allow = rand() % 2,
			      .type = "abc"[rand() % 3],
			      .major = majors[rand() % (int)ARRAY_SIZE(majors)],
			      .minor = minors[rand() % (int)ARRAY_SIZE(minors)],
			      .access = 1 + (unsigned)rand() % 7 };

	if (rand() % 3 == 0)
		r.major = -1;
	if (rand() % 3 == 0)
		r.minor = -1;
	if (rand() % 2 == 0)
		r.access = DEV_ALL;
	return r;
}

static void random_lists(_unused_ void **state)
{
	struct dev_rule v[24];

	srand(1);
	for (int round = 0; round < 600; round++) {
		size_t n = (size_t)rand() % ARRAY_SIZE(v);

		for (size_t i = 0; i < n; i++)
			v[i] = random_rule();
		check(v, n);
	}
}

static void denying_all_is_a_short_program(_unused_ void **state)
{
	static const struct dev_rule deny = { false, 'a', -1, -1, DEV_ALL };
	struct arena a = ARENA_INIT;
	struct dev_rules rules;
	const struct bpf_insn *insns;
	size_t n, twice;

	dev_rules_of(&deny, 1, &a, &rules);
	assert_int_equal(rules.n, ARRAY_SIZE(defaults));
	assert_int_equal(dev_compile(&rules, &a, &insns, &n), 0);
	assert_true(n <= 48);

	/* rules that are overruled cost nothing */
	const struct dev_rule more[] = { { true, 'b', 8, 0, DEV_ALL },
					 { true, 'c', 7, -1, DEV_READ },
					 deny,
					 { false, 'c', 1, 3, DEV_ALL } };

	dev_rules_of(more, ARRAY_SIZE(more), &a, &rules);
	assert_int_equal(dev_compile(&rules, &a, &insns, &twice), 0);
	assert_int_equal(n, twice);
	arena_free(&a);
}

/* ---- v1 ---- */

/* As the kernel's device_cgroup.c decides. */
static bool v1_allows(const struct dev_rules *l, char type, uint32_t major, uint32_t minor,
		      unsigned access)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct dev_rule *x = &l->v[i];

		if (!matches(x, type, major, minor))
			continue;
		if (l->allow ? access & x->access : !(access & ~x->access))
			return !l->allow;
	}
	return l->allow;
}

static void v1_lists_never_allow_more(_unused_ void **state)
{
	struct dev_rule v[8], all[8 + ARRAY_SIZE(defaults)];
	int said = 0;

	srand(2);
	for (int round = 0; round < 3000; round++) {
		struct arena a = ARENA_INIT;
		struct dev_rules rules, flat;
		size_t n = (size_t)rand() % ARRAY_SIZE(v);

		for (size_t i = 0; i < n; i++)
			all[i] = v[i] = random_rule();
		memcpy(all + n, defaults, sizeof(defaults));
		dev_rules_of(v, n, &a, &rules);
		if (dev_rules_flatten(&rules, &a, &flat) == -1) {
			said++;
			for (size_t i = 0; i < ARRAY_SIZE(majors) * ARRAY_SIZE(minors); i++)
				for (unsigned bit = 1; bit <= DEV_WRITE; bit <<= 1) {
					uint32_t ma = (uint32_t)majors[i / ARRAY_SIZE(minors)];
					uint32_t mi = (uint32_t)minors[i % ARRAY_SIZE(minors)];

					/* a default may give way, nothing else */
					if (flat.allow && !v1_allows(&flat, 'c', ma, mi, bit))
						continue;
					assert_int_equal(v1_allows(&flat, 'c', ma, mi, bit),
							 plain(all, n + ARRAY_SIZE(defaults), 'c',
							       ma, mi, bit));
				}
		}
		arena_free(&a);
	}
	assert_true(said > 500);
}

static void v1_cannot_punch_holes(_unused_ void **state)
{
	static const struct dev_rule hole[] = { { true, 'c', 8, -1, DEV_ALL },
						{ false, 'c', 8, 5, DEV_READ } };
	static const struct dev_rule whole[] = { { true, 'c', 8, 5, DEV_ALL },
						 { false, 'c', 8, -1, DEV_READ } };
	struct arena a = ARENA_INIT;
	struct dev_rules rules, flat;

	dev_rules_of(hole, 2, &a, &rules);
	assert_int_equal(dev_rules_flatten(&rules, &a, &flat), 1);

	/* the default rule for tun gives way to the user's, who would get an error otherwise */
	static const struct dev_rule no_misc[] = { { true, 'a', -1, -1, DEV_ALL },
						   { false, 'c', 10, -1, DEV_ALL } };

	dev_rules_of(no_misc, 2, &a, &rules);
	assert_int_equal(dev_rules_flatten(&rules, &a, &flat), -1);
	assert_false(v1_allows(&flat, 'c', 10, 200, DEV_READ));
	assert_true(v1_allows(&flat, 'c', 11, 200, DEV_READ));
	dev_rules_of(whole, 2, &a, &rules);
	assert_int_equal(dev_rules_flatten(&rules, &a, &flat), -1);
	assert_false(v1_allows(&flat, 'c', 8, 5, DEV_READ));
	assert_true(v1_allows(&flat, 'c', 8, 5, DEV_WRITE));
	arena_free(&a);
}

TEST_GROUP(cg_devices, cmocka_unit_test(hand_made_lists), cmocka_unit_test(random_lists),
	   cmocka_unit_test(denying_all_is_a_short_program),
	   cmocka_unit_test(v1_lists_never_allow_more), cmocka_unit_test(v1_cannot_punch_holes));
