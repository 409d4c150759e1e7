/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF written from its end to its start: the target of every jump is then already there,
 * and its distance known. A label is the number of instructions from there to the end.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct seccomp_arg;

/* All conditions hold: the action. Conditions are sorted by argument. */
struct match {
	uint32_t action;
	unsigned n;
	struct seccomp_arg *arg;
};

enum verdict_kind { VERDICT_RETURN, VERDICT_MATCH };

/* What happens to a system call. */
struct verdict {
	enum verdict_kind kind;
	bool wide;       /* arguments are 64 bits wide */
	uint32_t action; /* VERDICT_RETURN; VERDICT_MATCH: when none of them does */
	const struct match *const *match; /* the first that matches decides */
	size_t n;
};

/* From this number up to the next one's. */
struct range {
	uint32_t start;
	struct verdict v;
};

bool verdict_eq(const struct verdict *a, const struct verdict *b);

enum { EMIT_CACHE = 32 };

struct emit {
	struct arena *a;
	struct sock_filter *insn; /* used from the end */
	size_t n, room;
	bool full; /* more than BPF_MAXINSNS were asked for; labels mean nothing any more */
	struct {
		uint32_t action;
		size_t label;
	} ret[EMIT_CACHE];
	size_t nret; /* also counts those that were overwritten */
	struct {
		const struct verdict *v;
		size_t label;
	} block[EMIT_CACHE];
	size_t nblock;
};

/* Each returns the label of what it wrote. */
size_t emit_insn(struct emit *p, uint16_t code, uint32_t k);
size_t emit_jump(struct emit *p, uint16_t op, uint32_t k, size_t yes, size_t no);
size_t emit_return(struct emit *p, uint32_t action);
/* Load a word of struct seccomp_data and go on at next. */
size_t emit_load(struct emit *p, uint32_t offset, size_t next);
/* A decision tree over the number in A. The ranges begin with 0, and stay where they are. */
size_t emit_ranges(struct emit *p, const struct range *v, size_t n);
