/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules. A rule decides the access bits (rwm) that it names, for the devices it matches;
 * for every bit the last rule that decides it wins; what no rule decides is denied. An access of
 * several bits needs all of them. An 'a' rule means both kinds of device, with its numbers and
 * access taken as written.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/attr.h"

struct arena;
struct bpf_insn;
struct dev_rule;
struct err;
struct spec;

struct dev_rules {
	struct dev_rule *v; /* types 'b' and 'c' only */
	size_t n;
	bool allow; /* what holds where no rule decides; false but for a leading "allow all" */
};

/*
 * The spec's rules with the defaults behind them (L18: mknod of anything, the standard devices,
 * ptys, tun), cut to those that matter: nothing from before a rule for everything, nothing that
 * a later rule overrules completely.
 */
void dev_rules_of(const struct dev_rule *v, size_t n, struct arena *a, struct dev_rules *out);

/*
 * The same as the kernel's v1 lists know them: exceptions from one default, in any order. -1, or
 * the index of the rule in r that cannot be said that way (it takes out a part of what an
 * earlier one lets in). Only a default gives way to a wider rule of the user's.
 */
_must_check_ long dev_rules_flatten(const struct dev_rules *r, struct arena *a,
				    struct dev_rules *out);

/* The program for BPF_CGROUP_DEVICE. -E2BIG when a jump would be too long. */
_must_check_ int dev_compile(const struct dev_rules *r, struct arena *a,
			     const struct bpf_insn **insns, size_t *n);

/*
 * Load the program and attach it to the cgroup beside what others attached; where an earlier
 * one of ours is attached already, it is replaced.
 */
_must_check_ int dev_attach(int dir_fd, const struct bpf_insn *insns, size_t n, bool fresh,
			    struct err *e);
