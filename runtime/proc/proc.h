/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a process a container process: decided on the host side into a
 * struct proc_plan, applied by init (or exec's child) in a fixed order. Init only loads
 * what was computed: no name is looked up, no filter compiled after the clone.
 */
#pragma once

#include <linux/filter.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "runtime/base/attr.h"
#include "specs/spec.h"

struct arena;
struct err;
struct faults;

struct proc_plan {
	const struct process_spec *p; /* borrowed */
	struct cap_sets caps;         /* what of p->caps the kernel can hold together */
	bool keep_groups;             /* annotation run.oci.keep_original_groups: no setgroups */
	bool setgroups_denied; /* a one-id rootless user namespace: no setgroups; the caller's to
				  set */
	bool new_keyring;      /* true; the caller clears it for --no-new-keyring */
	struct sock_fprog seccomp; /* len 0: no filter */
	unsigned seccomp_flags;    /* SECCOMP_FILTER_FLAG_* */
	bool seccomp_notify;       /* the filter has a listener: FLAG_NEW_LISTENER */
	bool mempolicy_set;
	int mempolicy_mode;       /* MPOL_* | MPOL_F_* */
	unsigned long *mempolicy; /* node mask, or NULL */
	unsigned long mempolicy_bits;
	unsigned long personality;               /* UNSET_PERSONALITY */
	cpu_set_t *cpu_initial, *cpu_final;      /* exec; NULL: leave */
	size_t cpu_initial_size, cpu_final_size; /* bytes */
};

/* Pure. s may be the container's spec for exec (its seccomp filter applies to exec too). */
_must_check_ int proc_plan(const struct spec *s, const struct process_spec *p, struct arena *a,
			   struct proc_plan *out, struct faults *f, struct err *e);

/* One line per effect, for `berth plan`. */
void proc_print(const struct proc_plan *p, FILE *out);

/*
 * Host, before anything is made. proc_check_lsm: is the label that is asked for possible here?
 * Fails closed. proc_caps_missing: the capabilities asked for that this process cannot hand on,
 * "cap_a,cap_b", or NULL; a warning, and only true where no new user namespace is made.
 */
_must_check_ int proc_check_lsm(const struct process_spec *p, struct err *e);
const char *proc_caps_missing(const struct proc_plan *p, struct arena *a);

/*
 * Host: raise the hard limits that are below what the container asks for, and nothing else, so
 * that init has only to lower them. pid 0 is the caller itself: before the clone, the child
 * inherits. That is needed because raising takes CAP_SYS_RESOURCE in the initial user namespace,
 * which init in a user namespace never has. Where the host lacks it too the error names the limit.
 */
_must_check_ int proc_rlimits(pid_t pid, const struct proc_plan *p, struct err *e);

/* exec: the CPUs to run on before (initial) and after (final) entering the container's cgroup. */
enum proc_cpu { PROC_CPU_INITIAL, PROC_CPU_FINAL };
_must_check_ int proc_affinity(const struct proc_plan *p, enum proc_cpu when, struct err *e);

/*
 * The steps, for init after pivot_root, in the order of this header. "root_fd" is the container's
 * root; "proc_fd" the private procfs of the rootfs module.
 */

/* Before the user changes: personality, memory policy, scheduler, I/O priority, umask. */
_must_check_ int proc_early(const struct proc_plan *p, struct err *e);

/*
 * oom_score_adj, the exec labels (AppArmor, SELinux) and the session keyring, which takes the
 * SELinux label. Labels are read back: an LSM that ignores the write is an error.
 */
_must_check_ int proc_labels(const struct proc_plan *p, int proc_fd, struct err *e);

/*
 * Find args[0] as the payload will: PATH of env, inside root_fd, with the rights of the target
 * user, who need not be in effect yet; the words of the error are those that engines match
 * ("exec: "x": executable file not found in $PATH"). *path lives in the arena; it may be
 * relative to the cwd. e->exit is 127 or 126.
 */
_must_check_ int proc_lookup(const struct process_spec *p, int root_fd, struct arena *a,
			     const char **path, struct err *e);

/*
 * The environment with HOME filled in from the container's /etc/passwd (never the host's, no NSS).
 */
_must_check_ int proc_env(const struct process_spec *p, int root_fd, struct arena *a,
			  struct strv *env, struct err *e);

/*
 * Bounding set, groups, gid, uid, no_new_privs, capabilities, ambient set; the working directory
 * is entered on the way, as root or as the user, and verified to be inside.
 * A filter without no_new_privs needs CAP_SYS_ADMIN in effect, so it (and the rlimits before it)
 * is loaded here too, right before the last capset; *listener_fd is -1 or the notify descriptor.
 * After this: the process can do no more than the payload, is not dumpable, and has lost its
 * parent death signal if the user changed (the kernel clears it).
 */
_must_check_ int proc_credentials(const struct proc_plan *p, int root_fd, int *listener_fd,
				  struct err *e);

/*
 * The last step before close_range and proc_exec: the rlimits (a tiny RLIMIT_NOFILE would break
 * whatever comes after) and the filter, unless proc_credentials had to do both already; then this
 * does nothing. *listener_fd is written only when a listener is made.
 */
_must_check_ int proc_seccomp(const struct proc_plan *p, int *listener_fd, struct err *e);

/* exec; returns only on failure, in the words that engines match; e->exit is 127 or 126. */
int proc_exec(const struct process_spec *p, const char *path, const struct strv *env,
	      struct err *e);

/*
 * exec --user: "uid", "uid:gid", "name", "name:group", looked up in the container. An all-digit
 * word is a number, never a name; out of range is an error. What the word does not say stays as
 * it is in *out: "uid" alone keeps gid and groups, "uid:gid" the groups. A name brings its group
 * and the groups of /etc/group; with ":group" that one group alone.
 */
_must_check_ int proc_user(const char *word, int root_fd, struct user_spec *out, struct arena *a,
			   struct err *e);
