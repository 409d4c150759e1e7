/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "runtime/proc/relay.h"
#include "runtime/proc/tty.h"

/* ---- the caller's terminal ---- */

static void raw_restore(void **state)
{
	struct termios before, raw, after;
	struct err e = { 0 };
	int master_fd, slave_fd;

	(void)state;
	assert_int_equal(openpty(&master_fd, &slave_fd, NULL, NULL, NULL), 0);
	assert_int_equal(tcgetattr(slave_fd, &before), 0);
	{
		own_tty saved = TTY_SAVED_INIT;

		assert_int_equal(tty_raw(slave_fd, &saved, &e), 0);
		assert_int_equal(tcgetattr(slave_fd, &raw), 0);
		assert_false(raw.c_lflag & (ICANON | ECHO | ISIG));
		assert_int_equal(saved.fd, slave_fd);
	}
	assert_int_equal(tcgetattr(slave_fd, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	assert_int_equal(after.c_oflag, before.c_oflag);
	assert_memory_equal(after.c_cc, before.c_cc, sizeof(after.c_cc));
	close(master_fd);
	close(slave_fd);
}

static void raw_no_terminal(void **state)
{
	struct tty_saved saved;
	struct err e = { 0 };
	own_fd fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(tty_raw(fd, &saved, &e), 0);
	assert_int_equal(saved.fd, -1);
	tty_restore(&saved);
	assert_int_equal(tty_raw(-1, &saved, &e), 0);
	assert_int_equal(saved.fd, -1);
}

static void size_copied(void **state)
{
	struct winsize ws = { .ws_row = 33, .ws_col = 123 }, got, none = { 0 };
	int a[2], b[2];

	(void)state;
	assert_int_equal(openpty(&a[0], &a[1], NULL, NULL, &ws), 0);
	assert_int_equal(openpty(&b[0], &b[1], NULL, NULL, NULL), 0);
	tty_copy_size(a[1], b[0]);
	assert_int_equal(ioctl(b[1], TIOCGWINSZ, &got), 0);
	assert_int_equal(got.ws_row, 33);
	assert_int_equal(got.ws_col, 123);
	/* 0 by 0 is no size: a serial line or a test tool */
	assert_int_equal(ioctl(a[1], TIOCSWINSZ, &none), 0);
	tty_copy_size(a[1], b[0]);
	tty_copy_size(-1, b[0]);
	assert_int_equal(ioctl(b[1], TIOCGWINSZ, &got), 0);
	assert_int_equal(got.ws_row, 33);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

/* ---- the container's terminal ---- */

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			dprintf(2, "child: line %d: %s (errno %d)\n", __LINE__, #cond, errno);     \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static void in_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A root directory with its own devpts; user 0 of a new user namespace where we are not root. */
static int container_root(void)
{
	char map[32], gmap[32];
	uid_t uid = geteuid();

	snprintf(map, sizeof(map), "0 %u 1", uid);
	snprintf(gmap, sizeof(gmap), "0 %u 1", getegid());
	CHECK(unshare((uid ? CLONE_NEWUSER : 0) | CLONE_NEWNS) == 0);
	if (uid) {
		CHECK(fd_write_file_at(AT_FDCWD, "/proc/self/uid_map", map) == 0);
		CHECK(fd_write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny") == 0);
		CHECK(fd_write_file_at(AT_FDCWD, "/proc/self/gid_map", gmap) == 0);
	}
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHECK(mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0);
	CHECK(mkdir("/mnt/dev", 0755) == 0 && mkdir("/mnt/dev/pts", 0755) == 0);
	CHECK(mount("devpts", "/mnt/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		    "newinstance,ptmxmode=0666,mode=0620") == 0);

	int fd = open("/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static void child_open(void)
{
	uid_t other = geteuid() == 0 ? 1000 : 0;
	int root_fd = container_root(), master_fd = -1, slave_fd = -1;
	struct err e = { 0 };
	struct winsize ws;
	struct stat st, in_mount;
	char name[32];
	uid_t uid = other; /* someone who is mapped */

	CHECK(tty_open(root_fd, 24, 100, uid, &master_fd, &slave_fd, name, sizeof(name), &e) == 0);
	CHECK(!strcmp(name, "/dev/pts/0"));
	CHECK(ioctl(slave_fd, TIOCGWINSZ, &ws) == 0 && ws.ws_row == 24 && ws.ws_col == 100);
	CHECK(fstat(slave_fd, &st) == 0 && st.st_uid == uid && (st.st_mode & 0777) == 0620);
	CHECK(stat("/mnt/dev/pts/0", &in_mount) == 0 && in_mount.st_ino == st.st_ino &&
	      in_mount.st_dev == st.st_dev);
	CHECK(fcntl(master_fd, F_GETFD) == FD_CLOEXEC && fcntl(slave_fd, F_GETFD) == FD_CLOEXEC);
	CHECK(write(master_fd, "x\n", 2) == 2 && read(slave_fd, name, 2) == 2 && name[0] == 'x');
	CHECK(tty_attach(slave_fd, &e) == 0);
	CHECK(getsid(0) == getpid() && tcgetsid(0) == getpid());
	for (int fd = 0; fd < 3; fd++)
		CHECK(isatty(fd) && fcntl(fd, F_GETFD) == 0);
	/* no second controlling terminal for the same session */
	CHECK(tty_open(root_fd, 0, 0, uid, &master_fd, &slave_fd, name, sizeof(name), &e) == 0);
	CHECK(!strcmp(name, "/dev/pts/1"));
	CHECK(tty_attach(slave_fd, &e) < 0);
}

static void must_refuse(int root_fd, int want)
{
	int master_fd = -1, slave_fd = -1;
	struct err e = { 0 };
	char name[32];
	int r = tty_open(root_fd, 0, 0, 0, &master_fd, &slave_fd, name, sizeof(name), &e);

	if (r != want)
		dprintf(2, "child: %d instead of %d: %s\n", r, want, e.text);
	CHECK(r == want && master_fd == -1 && slave_fd == -1 && e.text[0]);
}

/* What a hostile image or process puts in the way. */
static void child_hostile(void)
{
	int root_fd = container_root();

	/* something mounted on the file, even the ptmx of the host */
	CHECK(mount("/dev/ptmx", "/mnt/dev/pts/ptmx", NULL, MS_BIND, NULL) == 0);
	must_refuse(root_fd, -EXDEV);
	CHECK(umount("/mnt/dev/pts/ptmx") == 0);
	/* a directory that only looks like it */
	CHECK(umount("/mnt/dev/pts") == 0);
	must_refuse(root_fd, -ENODEV);
	CHECK(mkfifo("/mnt/dev/pts/ptmx", 0666) == 0);
	must_refuse(root_fd, -ENODEV);
	/* a link to the host's devpts stays inside the root */
	CHECK(unlink("/mnt/dev/pts/ptmx") == 0 && rmdir("/mnt/dev/pts") == 0);
	CHECK(symlink("/proc/self/root/dev/pts", "/mnt/dev/pts") == 0);
	must_refuse(root_fd, -ENOENT);
	CHECK(unlink("/mnt/dev/pts") == 0);
	CHECK(symlink("../../../../../dev/pts", "/mnt/dev/pts") == 0);
	must_refuse(root_fd, -ELOOP);
	CHECK(unlink("/mnt/dev/pts") == 0);
	must_refuse(root_fd, -ENOENT);
}

static void open_attach(void **state)
{
	(void)state;
	in_child(child_open);
}

static void hostile(void **state)
{
	(void)state;
	in_child(child_hostile);
}

/* ---- console socket ---- */

static void send_over(const char *dir)
{
	char path[512];
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	own_fd dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	own_fd listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err e = { 0 };
	char text[64] = "";
	int master_fd, slave_fd, got_fd, more_fd;

	assert_true(dir_fd >= 0);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "/proc/self/fd/%d/s", dir_fd);
	assert_int_equal(bind(listen_fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(listen_fd, 1), 0);
	assert_int_equal(openpty(&master_fd, &slave_fd, NULL, NULL, NULL), 0);
	snprintf(path, sizeof(path), "%s/s", dir);
	assert_int_equal(tty_send(path, master_fd, "/dev/pts/7", &e), 0);

	own_fd conn_fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

	assert_int_equal(fd_recv(conn_fd, text, sizeof(text), &got_fd), 10);
	assert_string_equal(text, "/dev/pts/7");
	assert_true(got_fd >= 0 && isatty(got_fd));
	assert_int_equal(write(got_fd, "hello\n", 6), 6);
	assert_int_equal(read(slave_fd, text, sizeof(text)), 6);
	/* and that was all */
	assert_int_equal(fd_recv(conn_fd, text, sizeof(text), &more_fd), 0);
	close(got_fd);
	close(master_fd);
	close(slave_fd);
	unlink(path);
}

static void console_socket(void **state)
{
	char dir[] = "/tmp/tty-XXXXXX", deep[400];

	(void)state;
	assert_non_null(mkdtemp(dir));
	send_over(dir);
	snprintf(deep, sizeof(deep), "%s/%0200d", dir, 1);
	assert_int_equal(mkdir(deep, 0700), 0);
	send_over(deep);
	rmdir(deep);
	rmdir(dir);
}

static void console_socket_bad(void **state)
{
	char longer[400];
	struct err e = { 0 };
	own_fd fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(tty_send("/nonexistent/s", fd, "x", &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/s"));
	assert_int_equal(tty_send("/dev/null", fd, "x", &e), -ECONNREFUSED);
	snprintf(longer, sizeof(longer), "/tmp/%0200d", 1);
	assert_int_equal(tty_send(longer, fd, "x", &e), -ENAMETOOLONG);
	snprintf(longer, sizeof(longer), "/nonexistent/%0100d/s", 1);
	assert_int_equal(tty_send(longer, fd, "x", &e), -ENOENT);
}

/* ---- the relay: a child of ours plays berth, its child the container ---- */

struct scene {
	bool terminal;   /* the container has one */
	bool tty_stdin;  /* so has the caller, for input and output */
	bool raw_inside; /* the container's terminal is in raw mode from the start */
	void (*payload)(void);
};

struct stage {
	pid_t pid;         /* berth */
	int in_fd, out_fd; /* its stdin and stdout, our ends */
	int outer_fd;      /* the caller's terminal, slave end; -1 */
	int report_fd;     /* 4 bytes: the wait status */
};

static void play_payload(const struct scene *s, int slave_fd, const sigset_t *was)
{
	struct err e = { 0 };
	sigset_t none;

	(void)was;
	if (s->terminal)
		CHECK(tty_attach(slave_fd, &e) == 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	s->payload();
	_exit(0);
}

static void play_berth(const struct scene *s, int in_fd, int out_fd, int report_fd)
{
	int master_fd = -1, slave_fd = -1, status = -1;
	struct err e = { 0 };
	struct termios t;
	sigset_t was;
	own_tty saved = TTY_SAVED_INIT;
	struct clone_args args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	int pid_fd = -1, signal_fd = relay_signals(&was, &e);

	CHECK(signal_fd >= 0);
	if (s->terminal)
		CHECK(openpty(&master_fd, &slave_fd, NULL, NULL, NULL) == 0);
	if (s->raw_inside) {
		CHECK(tcgetattr(slave_fd, &t) == 0);
		cfmakeraw(&t);
		CHECK(tcsetattr(slave_fd, TCSANOW, &t) == 0);
	}
	CHECK(tty_raw(in_fd, &saved, &e) == 0);
	args.pidfd = (uintptr_t)&pid_fd;

	pid_t pid = sys_clone3(&args);

	if (pid == 0)
		play_payload(s, slave_fd, &was);
	CHECK(pid > 0);
	if (slave_fd >= 0)
		close(slave_fd);

	struct relay r = { .stdin_fd = in_fd,
			   .stdout_fd = out_fd,
			   .master_fd = master_fd,
			   .pid_fd = pid_fd,
			   .signal_fd = signal_fd };

	CHECK(relay_run(&r, &status, &e) == 0);
	tty_restore(&saved);
	CHECK(write(report_fd, &status, sizeof(status)) == sizeof(status));
	_exit(0);
}

static void stage_open(struct stage *st, const struct scene *s)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, report[2];

	st->outer_fd = -1;
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	if (s->tty_stdin) {
		assert_int_equal(openpty(&in[1], &in[0], NULL, NULL, NULL), 0);
		out[0] = dup(in[1]);
		out[1] = dup(in[0]);
		st->outer_fd = dup(in[0]);
	} else {
		assert_int_equal(pipe2(in, O_CLOEXEC), 0);
		assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	}
	fflush(NULL);
	st->pid = fork();
	if (st->pid == 0) {
		close(in[1]);
		close(out[0]);
		close(report[0]);
		play_berth(s, in[0], out[1], report[1]);
	}
	close(in[0]);
	close(out[1]);
	close(report[1]);
	st->in_fd = in[1];
	st->out_fd = out[0];
	st->report_fd = report[0];
}

/* The container's wait status; berth must have ended well, and soon. */
static int stage_close(struct stage *st)
{
	struct pollfd p = { .fd = st->report_fd, .events = POLLIN };
	int status = -1, own;

	if (poll(&p, 1, 20000) != 1) {
		kill(st->pid, SIGKILL);
		waitpid(st->pid, NULL, 0);
		fail_msg("the relay does not end");
	}
	assert_int_equal(read(st->report_fd, &status, sizeof(status)), sizeof(status));
	assert_int_equal(waitpid(st->pid, &own, 0), st->pid);
	assert_int_equal(own, 0);
	close(st->report_fd);
	if (st->in_fd >= 0)
		close(st->in_fd);
	if (st->out_fd >= 0)
		close(st->out_fd);
	if (st->outer_fd >= 0)
		close(st->outer_fd);
	return status;
}

static size_t read_until_end(int fd, char *data, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, data + len, size - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}

enum { MIB = 1 << 20 };

static char pattern(size_t i)
{
	return (char)(i * 7 + i / 251);
}

static void write_mib(void)
{
	char chunk[5000];

	for (size_t at = 0; at < MIB;) {
		size_t n = MIB - at < sizeof(chunk) ? MIB - at : sizeof(chunk);

		for (size_t i = 0; i < n; i++)
			chunk[i] = pattern(at + i);
		CHECK(fd_write_all(1, chunk, n) == 0);
		at += n;
	}
	_exit(42);
}

/* All that was written before the end arrives, though the reader is slow. */
static void output_whole(void **state)
{
	struct scene s = { .terminal = true, .raw_inside = true, .payload = write_mib };
	char *data = malloc(MIB + 1);
	struct stage st;

	(void)state;
	stage_open(&st, &s);
	usleep(50000);
	assert_int_equal(read_until_end(st.out_fd, data, MIB + 1), MIB);
	for (size_t i = 0; i < MIB; i++)
		if (data[i] != pattern(i))
			fail_msg("byte %zu is wrong", i);
	assert_int_equal(stage_close(&st), 42 << 8);
	free(data);
}

static void check_mib(void)
{
	char chunk[4096];
	size_t at = 0;

	while (at < MIB) {
		ssize_t n = read(0, chunk, sizeof(chunk));

		CHECK(n > 0);
		for (ssize_t i = 0; i < n; i++)
			CHECK(chunk[i] == pattern(at + (size_t)i));
		at += (size_t)n;
		if (at % 65536 == 0)
			usleep(1000);
	}
	_exit(7);
}

static void input_whole(void **state)
{
	struct scene s = { .terminal = true, .raw_inside = true, .payload = check_mib };
	char *data = malloc(MIB);
	struct stage st;

	(void)state;
	for (size_t i = 0; i < MIB; i++)
		data[i] = pattern(i);
	stage_open(&st, &s);
	assert_int_equal(fd_write_all(st.in_fd, data, MIB), 0);
	assert_int_equal(stage_close(&st), 7 << 8);
	free(data);
}

static void echo_until_eof(void)
{
	char line[256];
	size_t total = 0;

	for (;;) {
		ssize_t n = read(0, line, sizeof(line));

		if (n <= 0)
			break;
		total += (size_t)n;
	}
	_exit((int)total);
}

/* The end of a pipe is typed as ^D: once after a line, twice within one. */
static void stdin_end(void **state)
{
	static const char *const text[] = { "one\ntwo\n", "one\ntwo", "" };
	struct scene s = { .terminal = true, .payload = echo_until_eof };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		struct stage st;

		stage_open(&st, &s);
		assert_int_equal(fd_write_all(st.in_fd, text[i], strlen(text[i])), 0);
		close(st.in_fd);
		st.in_fd = -1;
		assert_int_equal(stage_close(&st), (int)strlen(text[i]) << 8);
	}
}

static void sleep_300(void)
{
	usleep(300000);
	_exit(3);
}

/* Neither a closed stdin nor a terminal that no one has open may make the loop spin. */
static void no_spin(void **state)
{
	struct timespec ts;
	struct scene s = { .terminal = true, .raw_inside = true, .payload = sleep_300 };
	struct stage st;
	clockid_t clock;

	(void)state;
	stage_open(&st, &s);
	close(st.in_fd);
	close(st.out_fd);
	st.in_fd = -1;
	st.out_fd = -1;
	usleep(250000);
	assert_int_equal(clock_getcpuclockid(st.pid, &clock), 0);
	assert_int_equal(clock_gettime(clock, &ts), 0);
	assert_true(ts.tv_sec == 0 && ts.tv_nsec < 60000000);
	assert_int_equal(stage_close(&st), 3 << 8);
}

static void close_and_reopen(void)
{
	char name[64];

	CHECK(ttyname_r(0, name, sizeof(name)) == 0);
	for (int round = 0; round < 3; round++) {
		for (int fd = 0; fd < 3; fd++)
			close(fd);
		usleep(20000);
		if (open(name, O_RDWR) != 0 || dup(0) != 1 || dup(0) != 2)
			_exit(99);
		if (write(1, "here\n", 5) != 5)
			_exit(98);
	}
	_exit(5);
}

/* An init system closes its console and opens it again. */
static void terminal_reopened(void **state)
{
	struct scene s = { .terminal = true, .payload = close_and_reopen };
	struct stage st;
	char data[256] = "";

	(void)state;
	stage_open(&st, &s);
	assert_int_equal(read_until_end(st.out_fd, data, sizeof(data) - 1), 18);
	assert_string_equal(data, "here\r\nhere\r\nhere\r\n");
	assert_int_equal(stage_close(&st), 5 << 8);
}

static void leader_hangs_up(void)
{
	char name[64];
	pid_t pid;

	/* not the leader here: hand the terminal to a child that leads a session and ends */
	CHECK(ttyname_r(0, name, sizeof(name)) == 0);
	signal(SIGHUP, SIG_IGN);
	CHECK(ioctl(0, TIOCNOTTY) == 0);
	pid = fork();
	if (pid == 0) {
		int fd = (setsid(), open(name, O_RDWR));

		_exit(fd < 0 || write(fd, "a\n", 2) != 2);
	}
	waitpid(pid, NULL, 0);
	usleep(20000);

	int fd = open(name, O_RDWR | O_NOCTTY);

	if (fd < 0 || write(fd, "b\n", 2) != 2)
		_exit(99);
	_exit(6);
}

static void hang_up(void **state)
{
	struct scene s = { .terminal = true, .payload = leader_hangs_up };
	struct stage st;
	char data[256] = "";

	(void)state;
	stage_open(&st, &s);
	read_until_end(st.out_fd, data, sizeof(data) - 1);
	assert_string_equal(data, "a\r\nb\r\n");
	assert_int_equal(stage_close(&st), 6 << 8);
}

static volatile sig_atomic_t caught;
static int ready[2]; /* the payload says that its handlers are there */

static void on_signal(int sig)
{
	caught = sig;
}

static void wait_for_signal(void)
{
	static const int list[] = { SIGTERM, SIGINT,  SIGHUP,   SIGUSR1, SIGUSR2, SIGQUIT,
				    SIGCONT, SIGALRM, SIGWINCH, SIGURG,  SIGPIPE, SIGCHLD };
	struct sigaction sa = { .sa_handler = on_signal };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		sigaction(list[i], &sa, NULL);
	CHECK(write(ready[1], "r", 1) == 1);
	for (int i = 0; i < 1000 && !caught; i++)
		usleep(10000);
	_exit(caught);
}

/* Every signal that berth gets reaches the process; what only concerns berth does not. */
static void signals(void **state)
{
	static const int list[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT, SIGALRM };
	static const int kept[] = { SIGWINCH, SIGURG, SIGPIPE, SIGCHLD };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		struct scene s = { .terminal = i % 2, .payload = wait_for_signal };
		struct stage st;
		char c;

		assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
		stage_open(&st, &s);
		assert_int_equal(read(ready[0], &c, 1), 1);
		close(ready[0]);
		close(ready[1]);
		for (size_t k = 0; k < ARRAY_SIZE(kept); k++)
			kill(st.pid, kept[k]);
		usleep(5000);
		kill(st.pid, list[i]);
		assert_int_equal(stage_close(&st), list[i] << 8);
	}
}

static void killed(void)
{
	raise(SIGKILL);
}

static void killed_status(void **state)
{
	struct scene s = { .payload = killed };
	struct stage st;

	(void)state;
	stage_open(&st, &s);
	assert_int_equal(stage_close(&st), SIGKILL);
}

static void wait_for_size(void)
{
	struct winsize ws = { 0 };

	for (int i = 0; i < 500 && !(ws.ws_row == 40 && ws.ws_col == 132); i++) {
		usleep(10000);
		CHECK(ioctl(0, TIOCGWINSZ, &ws) == 0);
	}
	_exit(ws.ws_row);
}

/* Caller on a terminal: raw while it runs, its size follows, and all is as before at the end. */
static void caller_terminal(void **state)
{
	struct winsize ws = { .ws_row = 40, .ws_col = 132 };
	struct scene s = { .terminal = true, .tty_stdin = true, .payload = wait_for_size };
	struct termios during, after;
	struct stage st;

	(void)state;
	stage_open(&st, &s);
	usleep(50000);
	assert_int_equal(tcgetattr(st.outer_fd, &during), 0);
	assert_false(during.c_lflag & (ICANON | ECHO));
	assert_int_equal(ioctl(st.outer_fd, TIOCSWINSZ, &ws), 0);
	kill(st.pid, SIGWINCH);

	own_fd outer_fd = dup(st.outer_fd), outer_master_fd = dup(st.in_fd);

	assert_int_equal(stage_close(&st), 40 << 8);
	assert_true(outer_master_fd >= 0);
	assert_int_equal(tcgetattr(outer_fd, &after), 0);
	assert_true(after.c_lflag & ICANON);
	assert_true(after.c_lflag & ECHO);
}

/* A signal that would end berth ends the container, and the terminal is as before. */
static void restored_after_signal(void **state)
{
	struct scene s = { .terminal = true, .tty_stdin = true, .payload = sleep_300 };
	struct termios during, after;
	struct stage st;

	(void)state;
	stage_open(&st, &s);
	usleep(50000);
	assert_int_equal(tcgetattr(st.outer_fd, &during), 0);
	assert_false(during.c_lflag & ICANON);

	own_fd outer_fd = dup(st.outer_fd), outer_master_fd = dup(st.in_fd);

	assert_true(outer_master_fd >= 0);
	kill(st.pid, SIGTERM);
	assert_int_equal(stage_close(&st), SIGTERM);
	assert_int_equal(tcgetattr(outer_fd, &after), 0);
	assert_true(after.c_lflag & ICANON);
}

static void flood_in_background(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGHUP, SIG_IGN);
		for (int i = 0; i < 200; i++) {
			if (write(1, "noise\n", 6) < 0)
				_exit(0);
			usleep(1000);
		}
		_exit(0);
	}
	usleep(10000);
	_exit(9);
}

/* A process that stays behind and writes on must not keep the relay. */
static void background(void **state)
{
	struct scene s = { .terminal = true, .payload = flood_in_background };
	struct stage st;
	char *data = malloc(MIB);

	(void)state;
	stage_open(&st, &s);
	read_until_end(st.out_fd, data, MIB);
	assert_int_equal(stage_close(&st), 9 << 8);
	free(data);
}

TEST_GROUP(tty, cmocka_unit_test(raw_restore), cmocka_unit_test(raw_no_terminal),
	   cmocka_unit_test(size_copied), cmocka_unit_test(open_attach), cmocka_unit_test(hostile),
	   cmocka_unit_test(console_socket), cmocka_unit_test(console_socket_bad),
	   cmocka_unit_test(output_whole), cmocka_unit_test(input_whole),
	   cmocka_unit_test(stdin_end), cmocka_unit_test(no_spin),
	   cmocka_unit_test(terminal_reopened), cmocka_unit_test(hang_up),
	   cmocka_unit_test(signals), cmocka_unit_test(killed_status),
	   cmocka_unit_test(caller_terminal), cmocka_unit_test(restored_after_signal),
	   cmocka_unit_test(background));
