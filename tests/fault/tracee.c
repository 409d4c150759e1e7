/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/tracee.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

#include "runtime/base/attr.h"

#if defined(__x86_64__)
int tracee_skip_call(pid_t tid)
{
	long none = -1;

	return (int)ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, orig_rax), none);
}

int tracee_set_result(pid_t tid, long result)
{
	return (int)ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, rax), result);
}
#elif defined(__aarch64__)
#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif
int tracee_skip_call(pid_t tid)
{
	int none = -1;
	struct iovec v = { .iov_base = &none, .iov_len = sizeof(none) };

	return (int)ptrace(PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &v);
}

int tracee_set_result(pid_t tid, long result)
{
	struct user_regs_struct regs;
	struct iovec v = { .iov_base = &regs, .iov_len = sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &v) < 0)
		return -1;
	regs.regs[0] = (unsigned long long)result;
	return (int)ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &v);
}
#else
#error "say how a system call is skipped on this architecture"
#endif

enum call_stop tracee_call(pid_t tid, struct call *c)
{
	struct __ptrace_syscall_info info = { .op = 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) < 0)
		return CALL_STOP_NONE;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		return CALL_STOP_EXIT;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return CALL_STOP_NONE;
	c->nr = (int)info.entry.nr;
	c->ip = info.instruction_pointer;
	for (size_t i = 0; i < ARRAY_SIZE(c->args); i++)
		c->args[i] = info.entry.args[i];
	return CALL_STOP_ENTRY;
}

bool tracee_can_fail(int nr)
{
	/* brk: on failure it returns the old end, never an error number */
	static const char *const never[] = {
		"exit",           "exit_group",      "brk",
		"rt_sigreturn",   "close",           "munmap",
		"getpid",         "gettid",          "getppid",
		"getuid",         "geteuid",         "getgid",
		"getegid",        "getresuid",       "getresgid",
		"getsid",         "umask",           "rt_sigaction",
		"rt_sigprocmask", "set_robust_list", "set_tid_address",
		"rseq",           "sched_yield",     "getrandom",
		"arch_prctl",
	};
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	bool can = true;

	for (size_t i = 0; name && i < ARRAY_SIZE(never); i++)
		can &= strcmp(name, never[i]) != 0;
	free(name);
	return can;
}

/* Where in its arguments a call says what it is about. */
static const struct call_kind {
	const char *name;
	enum { KIND_FD, KIND_NUMBER, KIND_PATH } kind;
	unsigned at; /* which argument; a path is relative to the descriptor before it */
} call_kinds[] = {
	{ "read", KIND_FD, 0 },         { "write", KIND_FD, 0 },
	{ "pread64", KIND_FD, 0 },      { "pwrite64", KIND_FD, 0 },
	{ "fstatfs", KIND_FD, 0 },      { "flock", KIND_FD, 0 },
	{ "fstat", KIND_FD, 0 },        { "lseek", KIND_FD, 0 },
	{ "fchdir", KIND_FD, 0 },       { "ioctl", KIND_NUMBER, 1 },
	{ "sendmsg", KIND_FD, 0 },      { "recvmsg", KIND_FD, 0 },
	{ "getdents64", KIND_FD, 0 },   { "fchmod", KIND_FD, 0 },
	{ "prctl", KIND_NUMBER, 0 },    { "prlimit64", KIND_NUMBER, 1 },
	{ "fcntl", KIND_NUMBER, 1 },    { "keyctl", KIND_NUMBER, 0 },
	{ "wait4", KIND_NUMBER, 2 },    { "umount2", KIND_PATH, 0 },
	{ "open", KIND_PATH, 0 },       { "mkdir", KIND_PATH, 0 },
	{ "rmdir", KIND_PATH, 0 },      { "unlink", KIND_PATH, 0 },
	{ "access", KIND_PATH, 0 },     { "readlink", KIND_PATH, 0 },
	{ "stat", KIND_PATH, 0 },       { "lstat", KIND_PATH, 0 },
	{ "chdir", KIND_PATH, 0 },      { "execve", KIND_PATH, 0 },
	{ "mount", KIND_PATH, 1 },      { "openat", KIND_PATH, 1 },
	{ "openat2", KIND_PATH, 1 },    { "newfstatat", KIND_PATH, 1 },
	{ "statx", KIND_PATH, 1 },      { "mkdirat", KIND_PATH, 1 },
	{ "unlinkat", KIND_PATH, 1 },   { "renameat", KIND_PATH, 1 },
	{ "renameat2", KIND_PATH, 1 },  { "mknodat", KIND_PATH, 1 },
	{ "symlinkat", KIND_PATH, 2 },  { "faccessat", KIND_PATH, 1 },
	{ "faccessat2", KIND_PATH, 1 }, { "readlinkat", KIND_PATH, 1 },
	{ "open_tree", KIND_PATH, 1 },  { "mount_setattr", KIND_PATH, 1 },
	{ "move_mount", KIND_PATH, 3 }, { "execveat", KIND_PATH, 1 },
	{ "fsopen", KIND_PATH, 0 },
};

