/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that glibc 2.36 does not wrap, or wraps in a way that hides what we
 * need. This is the only place that says syscall(2), so a test can fail each one.
 * All return what the kernel returns: -1 and errno on failure.
 */
#pragma once

#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* not in the headers of Debian 12 */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x00000200
#endif

struct seccomp_notif_sizes;
union bpf_attr;

int sys_openat2(int dir_fd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

/* Mount API, Linux 5.2 to 5.12 */
int sys_open_tree(int dir_fd, const char *path, unsigned flags);
int sys_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int sys_fsopen(const char *type, unsigned flags);
int sys_fsconfig(int fs_fd, unsigned cmd, const char *key, const void *value, int aux);
int sys_fsmount(int fs_fd, unsigned flags, unsigned attr);
int sys_fspick(int dir_fd, const char *path, unsigned flags);
int sys_mount_setattr(int dir_fd, const char *path, unsigned flags, struct mount_attr *attr);
int sys_pivot_root(const char *new_root, const char *put_old);

/* clone3: in the child 0, in the parent the child's pid. */
pid_t sys_clone3(struct clone_args *args);
int sys_pidfd_open(pid_t pid, unsigned flags);
int sys_pidfd_send_signal(int pid_fd, int sig);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_execveat(int dir_fd, const char *path, char *const argv[], char *const envp[], int flags);

int sys_capset(const uint32_t effective[2], const uint32_t permitted[2],
	       const uint32_t inheritable[2]);
int sys_capget(uint32_t effective[2], uint32_t permitted[2], uint32_t inheritable[2]);
int sys_seccomp(unsigned op, unsigned flags, void *arg);
int sys_bpf(int cmd, union bpf_attr *attr, size_t size);
long sys_keyctl(int cmd, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int sys_ioprio_set(int which, int who, int prio);
int sys_set_mempolicy(int mode, const unsigned long *mask, unsigned long maxnode);

/* struct sched_attr as of Linux 5.3; the glibc headers of Debian 12 have none */
struct sys_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};
int sys_sched_setattr(pid_t pid, struct sys_sched_attr *attr, unsigned flags);

/* Back to the default action; also for the two signals that glibc keeps for itself (32, 33). */
int sys_signal_default(int sig);

/* The kernel's getcwd: the text may start with "(unreachable)". Length with NUL, or -1. */
ssize_t sys_getcwd(char *text, size_t size);

/* set*id on the calling thread only, without glibc's cross-thread dance */
int sys_setresuid(uid_t r, uid_t e, uid_t s);
int sys_setresgid(gid_t r, gid_t e, gid_t s);
int sys_setgroups(size_t n, const gid_t *list);
