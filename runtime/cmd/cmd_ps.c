/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/cmd/common.h"

struct ps_opts {
	const char *format;
};

static const struct opt opts[] = {
	{ 'f', "format", "table|json", "how to print", OPT_STR, offsetof(struct ps_opts, format) },
};

/* One line of the table, as ps -ef has it. */
struct row {
	char user[32], tty[24], stime[16], command[512];
	int pid, ppid;
	unsigned long long cpu_s;
};

static void name_tty(unsigned nr, char *text, size_t size)
{
	unsigned major = (nr >> 8) & 0xfff, minor = (nr & 0xff) | ((nr >> 12) & 0xfff00);

	if (major >= 136 && major <= 143)
		snprintf(text, size, "pts/%u", (major - 136) * 256 + minor);
	else if (major == 4 && minor < 64)
		snprintf(text, size, "tty%u", minor);
	else
		snprintf(text, size, "?");
}

/* When it started: ticks after boot, shown as an hour today or a day. */
static void name_start(unsigned long long ticks, char *text, size_t size)
{
	struct timespec boot;
	struct tm tm, today;
	time_t now = time(NULL), at;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	at = now - boot.tv_sec + (time_t)(ticks / (unsigned long)sysconf(_SC_CLK_TCK));
	localtime_r(&at, &tm);
	localtime_r(&now, &today);
	strftime(text, size,
		 tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year ? "%H:%M" : "%b%d",
		 &tm);
}

static bool read_stat(int dir_fd, struct row *r, char name[64])
{
	char text[1024];
	unsigned tty = 0;
	unsigned long long user = 0, sys = 0, start = 0;

	if (fd_read_file_at(dir_fd, "stat", text, sizeof(text)) <= 0)
		return false;

	char *open = strchr(text, '('), *close = strrchr(text, ')');

	if (!open || !close ||
	    sscanf(close + 1,
		   " %*c %d %*d %*d %u %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d "
		   "%llu",
		   &r->ppid, &tty, &user, &sys, &start) != 5)
		return false;
	snprintf(name, 64, "%.*s", (int)(close - open - 1), open + 1);
	r->cpu_s = (user + sys) / (unsigned long)sysconf(_SC_CLK_TCK);
	name_tty(tty, r->tty, sizeof(r->tty));
	name_start(start, r->stime, sizeof(r->stime));
	return true;
}

/* What a process calls itself is the container's word: no control characters to our terminal. */
static void read_command(int dir_fd, const char *name, struct row *r)
{
	char text[sizeof(r->command)];
	own_fd fd = openat(dir_fd, "cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0) {
		snprintf(r->command, sizeof(r->command), "[%s]", name);
	} else {
		while (n > 1 && !text[n - 1])
			n--;
		for (ssize_t i = 0; i < n; i++)
			r->command[i] = text[i] ? text[i] : ' ';
		r->command[n] = 0;
	}
	for (char *c = r->command; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
}

/* false: it is gone */
static bool read_row(pid_t pid, struct row *r)
{
	char path[32], name[64];
	struct stat st;
	const struct passwd *pw;

	snprintf(path, sizeof(path), "/proc/%d", pid);

	own_fd fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	r->pid = pid;
	if (fd < 0 || fstat(fd, &st) < 0 || !read_stat(fd, r, name))
		return false;
	pw = getpwuid(st.st_uid);
	if (pw)
		snprintf(r->user, sizeof(r->user), "%s", pw->pw_name);
	else
		snprintf(r->user, sizeof(r->user), "%u", st.st_uid);
	read_command(fd, name, r);
	return true;
}

static void print_table(const pid_t *pids, size_t n)
{
	printf("%-8s %10s %10s  C %-5s %-8s %8s %s\n", "UID", "PID", "PPID", "STIME", "TTY", "TIME",
	       "CMD");
	for (size_t i = 0; i < n; i++) {
		struct row r;

		if (read_row(pids[i], &r))
			printf("%-8s %10d %10d  0 %-5s %-8s %02llu:%02llu:%02llu %s\n", r.user,
			       r.pid, r.ppid, r.stime, r.tty, r.cpu_s / 3600, r.cpu_s / 60 % 60,
			       r.cpu_s % 60, r.command);
	}
}

static void print_json(const pid_t *pids, size_t n)
{
	putchar('[');
	for (size_t i = 0; i < n; i++)
		printf("%s%d", i ? "," : "", pids[i]);
	puts("]");
}

static int run(const struct cmd_call *c, struct err *e)
{
	const struct ps_opts *o = c->opts;
	own_container ct = CONTAINER_INIT;
	pid_t *pids;
	size_t n;
	int r;

	if (o->format && strcmp(o->format, "json") && strcmp(o->format, "table"))
		return err_text(e, EINVAL, "option '--format': '%s' is none of table, json",
				o->format);
	r = container_open(&ct, c, c->operands.v[0], false, e);
	if (r == 0)
		r = cg_pids(&ct.state.cgroup, c->arena, &pids, &n, e);
	if (r < 0)
		return r;
	if (o->format && !strcmp(o->format, "json"))
		print_json(pids, n);
	else
		print_table(pids, n);
	return 0;
}

/*
 * What ps(1) would take after the ID ("-ef", "aux", "-o ...") is accepted; the columns stay ours.
 */
extern const struct cmd cmd_ps;
const struct cmd cmd_ps = {
	.name = "ps",
	.args = "ID [PS-OPTIONS...]",
	.help = "list the processes of a container",
	.group = "Looking",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct ps_opts),
	.min_operands = 1,
	.max_operands = UINT_MAX,
	.stop_at_operand = true,
	.run = run,
};
