/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int skip(const char *why)
{
	printf("# skipped: %s\n", why);
	return -1;
}

static bool put(pid_t pid, const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);

	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool map_ids(pid_t pid)
{
	char uids[32], gids[32];

	if (geteuid() == 0)
		return put(pid, "uid_map", "0 0 65536") && put(pid, "gid_map", "0 0 65536");
	snprintf(uids, sizeof(uids), "0 %u 1", geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", getegid());
	return put(pid, "setgroups", "deny") && put(pid, "uid_map", uids) &&
	       put(pid, "gid_map", gids);
}

enum { NO_USERNS = 125 };

static _Noreturn void child(enum child_kind kind, int (*fn)(void *), void *arg, int ready, int go)
{
	char c = 0;

	alarm(10);
	if (kind != CHILD_PLAIN) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(NO_USERNS);
		if (write(ready, &c, 1) != 1 || read(go, &c, 1) != 1)
			_exit(NO_USERNS);
	}
	_exit(fn(arg));
}

static int result(pid_t pid, enum child_kind kind)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid)
		return -2;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	if (kind != CHILD_PLAIN && WEXITSTATUS(status) == NO_USERNS)
		return skip("no user namespace may be made here");
	return WEXITSTATUS(status);
}

int child_run(enum child_kind kind, int (*fn)(void *arg), void *arg)
{
	int ready[2], go[2];
	char c = 0;

	if (kind == CHILD_USERNS_IDS && geteuid() != 0)
		return skip("a range of ids can be mapped by root only");
	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return -2;
	fflush(NULL);

	pid_t pid = fork();

	if (pid == 0) {
		close(ready[0]);
		close(go[1]);
		child(kind, fn, arg, ready[1], go[0]);
	}
	close(ready[1]);
	close(go[0]);
	if (pid > 0 && kind != CHILD_PLAIN && read(ready[0], &c, 1) == 1 && map_ids(pid))
		(void)!write(go[1], &c, 1);
	close(ready[0]);
	close(go[1]);
	return pid < 0 ? -2 : result(pid, kind);
}

uint64_t child_status(const char *name, int base)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t value = UINT64_MAX;
	size_t len = strlen(name);

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, len) && line[len] == ':')
			value = strtoull(line + len + 1, NULL, base);
	if (f)
		fclose(f);
	return value;
}
