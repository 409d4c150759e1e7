/* SPDX-License-Identifier: Apache-2.0 */
/* What ptrace leaves to each architecture, and facts about a stopped process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* At a system call entry stop: do not make the call. 0 or -1. */
int tracee_skip_call(pid_t tid);

/* At the exit stop: what the call returns. 0 or -1. */
int tracee_set_result(pid_t tid, long result);

enum call_stop { CALL_STOP_NONE, CALL_STOP_ENTRY, CALL_STOP_EXIT };

struct call {
	int nr;
	uint64_t ip, args[6];
};

/* Which kind of system call stop this is; the call is filled at entry. */
enum call_stop tracee_call(pid_t tid, struct call *c);

/*
 * "openat:/etc/localtime", "read:/proc/75/stat", "prctl:23", "mmap": the call and what it is about,
 * a path, the file behind its descriptor, or the first number of those that do many things.
 * Process ids in paths become N. At the entry stop.
 */
void tracee_spell(pid_t tid, const struct call *c, char *text, size_t size);

/*
 * Is there an error that the kernel could give for it, and that a program can do something about?
 */
bool tracee_can_fail(int nr);

/* Where the dynamic loader is mapped; both 0 for a static program. */
void tracee_loader(pid_t pid, uint64_t *from, uint64_t *to);

/* Does the process run the same program as the command (a copy in a memfd counts)? */
bool tracee_same_program(pid_t pid, const char *command);

/* Name, state, system call and kernel function of a process, for a report. */
int tracee_describe(pid_t pid, char *text, size_t size);

/* The process that a thread is of. */
pid_t tracee_group(pid_t tid);
