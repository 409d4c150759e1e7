/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the integration tests need to know from inside a container and busybox cannot tell.
 * Static: it runs in any rootfs. Every command prints one line and exits 0 unless it says so.
 *
 *   syscall NAME [ARG ...]  ret=N or errno=N; a number, or @TEXT for a pointer to TEXT
 *   fds                     the open descriptors: "0 1 2"
 *   forks N                 how many of N children could be forked
 *   eat MIB                 touch so much memory, print the figure; the OOM killer may end it
 *   clock                   CLOCK_MONOTONIC and CLOCK_BOOTTIME in seconds
 *   sched                   policy priority nice of this process
 *   write PATH              open PATH for writing: ok or errno=N
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct call {
	const char *name;
	long number;
};

static const struct call calls[] = {
	{ "getpid", SYS_getpid },
	{ "getcwd", SYS_getcwd },
	{ "getpriority", SYS_getpriority },
	{ "ioctl", SYS_ioctl },
	{ "socket", SYS_socket },
	{ "personality", SYS_personality },
	{ "sethostname", SYS_sethostname },
	{ "mkdirat", SYS_mkdirat },
	{ "unshare", SYS_unshare },
	{ "keyctl", SYS_keyctl },
	{ "ioprio_get", SYS_ioprio_get },
	{ "acct", SYS_acct },
	{ "prctl", SYS_prctl },
	{ "get_mempolicy", SYS_get_mempolicy },
	{ "clone3", SYS_clone3 },
	{ "sync", SYS_sync },
	{ "mount", SYS_mount },
	{ "setuid", SYS_setuid },
};

static int do_syscall(int argc, char **argv)
{
	long v[6] = { 0 };
	long number = -1;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (argc > 0 && strcmp(calls[i].name, argv[0]) == 0)
			number = calls[i].number;
	}
	if (number < 0)
		return 2;
	for (int i = 1; i < argc && i <= 6; i++)
		v[i - 1] =
			argv[i][0] == '@' ? (long)(argv[i] + 1) : (long)strtoull(argv[i], NULL, 0);
	long r = syscall(number, v[0], v[1], v[2], v[3], v[4], v[5]);

	if (r < 0)
		printf("errno=%d\n", errno);
	else
		printf("ret=%ld\n", r);
	return 0;
}

static int do_fds(void)
{
	const char *gap = "";

	for (int fd = 0; fd < 4096; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		printf("%s%d", gap, fd);
		gap = " ";
	}
	printf("\n");
	return 0;
}

static int do_forks(int n)
{
	int made = 0;

	signal(SIGTERM, SIG_IGN);
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			signal(SIGTERM, SIG_DFL);
			for (;;)
				pause();
		}
		if (pid < 0)
			break;
		made++;
	}
	printf("%d\n", made);
	fflush(stdout);
	kill(-1, SIGKILL);
	while (wait(NULL) > 0) {
	}
	return 0;
}

static int do_eat(size_t mib)
{
	for (size_t i = 0; i < mib; i++) {
		char *p = malloc(1 << 20);

		if (!p)
			return 1;
		memset(p, 1, 1 << 20);
	}
	printf("%zu\n", mib);
	return 0;
}

static int do_clock(void)
{
	struct timespec m, b;

	clock_gettime(CLOCK_MONOTONIC, &m);
	clock_gettime(CLOCK_BOOTTIME, &b);
	printf("%lld %lld\n", (long long)m.tv_sec, (long long)b.tv_sec);
	return 0;
}

static int do_sched(void)
{
	struct sched_param p = { 0 };

	sched_getparam(0, &p);
	printf("%d %d %d\n", sched_getscheduler(0), p.sched_priority, getpriority(PRIO_PROCESS, 0));
	return 0;
}

static int do_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		printf("errno=%d\n", errno);
	else
		printf("ok\n");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const char *word = argc > 2 ? argv[2] : "0";

	if (strcmp(what, "syscall") == 0)
		return do_syscall(argc - 2, argv + 2);
	if (strcmp(what, "fds") == 0)
		return do_fds();
	if (strcmp(what, "forks") == 0)
		return do_forks(atoi(word));
	if (strcmp(what, "eat") == 0)
		return do_eat((size_t)atoi(word));
	if (strcmp(what, "clock") == 0)
		return do_clock();
	if (strcmp(what, "sched") == 0)
		return do_sched();
	if (strcmp(what, "write") == 0)
		return do_write(word);
	return 2;
}
