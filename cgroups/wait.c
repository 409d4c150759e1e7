/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for the kernel: on cgroup.events and on pidfds, never by the clock. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgroups/tree.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

int64_t cg_clock_after(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec + (int64_t)ms * 1000000;
}

int cg_clock_left(int64_t deadline_ns)
{
	int64_t left = (deadline_ns - cg_clock_after(0) + 999999) / 1000000;

	return left > 0 ? (int)left : 0;
}

bool cg_has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n == len && !memcmp(text, line, n))
			return true;
		text += n + (text[n] == '\n');
	}
	return false;
}

/* 1 it has the line, 0 it has not (yet), or -errno; a directory that is gone has everything. */
static int events_have(int events_fd, const char *line)
{
	char text[256];
	ssize_t n = pread(events_fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return errno == ENODEV ? 1 : -errno;
	text[n] = 0;
	return cg_has_line(text, line);
}

/* kernfs wakes pollers of what changed since their last read. 0 or -ETIMEDOUT, -errno. */
static int wait_any(struct pollfd *p, size_t n, int64_t deadline_ns)
{
	int left = cg_clock_left(deadline_ns);
	int got = left ? poll(p, n, left) : 0;

	if (got < 0 && errno != EINTR)
		return -errno;
	return got == 0 ? -ETIMEDOUT : 0;
}

static int events_open(int dir_fd)
{
	int fd = openat(dir_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int cg_wait_event(int dir_fd, const char *line, int64_t deadline_ns)
{
	own_fd fd = events_open(dir_fd);
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	for (;;) {
		int r = events_have(fd, line);

		if (r == 0)
			r = wait_any(&p, 1, deadline_ns);
		else
			return r < 0 ? r : 0;
		if (r < 0)
			return r;
	}
}

/* As many members as there is room for. */
static size_t open_members(int dir_fd, struct pollfd *p, size_t room)
{
	_cleanup_(cg_pidset_done) struct cg_pidset set = { 0 };
	size_t n = 0;

	/* without the list the event alone has to do */
	if (cg_pids_below(dir_fd, &set) < 0)
		return 0;
	for (size_t i = 0; i < set.n && n < room; i++) {
		p[n] = (struct pollfd){ .fd = sys_pidfd_open(set.v[i], 0), .events = POLLIN };
		n += p[n].fd >= 0;
	}
	return n;
}

/* Until all of the members p[1..n) have exited or the event in p[0] says that nobody is left. */
static int wait_members(struct pollfd *p, size_t n, int64_t deadline_ns)
{
	for (size_t alive = n - 1;;) {
		int r = wait_any(p, n, deadline_ns);

		if (r < 0)
			return r;
		for (size_t i = 1; i < n; i++)
			if (p[i].fd >= 0 && p[i].revents) {
				fd_drop(&p[i].fd);
				alive--;
			}
		if (!alive || p[0].revents)
			return 0;
	}
}

int cg_wait_empty(int dir_fd, int64_t deadline_ns)
{
	own_fd fd = events_open(dir_fd);
	struct pollfd p[128];

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	for (;;) {
		int r = events_have(fd, "populated 0");

		if (r)
			return r < 0 ? r : 0;

		/*
		 * The kernel holds an event back for 10 ms after the one before it (a container
		 * that lived shortly); the exit of the members is known at once.
		 */
		size_t n = 1 + open_members(dir_fd, p + 1, ARRAY_SIZE(p) - 1);

		p[0] = (struct pollfd){ .fd = fd, .events = POLLPRI };
		r = wait_members(p, n, deadline_ns);
		for (size_t i = 1; i < n; i++)
			fd_drop(&p[i].fd);
		if (r < 0)
			return r;
	}
}
