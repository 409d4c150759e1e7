/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run one command and disturb it at one system call.
 *
 * Theory of operation. The command is process 0; what it forks is followed and numbered in the
 * order of birth, threads count with their process. Each system call entry of a process counts,
 * from 1; calls that the dynamic loader makes do not, for nothing of the command has run yet. At
 * the chosen (process, call), before the kernel executes it (or after, with at_exit), the fault
 * happens, and everything still traced is let go at its next stop. A process that executes another
 * program (the container's payload, a hook) is let go there and then: it is not the command's.
 *
 * The caller becomes a child subreaper, so that orphans come here and nothing escapes: what is
 * left of a hanging command can be killed, and a zombie that stays is a real one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRACE_PROCS 64
#define TRACE_TASKS 256

enum fault_kind {
	FAULT_NONE,     /* only count */
	FAULT_KILL_ONE, /* SIGKILL that process */
	FAULT_KILL_ALL, /* SIGKILL every process of the command at once: a power cut */
	FAULT_SIGNAL,   /* send that process a signal */
	FAULT_ERRNO,    /* the call is not made and fails */
};

struct fault {
	enum fault_kind kind;
	unsigned proc, call;
	bool at_exit; /* kill after the call instead of before */
	int code;     /* errno, or the signal's number */
};

/* One process of the command. */
struct traced_proc {
	pid_t pid;
	bool counting;
	uint64_t loader_from, loader_to;
	int *nr; /* owned; the calls it made, in order */
	size_t calls, room;
};

struct traced_task {
	pid_t tid;
	unsigned proc;
	bool at_point;
};

struct tracer {
	struct traced_task tasks[TRACE_TASKS];
	size_t ntasks;
	struct traced_proc procs[TRACE_PROCS];
	size_t nprocs;
	const struct fault *fault;
	const char *program; /* of the command */
	bool released;

	/* the result of the last command */
	pid_t main;
	int status; /* as from waitpid */
	bool ended, hung, fired;
	char call[1200]; /* system call at the point, as tracee_spell says it */
	double ms;
	char stuck[1024]; /* hung: what sat where */
	int output_fd;    /* stdout and stderr together */
};

/* Become subreaper, start the clock. 0 or -errno. */
int trace_init(struct tracer *t);

/*
 * Run a command under trace with a fault. A running process attach_pid (0: none) is traced along
 * with it as process 1: the init that `start` wakes.
 */
void trace_command(struct tracer *t, char *const argv[], const struct fault *f, pid_t attach_pid,
		   unsigned limit_ms);

/* Run a command without trace, but go on serving what is still traced. */
void plain_command(struct tracer *t, char *const argv[], unsigned limit_ms);

/* Serve what is traced and reap what has died, without waiting for more. */
void trace_serve(struct tracer *t);

/* What the last command (and what it left running) wrote so far; the caller frees it. */
char *trace_output(const struct tracer *t);

/* Say in stuck what descendants of this process there are, and what each sits in. */
void describe_descendants(struct tracer *t);

/* Kill all descendants of this process and reap them. Returns how many there were. */
size_t kill_descendants(struct tracer *t);

void trace_done(struct tracer *t);
