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

/* Which kind of system call stop this is; nr and ip are valid at entry. */
enum call_stop tracee_call(pid_t tid, int *nr, uint64_t *ip);

/* Where the dynamic loader is mapped; both 0 for a static program. */
void tracee_loader(pid_t pid, uint64_t *from, uint64_t *to);

/* Does the process run the same program as the command (a copy in a memfd counts)? */
bool tracee_same_program(pid_t pid, const char *command);

/* Name, state, system call and kernel function of a process, for a report. */
int tracee_describe(pid_t pid, char *text, size_t size);

/* The process that a thread is of. */
pid_t tracee_group(pid_t tid);
