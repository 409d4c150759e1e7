/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payload of a container that is looked at from inside: says on stdout how it was confined,
 * the same bytes each time. A set-up step that failed unnoticed shows as a difference. Static, for
 * it is all that there is in its rootfs.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/attr.h"

static void show_lines(const char *path, const char *const *starts, size_t n)
{
	char line[4096];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		for (size_t i = 0; i < n; i++)
			if (strncmp(line, starts[i], strlen(starts[i])) == 0)
				fputs(line, stdout);
	}
	if (f)
		fclose(f);
}

static void show_file(const char *path)
{
	static const char *const any[] = { "" };

	printf("%s: ", path);
	show_lines(path, any, 1);
}

/* Mounts without what differs from one container to the next: ids, peer groups, sources. */
static void show_mounts(void)
{
	char line[4096], target[1024], options[256], type[64];
	FILE *f = fopen("/proc/self/mountinfo", "re");

	while (f && fgets(line, sizeof(line), f)) {
		const char *dash = strstr(line, " - ");
		bool shared = strstr(line, " shared:"), slave = strstr(line, " master:");

		if (!dash || sscanf(line, "%*s %*s %*s %*s %1023s %255s", target, options) != 2 ||
		    sscanf(dash, " - %63s", type) != 1)
			continue;
		printf("mount %s %s %s%s%s\n", target, type, options, shared ? " shared" : "",
		       slave ? " slave" : "");
	}
	if (f)
		fclose(f);
}

static void show_fds(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0)
			printf("fd %d type %o flags %x\n", fd, st.st_mode & S_IFMT,
			       (unsigned)fcntl(fd, F_GETFD));
	}
}

static void show_limits(void)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit r;

		if (getrlimit(i, &r) == 0)
			printf("rlimit %d %lld %lld\n", i, (long long)r.rlim_cur,
			       (long long)r.rlim_max);
	}
}

/* Numbers differ, but which namespaces are shared with pid 1's parent does not show inside. */
static void show_identity(void)
{
	char name[256] = "", cwd[1024] = "";
	mode_t mask = umask(0);

	umask(mask);
	gethostname(name, sizeof(name) - 1);
	printf("pid %d parent %d session %d host %s cwd %s umask %o\n", (int)getpid(),
	       (int)getppid(), (int)getsid(0), name, getcwd(cwd, sizeof(cwd)) ? cwd : "?", mask);
}

static void show_devices(void)
{
	static const char *const names[] = { "null", "zero", "full",    "random", "urandom",
					     "tty",  "ptmx", "console", "fd",     "stdin",
					     "shm",  "pts",  "mqueue" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[64];
		struct stat st;

		snprintf(path, sizeof(path), "/dev/%s", names[i]);
		if (lstat(path, &st) == 0)
			printf("%s %o %u:%u %lx\n", path, st.st_mode, st.st_uid, st.st_gid,
			       (unsigned long)st.st_rdev);
		else
			printf("%s none\n", path);
	}
}

static void show_access(void)
{
	static const char *const paths[] = { "/proc/kcore", "/proc/keys",       "/proc/timer_list",
					     "/proc/acpi",  "/proc/sys/kernel", "/sys/firmware" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct stat st = { .st_mode = 0 };

		stat(paths[i], &st);
		printf("%s %o %d\n", paths[i], st.st_mode & S_IFMT, access(paths[i], W_OK));
	}
}

int main(void)
{
	static const char *const status[] = { "Uid:",        "Gid:",     "Groups:", "Cap",
					      "NoNewPrivs:", "Seccomp:", "SigBlk",  "SigIgn",
					      "SigCgt",      "NStgid:" };
	static const char *const files[] = {
		"/proc/self/oom_score_adj",
		"/proc/self/uid_map",
		"/proc/self/gid_map",
		"/proc/self/setgroups",
		"/proc/self/cgroup",
		"/proc/sys/kernel/msgmax",
		"/proc/sys/kernel/domainname",
		"/proc/sys/net/ipv4/ip_forward",
		"/sys/fs/cgroup/pids/pids.max",
		"/sys/fs/cgroup/pids.max",
		"/sys/fs/cgroup/memory/memory.limit_in_bytes",
		"/sys/fs/cgroup/memory.max",
		"/sys/fs/cgroup/cpu/cpu.shares",
		"/sys/fs/cgroup/cpu.weight",
		"/sys/fs/cgroup/devices/devices.list",
	};

	setvbuf(stdout, NULL, _IOFBF, 65536);
	show_identity();
	show_lines("/proc/self/status", status, ARRAY_SIZE(status));
	show_fds();
	show_limits();
	show_mounts();
	show_devices();
	show_access();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		show_file(files[i]);
	puts("end");
	return fflush(stdout) == 0 ? 0 : 1;
}
