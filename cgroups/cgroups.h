/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's cgroup, on v2, v1 and hybrid hosts.
 *
 * Theory of operation. cg_detect() reads the layout from mountinfo. cg_plan() turns the
 * spec's resources into writes, per hierarchy, without touching a file. cg_make() makes the
 * directories (and remembers which of them it made), cg_apply() writes the limits.
 * On v2 init is born inside: cg_clone_fd() goes to clone3 with CLONE_INTO_CGROUP. Into the v1
 * hierarchies init walks by itself, with cg_enter(): a single thread that moves itself needs no
 * RCU grace period (Linux 5.5), where a move by somebody else waits 10 to 20 ms for one.
 * The record (struct cg_record) is what the state on disk keeps, enough for another process to
 * kill, list and remove without the spec.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "runtime/base/attr.h"

struct arena;
struct err;
struct faults;
struct spec;

struct cg_hierarchy {
	const char *mount;       /* "/sys/fs/cgroup" or "/sys/fs/cgroup/memory" */
	const char *root;        /* the root that this mount shows ("/" normally) */
	const char *controllers; /* v1: "cpu,cpuacct" or "name=systemd"; v2: cgroup.controllers */
	const char *own;         /* berth's own cgroup in it, below mount */
	bool v2;
	bool ro; /* mounted read-only: nothing can be made in it */
};

struct cg_layout {
	struct cg_hierarchy *v;
	size_t n;
};

/*
 * CG_SYSTEMD places the cgroup where systemd would ("a-b.slice:p:n" is
 * /a.slice/a-b.slice/p-n.scope) and writes the files itself; systemd is not told about the scope.
 */
enum cg_manager { CG_CGROUPFS, CG_SYSTEMD, CG_DISABLED };

struct cg_ctx {
	const char *id;
	enum cg_manager manager;
	bool rootless; /* no cgroup that we may write is an error only if limits are asked for */
	bool chown;    /* delegate to the container's root (L10) */
	uid_t owner;   /* host uid for that */
};

/* Which hierarchies are mounted, and where we are in them. */
_must_check_ int cg_detect(struct cg_layout *l, struct arena *a, struct err *e);

struct cg_plan; /* in cgroups/plan.h */

/*
 * Pure but for the layout: where the cgroup goes in each hierarchy and what is written there.
 * Values out of range, controllers that are not there: faults with JSON pointers.
 */
_must_check_ int cg_plan(const struct spec *s, const struct cg_layout *l, const struct cg_ctx *ctx,
			 struct arena *a, struct cg_plan **out, struct faults *f, struct err *e);
void cg_print(const struct cg_plan *p, FILE *out);

/* What another process needs to find the cgroup again. One per hierarchy. */
struct cg_place {
	const char *path;        /* absolute directory, "/sys/fs/cgroup/memory/x/ID" */
	const char *controllers; /* as in the hierarchy */
	bool v2;
	bool made;             /* berth made the leaf: it may be killed and removed as a whole */
	unsigned made_parents; /* how many directories above the leaf berth made too */
};
struct cg_record {
	struct cg_place *v;
	size_t n;
};

/* The record that belongs to the plan, known before anything is made (made: not existing yet). */
_must_check_ int cg_intend(const struct cg_plan *p, struct arena *a, struct cg_record *r,
			   struct err *e);

/* The live cgroup of one start. */
struct cgroup {
	const struct cg_plan *plan;
	const struct cg_record *record;
	int *dir_fd; /* per place of the record; -1: rootless, and we may not write there */
};
#define CGROUP_INIT                                                                                \
	{                                                                                          \
		.dir_fd = NULL                                                                     \
	}

/*
 * Host: make the directories, enable controllers. A failure removes what this call made.
 * A directory that came into being since cg_intend() is another's: its `made` in the record goes
 * back to false, so the record has to be stored after this once more.
 */
_must_check_ int cg_make(struct cgroup *c, const struct cg_plan *p, struct cg_record *r,
			 struct arena *a, struct err *e);

/* Host: write the limits (and the device rules: eBPF on v2, lists on v1). */
_must_check_ int cg_apply(struct cgroup *c, struct err *e);

/* Host: the v2 directory to be born in, or -1. */
int cg_clone_fd(const struct cgroup *c);

/*
 * The caller, single-threaded, moves itself into every place (but the one it was born in, when
 * born is true). For init, right after the clone: before it changes its user, before
 * unshare(CLONE_NEWCGROUP). The descriptors that it inherited from the host are enough.
 */
_must_check_ int cg_enter(const struct cgroup *c, bool born, struct err *e);

/* Host: the same for another process. On v1 this waits for an RCU grace period: see cg_enter. */
_must_check_ int cg_attach(struct cgroup *c, pid_t pid, bool born, struct err *e);

/* Close the fds. */
void cg_close(struct cgroup *c);

/* ---- on a record, by any later process ---- */

/*
 * Open the record's directories for exec into the container's cgroup; sub is exec's --cgroup
 * ("ctrl:path" or "path", NULL for the container's own).
 */
_must_check_ int cg_reopen(struct cgroup *c, const struct cg_record *r, const char *sub,
			   struct arena *a, struct err *e);

/*
 * After cg_reopen: take the v2 cgroup that pid (init) is in, below the container's, in place of
 * the container's own. For exec, when the clone into the latter or cg_attach says -EBUSY: the
 * payload (systemd) has moved into children and shares out controllers, so v2 takes no process.
 */
_must_check_ int cg_follow(struct cgroup *c, pid_t pid, struct arena *a, struct err *e);

/*
 * Outcome of cg_kill and cg_signal: berth made no place of the record (a shared cgroup, or none
 * at all), so other processes than the container's may be inside. Nothing was sent: signal
 * init alone.
 */
enum { CG_NOT_OURS = 1 };

/*
 * SIGKILL everything inside, cgroup.kill first, and wait until it is empty. Frozen processes and
 * nested cgroups included. 0, CG_NOT_OURS or negative (-ETIMEDOUT: a process does not die).
 */
_must_check_ int cg_kill(const struct cg_record *r, struct err *e);

/* Send sig to every process inside. 0, CG_NOT_OURS or negative. */
_must_check_ int cg_signal(const struct cg_record *r, int sig, struct err *e);

/*
 * Remove what berth made if all of it is empty now: one rmdir each, nobody is killed or waited for.
 * False: something was busy; what went is gone, cg_kill and cg_remove do the rest.
 */
bool cg_remove_empty(const struct cg_record *r);

/* Remove what berth made, nested cgroups of the payload included. Gone already is fine. */
_must_check_ int cg_remove(const struct cg_record *r, struct err *e);

/* Pids inside, nested ones included; sorted, no duplicates, in the arena. */
_must_check_ int cg_pids(const struct cg_record *r, struct arena *a, pid_t **pids, size_t *n,
			 struct err *e);

/* Stop or go, and wait until the kernel says so. A shared cgroup is refused. */
_must_check_ int cg_freeze(const struct cg_record *r, bool freeze, struct err *e);

/* 1 when frozen (or freezing), 0 when not. */
int cg_frozen(const struct cg_record *r);

/* Has the OOM killer been at work in it? For the error text of a start that died. */
bool cg_oom_killed(const struct cg_record *r);
