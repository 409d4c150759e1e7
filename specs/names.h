/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces and hooks: words and numbers, one line each. The readers, the clone
 * flags, the paths below /proc/PID/ns and `berth features` all come from here.
 */
#pragma once

#include <sched.h>

#include "runtime/base/sys.h"

/* X(enum suffix, OCI word, clone flag, file below /proc/PID/ns) */
#define NS_TABLE(X)                                                                                \
	X(PID, "pid", CLONE_NEWPID, "pid")                                                         \
	X(NETWORK, "network", CLONE_NEWNET, "net")                                                 \
	X(MOUNT, "mount", CLONE_NEWNS, "mnt")                                                      \
	X(IPC, "ipc", CLONE_NEWIPC, "ipc")                                                         \
	X(UTS, "uts", CLONE_NEWUTS, "uts")                                                         \
	X(USER, "user", CLONE_NEWUSER, "user")                                                     \
	X(CGROUP, "cgroup", CLONE_NEWCGROUP, "cgroup")                                             \
	X(TIME, "time", CLONE_NEWTIME, "time")

enum ns_type {
#define X(id, word, flag, file) NS_##id,
	NS_TABLE(X)
#undef X
		NS_COUNT
};

struct ns_name {
	const char *word;   /* in config.json */
	unsigned long flag; /* CLONE_NEW* */
	const char *file;   /* below /proc/PID/ns */
};
extern const struct ns_name ns_names[NS_COUNT];

/* X(enum suffix, OCI word), in the order in which they run */
#define HOOK_TABLE(X)                                                                              \
	X(PRESTART, "prestart")                                                                    \
	X(CREATE_RUNTIME, "createRuntime")                                                         \
	X(CREATE_CONTAINER, "createContainer")                                                     \
	X(START_CONTAINER, "startContainer")                                                       \
	X(POSTSTART, "poststart")                                                                  \
	X(POSTSTOP, "poststop")

enum hook_type {
#define X(id, word) HOOK_##id,
	HOOK_TABLE(X)
#undef X
		HOOK_COUNT
};
extern const char *const hook_names[HOOK_COUNT];
