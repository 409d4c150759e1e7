/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/attr.h"
#include "tests/fault/tracee.h"

#define TRACE_OPTIONS                                                                              \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Only there to interrupt waitpid, so that a time limit is noticed. */
static void on_tick(int sig _unused_)
{
}

int trace_init(struct tracer *t)
{
	struct sigaction sa = { .sa_handler = on_tick };
	struct itimerval every = { { 0, 50000 }, { 0, 50000 } };

	*t = (struct tracer){ .output_fd = -1 };
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || sigaction(SIGALRM, &sa, NULL) < 0 ||
	    setitimer(ITIMER_REAL, &every, NULL) < 0)
		return -errno;
	return 0;
}

static struct traced_task *task_find(struct tracer *t, pid_t tid)
{
	for (size_t i = 0; i < t->ntasks; i++)
		if (t->tasks[i].tid == tid)
			return &t->tasks[i];
	return NULL;
}

static void task_remove(struct tracer *t, pid_t tid)
{
	struct traced_task *task = task_find(t, tid);

	if (task)
		*task = t->tasks[--t->ntasks];
}

static unsigned proc_of(struct tracer *t, pid_t pid, bool counting)
{
	for (size_t i = t->nprocs; i-- > 0;)
		if (t->procs[i].pid == pid)
			return (unsigned)i;
	if (t->nprocs == TRACE_PROCS)
		return TRACE_PROCS - 1;
	struct traced_proc *p = &t->procs[t->nprocs];
	p->pid = pid;
	p->counting = counting;
	p->calls = 0;
	tracee_loader(pid, &p->loader_from, &p->loader_to);
	return (unsigned)t->nprocs++;
}

static struct traced_task *task_add(struct tracer *t, pid_t tid, bool counting)
{
	struct traced_task *task = task_find(t, tid);

	if (task)
		return task;
	if (t->ntasks == TRACE_TASKS) {
		fputs("killat: too many tasks\n", stderr);
		exit(125);
	}
	task = &t->tasks[t->ntasks++];
	*task = (struct traced_task){ .tid = tid, .proc = proc_of(t, tracee_group(tid), counting) };
	return task;
}

static void count_call(struct traced_proc *p, int nr)
{
	if (p->calls == p->room) {
		p->room = p->room ? p->room * 2 : 1024;
		p->nr = realloc(p->nr, p->room * sizeof(*p->nr));
		if (!p->nr) {
			fputs("killat: out of memory\n", stderr);
			exit(125);
		}
	}
	p->nr[p->calls++] = nr;
}

static void fire(struct tracer *t, struct traced_task *task)
{
	pid_t pid = t->procs[task->proc].pid;

	switch (t->fault->kind) {
	case FAULT_NONE:
		return;
	case FAULT_KILL_ONE:
		kill(pid, SIGKILL);
		break;
	case FAULT_KILL_ALL:
		for (size_t i = 0; i < t->ntasks; i++)
			kill(t->procs[t->tasks[i].proc].pid, SIGKILL);
		break;
	case FAULT_SIGNAL:
		kill(pid, t->fault->code);
		break;
	case FAULT_ERRNO:
		tracee_set_result(task->tid, -t->fault->code);
		break;
	}
	t->released = true;
}

static void on_call(struct tracer *t, struct traced_task *task)
{
	const struct fault *f = t->fault;
	struct traced_proc *p = &t->procs[task->proc];
	struct call c;

	switch (tracee_call(task->tid, &c)) {
	case CALL_STOP_NONE:
		return;
	case CALL_STOP_EXIT:
		if (task->at_point)
			fire(t, task);
		return;
	case CALL_STOP_ENTRY:
		break;
	}
	if (!p->counting || (c.ip >= p->loader_from && c.ip < p->loader_to))
		return;
	count_call(p, c.nr);
	if (f->kind == FAULT_NONE || t->fired || task->proc != f->proc || p->calls != f->call)
		return;
	/* the count may be off by one from that of the first run, when processes race */
	if (f->kind == FAULT_ERRNO && !tracee_can_fail(c.nr))
		return;
	t->fired = true;
	tracee_spell(task->tid, &c, t->call, sizeof(t->call));
	task->at_point = f->at_exit || f->kind == FAULT_ERRNO;
	if (f->kind == FAULT_ERRNO)
		tracee_skip_call(task->tid);
	if (!task->at_point)
		fire(t, task);
}

