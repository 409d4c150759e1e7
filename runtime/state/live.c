/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says about a recorded process. */
#include "runtime/state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

uint64_t state_start_time(pid_t pid)
{
	char path[32], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (fd_read_file_at(AT_FDCWD, path, text, sizeof(text)) < 0)
		return 0;

	/* The name in parentheses may hold anything: fields are counted from its last ')'. */
	const char *p = strrchr(text, ')');
	unsigned long long start = 0;
	char status = 'X';

	if (!p || sscanf(p + 1,
			 " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
			 "%*d %llu",
			 &status, &start) != 2)
		return 0;
	return status == 'Z' || status == 'X' ? 0 : start;
}

const char *state_boot_id(struct arena *a)
{
	char text[64];

	if (fd_read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, sizeof(text)) < 0)
		return NULL;
	return arena_strdup(a, text);
}

int state_pidfd(const struct state *s)
{
	struct arena a = ARENA_INIT;
	const char *boot_id = state_boot_id(&a);
	bool same_boot = !boot_id || !strcmp(boot_id, s->boot_id);

	arena_free(&a);
	if (s->pid <= 0 || !same_boot)
		return -ESRCH;

	/* First hold the process, then look who it is: the pid cannot be reused in between. */
	own_fd fd = sys_pidfd_open(s->pid, 0);

	if (fd < 0)
		return errno == EINVAL ? -ESRCH : -errno;
	if (state_start_time(s->pid) != s->start_time)
		return -ESRCH;
	return take_fd(fd);
}

/* Does init still listen for `start`? Its exec closes the socket, so the kernel answers this. */
static bool parked(const struct state_dir *d)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	own_fd fd = -1;

	if (faccessat(d->dir_fd, "start.sock", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/start.sock", d->dir_fd);
	return fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;
}

enum status state_status(const struct state_dir *d, const struct state *s)
{
	own_fd pid_fd = -1;

	if (s->phase == PHASE_CREATING)
		return state_locked(d) ? STATUS_CREATING : STATUS_STOPPED;
	pid_fd = state_pidfd(s);
	if (pid_fd < 0)
		return STATUS_STOPPED;
	if (parked(d))
		return STATUS_CREATED;
	return cg_frozen(&s->cgroup) > 0 ? STATUS_PAUSED : STATUS_RUNNING;
}

/*
 * Year, month and day of a day since 1970, in the proleptic Gregorian calendar. gmtime_r would
 * read /etc/localtime for this on every start.
 */
static void civil(long days, long *y, long *m, long *d)
{
	long z = days + 719468; /* from 1 March of the year 0: leap days end their year */
	long era = z / 146097, day_of_era = z % 146097;
	long year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	long day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	long shifted = (5 * day_of_year + 2) / 153;

	*d = day_of_year - (153 * shifted + 2) / 5 + 1;
	*m = shifted < 10 ? shifted + 3 : shifted - 9;
	*y = year_of_era + era * 400 + (*m <= 2);
}

const char *state_time(const struct timespec *t, struct arena *a)
{
	long day = t->tv_sec / 86400, second = t->tv_sec % 86400, y, m, d;

	civil(day, &y, &m, &d);
	return arena_printf(a, "%04ld-%02ld-%02ldT%02ld:%02ld:%02ld.%09ldZ", y, m, d, second / 3600,
			    second / 60 % 60, second % 60, t->tv_nsec);
}

const char *state_now(struct arena *a)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return state_time(&now, a);
}