static void read_string(pid_t tid, uint64_t address, char *text, size_t size)
{
	struct iovec to = { .iov_base = text, .iov_len = size - 1 };
	struct iovec from = { .iov_base = (void *)(uintptr_t)address, .iov_len = size - 1 };

	/* a string near the end of its mapping is shorter than the room for it */
	for (; from.iov_len > 0; from.iov_len /= 2) {
		ssize_t n = process_vm_readv(tid, &to, 1, &from, 1, 0);

		if (n >= 0) {
			text[n] = '\0';
			return;
		}
	}
	text[0] = '\0';
}

static void read_link(pid_t tid, uint64_t fd, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, (int)fd);
	ssize_t n = readlink(path, text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	/* "socket:[123]": which one it is differs each time */
	char *bracket = strchr(text, ':');
	if (text[0] != '/' && bracket)
		*bracket = '\0';
}

/* /proc/123/stat becomes /proc/N/stat */
static void hide_pid(char *text)
{
	char *p = strstr(text, "/proc/");
	size_t n = p ? strspn(p + 6, "0123456789") : 0;

	if (n == 0)
		return;
	p[6] = 'N';
	memmove(p + 7, p + 6 + n, strlen(p + 6 + n) + 1);
}

void tracee_spell(pid_t tid, const struct call *c, char *text, size_t size)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, c->nr), about[1024] = "";
	const struct call_kind *kind = NULL;

	for (size_t i = 0; name && i < ARRAY_SIZE(call_kinds) && !kind; i++)
		if (strcmp(name, call_kinds[i].name) == 0)
			kind = &call_kinds[i];
	if (kind && kind->kind == KIND_NUMBER)
		snprintf(about, sizeof(about), "%d", (int)c->args[kind->at]);
	else if (kind && kind->kind == KIND_FD)
		read_link(tid, c->args[0], about, sizeof(about));
	else if (kind)
		read_string(tid, c->args[kind->at], about, sizeof(about));
	if (kind && kind->kind == KIND_PATH && about[0] == '\0' && kind->at > 0)
		read_link(tid, c->args[kind->at - 1], about, sizeof(about));
	hide_pid(about);
	snprintf(text, size, "%s%s%s", name ? name : "?", about[0] ? ":" : "", about);
	free(name);
}

static ssize_t read_proc(pid_t pid, const char *file, char *text, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, size - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

void tracee_loader(pid_t pid, uint64_t *from, uint64_t *to)
{
	uint64_t auxv[64][2] = { 0 };
	ssize_t n = read_proc(pid, "auxv", (char *)auxv, sizeof(auxv));

	*from = *to = 0;
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(auxv[0]); i++) {
		if (auxv[i][0] == AT_BASE && auxv[i][1]) {
			*from = auxv[i][1];
			*to = *from + 0x60000; /* more than any libc's loader is long */
		}
	}
}

bool tracee_same_program(pid_t pid, const char *command)
{
	char path[64], link[PATH_MAX];
	struct stat a, b;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	if (stat(path, &a) == 0 && stat(command, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino)
		return true;
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return false;
	link[n] = '\0';
	if (strncmp(link, "/memfd:", 7) == 0)
		return true;
	const char *name = strrchr(command, '/') ? strrchr(command, '/') + 1 : command;
	const char *base = strrchr(link, '/') + 1;
	size_t len = strlen(name);
	return strncmp(base, name, len) == 0 && (base[len] == '\0' || base[len] == ' ');
}

int tracee_describe(pid_t pid, char *text, size_t size)
{
	char stat[512], call[256], wchan[64], name[64] = "gone", state = '-';
	int nr = -1;

	read_proc(pid, "stat", stat, sizeof(stat));
	read_proc(pid, "syscall", call, sizeof(call));
	read_proc(pid, "wchan", wchan, sizeof(wchan));
	char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	if (open && close) {
		snprintf(name, sizeof(name), "%.*s", (int)(close - open - 1), open + 1);
		state = close[2];
	}
	char *word = NULL;
	if (sscanf(call, "%d", &nr) == 1)
		word = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	int n = snprintf(text, size, "%d (%s, %c, in %s, %s)", (int)pid, name, state,
			 word ? word : "-", wchan);
	free(word);
	return n;
}

pid_t tracee_group(pid_t tid)
{
	char text[512];
	int tgid = tid;

	read_proc(tid, "status", text, sizeof(text));
	const char *p = strstr(text, "\nTgid:");
	if (p)
		sscanf(p, "\nTgid: %d", &tgid);
	return tgid;
}