/* Returns whether the process still is one of the command. */
static bool on_exec(struct tracer *t, struct traced_task *task)
{
	struct traced_proc *p = &t->procs[task->proc];
	pid_t tid = task->tid;

	for (size_t i = t->ntasks; i-- > 0;)
		if (t->tasks[i].proc == task->proc && t->tasks[i].tid != tid)
			t->tasks[i] = t->tasks[--t->ntasks];
	if (!tracee_same_program(p->pid, t->program))
		return false;
	p->counting = true;
	tracee_loader(p->pid, &p->loader_from, &p->loader_to);
	return true;
}

static bool is_group_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

static void on_stop(struct tracer *t, pid_t tid, int status)
{
	struct traced_task *task = task_add(t, tid, true);
	int sig = WSTOPSIG(status), event = status >> 16;
	unsigned long child = 0, deliver = 0;
	bool ours = true;

	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE) {
		ptrace(PTRACE_GETEVENTMSG, tid, 0, &child);
		task_add(t, (pid_t)child, true);
	} else if (event == PTRACE_EVENT_EXEC) {
		ours = on_exec(t, task);
	} else if (event == PTRACE_EVENT_STOP) {
		if (is_group_stop(sig) && !t->released) {
			ptrace(PTRACE_LISTEN, tid, 0, 0);
			return;
		}
	} else if (sig == (SIGTRAP | 0x80)) {
		on_call(t, task);
	} else {
		deliver = (unsigned long)sig;
	}
	if (t->released || !ours) {
		ptrace(PTRACE_DETACH, tid, 0, deliver);
		task_remove(t, tid);
	} else {
		ptrace(PTRACE_SYSCALL, tid, 0, deliver);
	}
}

/* One report of the kernel; false when there was none. */
static bool serve(struct tracer *t, int flags)
{
	int status = 0;
	pid_t pid = waitpid(-1, &status, __WALL | flags);

	if (pid <= 0)
		return false;
	if (WIFSTOPPED(status)) {
		on_stop(t, pid, status);
		return true;
	}
	task_remove(t, pid);
	if (pid == t->main) {
		t->status = status;
		t->ended = true;
	}
	return true;
}

void trace_serve(struct tracer *t)
{
	while (serve(t, WNOHANG))
		;
}

/* The parent of a process, 0 when it is gone. */
static pid_t parent_of(pid_t pid)
{
	char path[64], text[512];
	int ppid = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	const char *p = strrchr(text, ')');
	if (p)
		sscanf(p, ") %*c %d", &ppid);
	return ppid;
}

static size_t descendants(pid_t *pids, size_t max)
{
	DIR *d = opendir("/proc");
	pid_t self = getpid();
	size_t n = 0;

	for (struct dirent *e = d ? readdir(d) : NULL; e && n < max; e = readdir(d)) {
		pid_t pid = (pid_t)atoi(e->d_name), up = pid;

		while (up > 1 && up != self)
			up = parent_of(up);
		if (pid > 0 && pid != self && up == self)
			pids[n++] = pid;
	}
	if (d)
		closedir(d);
	return n;
}

