/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "runtime/proc/tty.h"

enum {
	ROOM = 32768,
	CHUNK = 4096,       /* what a pipe takes at once when it polls as writable: PIPE_BUF */
	DRAIN_MAX = 262144, /* several times what the kernel keeps for a terminal (64 KiB) */
};

struct flow {
	int from_fd, to_fd; /* borrowed; -1: this end is over */
	size_t start, end;
	char last;           /* byte that came in */
	char data[ROOM + 2]; /* and the two characters of put_eof */
};

struct loop {
	const struct relay *r;
	int in_fd, out_fd; /* stdin and stdout, or our own non-blocking opens of them */
	int slave_fd;
	bool type_eof; /* stdin is no terminal and its end not yet typed */
	bool ended;
	struct flow in, out;
};

int relay_signals(sigset_t *was, struct err *e)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, was) < 0)
		return err_set(e, errno, "block signals");

	int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);

	return fd < 0 ? err_set(e, errno, "signalfd") : fd;
}

/*
 * Our own open of a terminal or pipe is non-blocking without making the caller's so. Files and
 * sockets are used as they are: they do not block, or cannot be opened again.
 */
static int reopen(int fd, int flags)
{
	char path[64];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !(S_ISFIFO(st.st_mode) || isatty(fd)))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Room in front is used again only when all is written: then it costs no copying. */
static bool has_room(const struct flow *f)
{
	return f->end < ROOM;
}

static bool has_data(const struct flow *f)
{
	return f->start < f->end;
}

/* 1: read something, 0: the end (or nothing more for ever), -1: nothing now */
static int flow_read(struct flow *f)
{
	ssize_t n = read(f->from_fd, f->data + f->end, ROOM - f->end);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -1 : 0;
	if (n == 0)
		return 0;
	f->end += (size_t)n;
	f->last = f->data[f->end - 1];
	return 1;
}

static void flow_write(struct flow *f)
{
	size_t len = f->end - f->start;
	ssize_t n = f->to_fd < 0 ? (ssize_t)len
				 : write(f->to_fd, f->data + f->start, len < CHUNK ? len : CHUNK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		/* the reader is gone: the container must not hang for that */
		f->to_fd = -1;
		n = (ssize_t)len;
	}
	f->start += (size_t)n;
	if (f->start == f->end) {
		f->start = 0;
		f->end = 0;
	}
}

/*
 * End-of-file on a line terminal is a character at the start of a line; in the middle of one the
 * first only sends the line. In raw mode there is no such thing.
 */
static void put_eof(struct loop *l)
{
	struct termios t;
	struct flow *f = &l->in;

	if (tcgetattr(l->r->master_fd, &t) < 0 || !(t.c_lflag & ICANON) ||
	    t.c_cc[VEOF] == _POSIX_VDISABLE)
		return;
	f->data[f->end++] = (char)t.c_cc[VEOF];
	if (f->last != 0 && f->last != '\n')
		f->data[f->end++] = (char)t.c_cc[VEOF];
}

static void stdin_ready(struct loop *l)
{
	if (flow_read(&l->in) != 0)
		return;
	l->in.from_fd = -1;
	if (l->type_eof)
		put_eof(l);
	l->type_eof = false;
}

