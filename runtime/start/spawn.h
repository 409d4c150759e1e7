/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making init: one clone3 with every namespace at once, born in its v2 cgroup.
 *
 * Theory of operation. Namespaces to be joined have to be entered before the clone, with the
 * rights of the host: after it, in a user namespace of its own, init could not. The host process
 * must not move, so a broker does it: a vfork child (no page table is copied, we sleep meanwhile)
 * joins, and clones init as our child (CLONE_PARENT). Mount and time namespaces are joined by init
 * itself: the one would take our paths away, the other wants a process that shares its memory with
 * nobody.
 */
#pragma once

#include <sys/types.h>

#include "runtime/base/attr.h"

struct err;
struct start;

struct spawn {
	unsigned long flags; /* CLONE_NEW* */
	int cgroup_fd;       /* v2 directory to be born in; -1: none */
	const int *join_fd;  /* descriptors for setns, in this order; user namespace last */
	const unsigned long *join_flags; /* their CLONE_NEW* (several bits: a pidfd) */
	size_t njoin;
	void (*child)(struct start *s); /* what init does; does not return */
	struct start *arg;
};

/* pid of the new process, its pidfd in *pid_fd. Negative with *e set. */
_must_check_ pid_t spawn(const struct spawn *w, int *pid_fd, struct err *e);
