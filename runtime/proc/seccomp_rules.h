/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From names to numbers: what the profile says about each system call of one architecture, as
 * libseccomp understands it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/attr.h"
#include "runtime/proc/seccomp_emit.h"

struct arena;
struct err;
struct seccomp_spec;

/* seccomp_mux.c: calls that are also sub-calls of socketcall and ipc. */
struct mux {
	bool used;
	uint32_t socketcall, ipc; /* numbers of the two */
	int32_t direct[2][32];    /* number of the call itself by sub-call, or -1 */
};
struct mux_ref {
	uint32_t number, sub;
	int32_t direct; /* -1: there is none */
};
void mux_init(struct mux *m, uint32_t token);
/* pseudo: the negative number that libseccomp gives for a name. false: it stands for nothing. */
bool mux_find(const struct mux *m, int pseudo, struct mux_ref *out);

/* One (number, rule) pair. */
struct entry {
	uint32_t nr;
	const struct match *match;
};

/* An architecture in libseccomp's sense: x32 is one of its own. */
struct abi {
	uint32_t token; /* AUDIT_ARCH_*, or ARCH_X32 */
	bool wide;
	uint32_t largest;    /* number that the profile names, in any rule; 0: none */
	struct entry *entry; /* by number, then in the profile's order */
	size_t n;
	struct mux mux;
};

/* A rule of the profile, ready to be used. */
struct rule {
	bool skip;           /* has the default action */
	struct match *match; /* any of them */
	size_t n;
};

/* The profile's rules with conditions separated and sorted; as many as s->nrules. */
struct rule *rules_read(const struct seccomp_spec *s, struct arena *a);

/*
 * How many entries an architecture without sub-calls can have; others have at most twice as many.
 */
size_t rules_room(const struct seccomp_spec *s, const struct rule *rules);

/* Fill abi->entry and ->largest; ->token is set. scratch: room for twice rules_room(). */
void rules_resolve(const struct seccomp_spec *s, const struct rule *rules, struct abi *abi,
		   struct entry *scratch, struct arena *a);

/* What to do about one number that has rules: entries [0, n). */
struct verdict rules_verdict(const struct abi *abi, const struct entry *v, size_t n,
			     uint32_t default_action, struct arena *a);
