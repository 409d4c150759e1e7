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

enum call_stop tracee_call(pid_t tid, int *nr, uint64_t *ip)
{
	struct __ptrace_syscall_info info = { .op = 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) < 0)
		return CALL_STOP_NONE;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		return CALL_STOP_EXIT;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return CALL_STOP_NONE;
	*nr = (int)info.entry.nr;
	*ip = info.instruction_pointer;
	return CALL_STOP_ENTRY;
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
