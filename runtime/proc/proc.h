/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a process a container process: decided on the host side into a
 * struct proc_plan, applied by init (or exec's child) in a fixed order. Init only loads
 * what was computed: no name is looked up, no filter compiled after the clone.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "runtime/base/attr.h"
#include "runtime/base/sys.h"
#include "specs/spec.h"

struct arena;
struct err;
struct faults;

struct proc_plan {
	const struct process_spec *p; /* borrowed */
	bool new_keyring;
	const char *keyring; /* "_ses.ID" */
	struct sock_fprog seccomp; /* len 0: no filter */
	unsigned seccomp_flags; /* SECCOMP_FILTER_FLAG_* */
	bool seccomp_notify; /* the filter has a listener: FLAG_NEW_LISTENER */
	unsigned long *mempolicy; /* node mask, or NULL */
	unsigned long mempolicy_bits;
	unsigned long personality; /* UNSET_PERSONALITY */
	cpu_set_t *cpu_initial, *cpu_final; /* exec; NULL: leave */
	size_t cpu_initial_size, cpu_final_size;
	bool setgroups_denied; /* a one-id rootless user namespace: no setgroups */
};

/* Pure. s may be the container's spec for exec (its seccomp filter applies to exec too). */
_must_check_ int proc_plan(const struct spec *s, const struct process_spec *p, const char *id,
			   struct arena *a, struct proc_plan *out, struct faults *f, struct err *e);
void proc_print(const struct proc_plan *p, FILE *out);

/*
 * The steps, for init after pivot_root, in this order. "root_fd" is the container's root; proc
 * writes go through the callback that the rootfs module gives (private procfs).
 */
typedef int proc_write_fn(void *arg, const char *file, const char *value, struct err *e);

/* Before the user changes: keyring, personality, memory policy, scheduler, I/O priority, umask. */
_must_check_ int proc_early(const struct proc_plan *p, struct err *e);

/* oom_score_adj and the exec labels (AppArmor, SELinux), read back. */
_must_check_ int proc_labels(const struct proc_plan *p, proc_write_fn *write, void *arg,
			     struct err *e);

/* Is the label that is asked for possible here? Before anything is made: fails closed. */
_must_check_ int proc_check_lsm(const struct process_spec *p, struct err *e);

/*
 * Bounding set, groups, gid, uid, capabilities, ambient set, no_new_privs, rlimits of the
 * container; the working directory is entered on the way, as root or as the user, and verified to
 * be inside. After this: the process can do no more than the payload. make_cwd: create it.
 */
_must_check_ int proc_credentials(const struct proc_plan *p, int root_fd, bool make_cwd,
				  struct err *e);

/*
 * Load the filter. Without no_new_privs it needs CAP_SYS_ADMIN in effect, so proc_credentials calls
 * it at the right moment itself through this; *listener_fd is -1 or the notify descriptor.
 */
_must_check_ int proc_seccomp(const struct proc_plan *p, int *listener_fd, struct err *e);

/*
 * Find args[0] as the payload will: PATH of env, inside root_fd; the words of the error are those
 * that engines match ("exec: "x": executable file not found in $PATH"). *path lives in the arena.
 * e->exit is 127 or 126.
 */
_must_check_ int proc_lookup(const struct process_spec *p, int root_fd, struct arena *a,
			     const char **path, struct err *e);

/* The environment with HOME filled in from the container's /etc/passwd (never the host's, no NSS). */
_must_check_ int proc_env(const struct process_spec *p, int root_fd, struct arena *a,
			  struct strv *env, struct err *e);

/* exec; returns only on failure, in the words that engines match; e->exit is 127 or 126. */
int proc_exec(const struct process_spec *p, const char *path, const struct strv *env,
	      struct err *e);

/*
 * exec --user: "uid", "uid:gid", "name", "name:group", looked up in the container. An all-digit
 * word is a number, never a name; out of range is an error.
 */
_must_check_ int proc_user(const char *word, int root_fd, struct user_spec *out, struct arena *a,
			   struct err *e);
