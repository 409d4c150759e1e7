/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of runtime/proc share with each other and with nobody else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/attr.h"
#include "specs/spec.h"

struct arena;
struct err;
struct faults;
struct proc_plan;

/* ---- words and lists ---- */

/* "0-3,7" as a bit mask of whole longs; *bits is the highest number + 1. false: no such list. */
bool list_parse(const char *text, unsigned max, struct arena *a, unsigned long **mask,
		unsigned long *bits);

/* "RLIMIT_NOFILE", or "RLIMIT_?" */
const char *rlimit_name(int resource);

/* "cap_chown,cap_kill"; "" for none */
const char *caps_text(uint64_t set, struct arena *a);

/* ---- files of the container ---- */

/* openat2 inside root_fd, without magic links; a racing rename is retried. fd or -errno */
int inside_open(int root_fd, const char *path, int flags);

/* a, "/", b in the arena */
const char *path_join(struct arena *a, const char *dir, const char *name);

/* An entry of the container's /etc/passwd; the strings live in the arena. */
struct account {
	const char *name, *home;
	uid_t uid;
	gid_t gid;
};

enum { ACCOUNT_NONE = 1 }; /* no such entry, or no such file */

/* The first entry with this name or, when name is NULL, this uid. 0, ACCOUNT_NONE or an error. */
_must_check_ int passwd_find(int root_fd, const char *name, uid_t uid, struct arena *a,
			     struct account *out, struct err *e);

/* The number of a group of /etc/group. */
_must_check_ int group_find(int root_fd, const char *name, gid_t *gid, struct err *e);

/* first, and every group that lists the user. *list lives in the arena. */
_must_check_ int group_list(int root_fd, const char *user, gid_t first, struct arena *a,
			    gid_t **list, size_t *n, struct err *e);

/* ---- steps ---- */

/* The sets without what no kernel grants together; a warning for each thing left out. */
void caps_plan(const struct cap_sets *want, const char *prefix, struct arena *a,
	       struct cap_sets *out, struct faults *f);

/* What this process has, and what it is to have in the end. */
struct caps {
	struct cap_sets own, final;
	bool stale; /* own.effective may have changed with the user */
};
_must_check_ int caps_start(struct caps *c, const struct cap_sets *want, struct err *e);
_must_check_ int caps_drop_bounding(const struct caps *c, struct err *e);
/* Everything permitted in effect, and the ambient set raised. */
_must_check_ int caps_raise(struct caps *c, struct err *e);
_must_check_ int caps_finish(struct caps *c, struct err *e);

enum { CWD_AS_USER = 1 }; /* not as root: try once more as the user */
_must_check_ int cwd_enter(const char *cwd, int root_fd, struct err *e);
_must_check_ int cwd_check(const char *cwd, struct err *e);

_must_check_ int rlimits_apply(const struct process_spec *p, struct err *e);
_must_check_ int filter_load(const struct proc_plan *p, int *listener_fd, struct err *e);