size_t kill_descendants(struct tracer *t)
{
	pid_t pids[512];
	size_t total = 0;

	t->released = true;
	for (unsigned round = 0; round < 500; round++) {
		struct timespec pause = { .tv_nsec = 2000000 };
		size_t n = descendants(pids, ARRAY_SIZE(pids));

		if (n == 0)
			break;
		if (round == 0)
			total = n;
		for (size_t i = 0; i < n; i++)
			kill(pids[i], SIGKILL);
		trace_serve(t);
		nanosleep(&pause, NULL);
	}
	return total;
}

void describe_descendants(struct tracer *t)
{
	pid_t pids[64];
	size_t n = descendants(pids, ARRAY_SIZE(pids)), len = 0;

	t->stuck[0] = '\0';
	for (size_t i = 0; i < n && len + 1 < sizeof(t->stuck); i++)
		len += (size_t)tracee_describe(pids[i], t->stuck + len, sizeof(t->stuck) - len);
}

/* Serve until the command ends or its time is over. */
static void finish(struct tracer *t, double started, unsigned limit_ms)
{
	while (!t->ended) {
		serve(t, 0);
		if (!t->ended && now_ms() - started > limit_ms) {
			t->hung = true;
			describe_descendants(t);
			kill_descendants(t);
			break;
		}
	}
	t->released = true;
	t->ms = now_ms() - started;
}

/* Fork the command; it waits for the pipe to be closed before it executes. */
static pid_t launch(struct tracer *t, char *const argv[], int *gate_fd)
{
	int gate[2];

	if (t->output_fd >= 0)
		close(t->output_fd);
	t->output_fd = memfd_create("output", MFD_CLOEXEC);
	t->ended = t->hung = t->fired = false;
	t->status = -1;
	t->stuck[0] = '\0';
	if (t->output_fd < 0 || pipe2(gate, O_CLOEXEC) < 0) {
		perror("killat");
		exit(125);
	}
	pid_t pid = fork();
	if (pid == 0) {
		char c;
		int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		close(gate[1]);
		while (read(gate[0], &c, 1) < 0 && errno == EINTR)
			;
		dup2(null_fd, 0);
		dup2(t->output_fd, 1);
		dup2(t->output_fd, 2);
		execvp(argv[0], argv);
		dprintf(2, "killat: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(gate[0]);
	*gate_fd = gate[1];
	t->main = pid;
	return pid;
}

void trace_command(struct tracer *t, char *const argv[], const struct fault *f, pid_t attach_pid,
		   unsigned limit_ms)
{
	double started = now_ms();
	int gate_fd = -1;

	t->ntasks = t->nprocs = 0;
	t->fault = f;
	t->program = argv[0];
	t->released = false;
	t->call[0] = '\0';
	pid_t pid = launch(t, argv, &gate_fd);
	if (ptrace(PTRACE_SEIZE, pid, 0, TRACE_OPTIONS) < 0) {
		perror("killat: ptrace");
		exit(125);
	}
	task_add(t, pid, false);
	if (attach_pid > 0 && ptrace(PTRACE_SEIZE, attach_pid, 0, TRACE_OPTIONS) == 0) {
		task_add(t, attach_pid, true);
		ptrace(PTRACE_INTERRUPT, attach_pid, 0, 0);
	}
	close(gate_fd);
	finish(t, started, limit_ms);
}

void plain_command(struct tracer *t, char *const argv[], unsigned limit_ms)
{
	double started = now_ms();
	int gate_fd = -1;

	launch(t, argv, &gate_fd);
	close(gate_fd);
	finish(t, started, limit_ms);
}

char *trace_output(const struct tracer *t)
{
	struct stat st = { .st_size = 0 };

	fstat(t->output_fd, &st);
	char *text = calloc(1, (size_t)st.st_size + 1);
	if (text && pread(t->output_fd, text, (size_t)st.st_size, 0) < 0)
		text[0] = '\0';
	return text;
}

void trace_done(struct tracer *t)
{
	for (size_t i = 0; i < TRACE_PROCS; i++)
		free(t->procs[i].nr);
	if (t->output_fd >= 0)
		close(t->output_fd);
}
