/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything about one start that can be decided beforehand. plan_make() is pure but for looking
 * at the cgroup layout; `berth plan` prints it, the step tables execute it and decide nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cgroups/cgroups.h"
#include "rootfs/rootfs.h"
#include "runtime/base/attr.h"
#include "runtime/proc/proc.h"
#include "specs/spec.h"

struct arena;
struct err;
struct faults;

enum plan_kind {
	PLAN_CREATE, /* init parks until `start` */
	PLAN_RUN,    /* created and started in one go */
};

/* What the caller asks for beside the spec. */
struct plan_ask {
	enum plan_kind kind;
	const char *id;
	const char *bundle;                                   /* absolute */
	const char *console_socket, *pidfd_socket, *pid_file; /* NULL: none */
	bool no_pivot, no_new_keyring, detach;
	unsigned preserve_fds; /* 3 .. 3+n-1 go to the payload */
	enum cg_manager manager;
	const struct cg_layout *layout; /* tests: as if root were on such a host; NULL: look */
};

struct plan {
	struct plan_ask ask;
	const struct spec *spec;
	const char *root;          /* absolute path of the rootfs, for the record */
	unsigned long clone_flags; /* CLONE_NEW* of clone3; cgroup and time come later, in init */
	bool joins;                /* some namespace is joined by path */
	bool privileged;           /* euid 0 */
	bool in_userns; /* berth itself is in a user namespace of its own making or an engine's */
	bool seal; /* the container could write to berth's binary: see runtime/proc/exeseal.h */
	bool die_with_parent; /* a one-off run: the payload does not outlive berth */
	bool transient;       /* nobody wants its record once it has stopped */
	struct rootfs_plan *rootfs;
	struct cg_layout layout;
	struct cg_plan *cgroup;
	struct proc_plan proc;
};

/* Faults in f, or an error that is no fault of the spec (cgroup layout unreadable). */
_must_check_ int plan_make(const struct spec *s, const struct plan_ask *ask, struct arena *a,
			   struct plan *out, struct faults *f, struct err *e);

/*
 * Could a process of this container write to berth's own binary if it got hold of it? Not when its
 * ids are none that own the binary. See runtime/proc/exeseal.h.
 */
bool plan_must_seal(const struct spec *s);

/* One line per effect, in the order of the effects. */
void plan_print(const struct plan *p, struct arena *a, FILE *out);