static void open_slave(struct loop *l)
{
	fd_drop(&l->slave_fd);
	l->slave_fd = ioctl(l->r->master_fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void master_ready(struct loop *l)
{
	if (!has_room(&l->out) || flow_read(&l->out) != 0)
		return;
	/* hung up: the session's leader is gone, or no one has it open */
	open_slave(l);
	if (l->slave_fd >= 0)
		return;
	l->out.from_fd = -1;
	l->in.from_fd = -1;
	l->in.start = 0;
	l->in.end = 0;
}

static void signal_ready(const struct loop *l)
{
	struct signalfd_siginfo si;

	while (read(l->r->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		int sig = (int)si.ssi_signo;

		if (sig == SIGWINCH && l->r->master_fd >= 0)
			tty_copy_size(l->r->stdin_fd, l->r->master_fd);
		if (sig == SIGWINCH || sig == SIGCHLD || sig == SIGPIPE || sig == SIGURG)
			continue;
		/* ESRCH: it has just ended, as poll will say next */
		(void)sys_pidfd_send_signal(l->r->pid_fd, sig);
	}
}

static int collect(const struct relay *r, int *status, struct err *e)
{
	siginfo_t si = { 0 };

	if (TEMP_FAILURE_RETRY(waitid(P_PIDFD, (id_t)r->pid_fd, &si, WEXITED)) < 0)
		return err_set(e, errno, "wait for the container's process");
	if (si.si_code == CLD_EXITED)
		*status = (si.si_status & 0xff) << 8;
	else
		*status = si.si_status | (si.si_code == CLD_DUMPED ? 0x80 : 0);
	return 0;
}

enum { P_PROCESS, P_SIGNAL, P_STDIN, P_MASTER, P_STDOUT, P_COUNT };

static void want(const struct loop *l, struct pollfd p[P_COUNT])
{
	short master = 0;

	if (has_room(&l->out) && l->out.from_fd >= 0)
		master |= POLLIN;
	if (has_data(&l->in))
		master |= POLLOUT;
	p[P_PROCESS] = (struct pollfd){ .fd = l->r->pid_fd, .events = POLLIN };
	p[P_SIGNAL] = (struct pollfd){ .fd = l->r->signal_fd, .events = POLLIN };
	p[P_STDIN] =
		(struct pollfd){ .fd = has_room(&l->in) ? l->in.from_fd : -1, .events = POLLIN };
	/* without an interest no hang-up either: that would spin */
	p[P_MASTER] = (struct pollfd){ .fd = master ? l->r->master_fd : -1, .events = master };
	p[P_STDOUT] =
		(struct pollfd){ .fd = has_data(&l->out) ? l->out.to_fd : -1, .events = POLLOUT };
}

static int turn(struct loop *l, struct err *e)
{
	struct pollfd p[P_COUNT];

	want(l, p);
	if (poll(p, P_COUNT, -1) < 0)
		return errno == EINTR ? 0 : err_set(e, errno, "poll");
	if (p[P_SIGNAL].revents)
		signal_ready(l);
	if (p[P_STDIN].revents)
		stdin_ready(l);
	if (p[P_MASTER].revents & POLLOUT)
		flow_write(&l->in);
	if (p[P_MASTER].revents & ~POLLOUT)
		master_ready(l);
	if (p[P_STDOUT].revents || (has_data(&l->out) && l->out.to_fd < 0))
		flow_write(&l->out);
	if (p[P_PROCESS].revents)
		l->ended = true;
	return 0;
}

/* Someone who wants berth itself to end, now that there is no process for a signal to go to. */
static bool told_to_end(const struct loop *l)
{
	struct signalfd_siginfo si;

	while (read(l->r->signal_fd, &si, sizeof(si)) == sizeof(si))
		if (si.ssi_signo == SIGINT || si.ssi_signo == SIGTERM || si.ssi_signo == SIGQUIT ||
		    si.ssi_signo == SIGHUP)
			return true;
	return false;
}

/* Write out what there is; false: give up. A stdout that takes nothing is waited for. */
static bool flush(struct loop *l)
{
	while (has_data(&l->out)) {
		struct pollfd p[] = { { .fd = l->out.to_fd, .events = POLLOUT },
				      { .fd = l->r->signal_fd, .events = POLLIN } };

		if (l->out.to_fd >= 0 && poll(p, 2, -1) < 0 && errno != EINTR)
			return false;
		if (p[1].revents && told_to_end(l))
			return false;
		if (p[0].revents || l->out.to_fd < 0)
			flow_write(&l->out);
	}
	return true;
}

/*
 * A non-blocking read of a terminal first lets the kernel finish what is on its way (4.5), so
 * nothing now means nothing more. The limit is for those who still write, in the background.
 */
static void drain(struct loop *l)
{
	size_t total = 0;

	while (flush(l) && l->out.from_fd >= 0 && total < DRAIN_MAX) {
		if (flow_read(&l->out) <= 0)
			return;
		total += l->out.end;
	}
}

static void start(struct loop *l)
{
	const struct relay *r = l->r;

	l->in.from_fd = -1;
	l->in.to_fd = r->master_fd;
	l->out.from_fd = r->master_fd;
	l->out.to_fd = -1;
	if (r->master_fd < 0)
		return;
	l->in_fd = reopen(r->stdin_fd, O_RDONLY);
	l->out_fd = reopen(r->stdout_fd, O_WRONLY);
	l->in.from_fd = l->in_fd >= 0 ? l->in_fd : r->stdin_fd;
	l->out.to_fd = l->out_fd >= 0 ? l->out_fd : r->stdout_fd;
	l->type_eof = r->stdin_fd >= 0 && !isatty(r->stdin_fd);
	(void)fcntl(r->master_fd, F_SETFL, O_RDWR | O_NONBLOCK);
	tty_copy_size(r->stdin_fd, r->master_fd);
	open_slave(l);
}

int relay_run(const struct relay *r, int *status, struct err *e)
{
	struct loop l = { .r = r, .in_fd = -1, .out_fd = -1, .slave_fd = -1 };
	int rc = 0;

	start(&l);
	while (!l.ended && rc == 0)
		rc = turn(&l, e);
	/* our own slave end would keep the drain from seeing the end */
	fd_drop(&l.slave_fd);
	if (rc == 0)
		drain(&l);
	fd_drop(&l.in_fd);
	fd_drop(&l.out_fd);
	return rc < 0 ? rc : collect(r, status, e);
}
