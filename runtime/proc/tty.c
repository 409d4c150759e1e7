/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

enum { RETRIES = 128 }; /* openat2 says EAGAIN while someone renames on the way */

static int open_pts_dir(int root_fd)
{
	for (int i = 0; i < RETRIES; i++) {
		int fd = sys_openat2(root_fd, "/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC, 0,
				     RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

		if (fd >= 0 || errno != EAGAIN)
			return fd;
	}
	return -1;
}

/*
 * In a devpts no one can make or rename a file, so "ptmx" in it is the kernel's, unless something
 * is mounted on it: RESOLVE_NO_XDEV. No check after the fact could be raced.
 */
static int open_ptmx(int root_fd, struct err *e)
{
	own_fd dir_fd = open_pts_dir(root_fd);
	struct statfs fs;
	struct stat st;

	if (dir_fd < 0)
		return err_set(e, errno, "terminal: open /dev/pts in the container");
	if (fstatfs(dir_fd, &fs) < 0)
		return err_set(e, errno, "terminal: statfs /dev/pts in the container");
	if (fs.f_type != DEVPTS_SUPER_MAGIC) {
		err_text(e, ENODEV, "terminal: /dev/pts in the container is not a devpts");
		return err_hint(e, "mount a devpts there, or run without a terminal");
	}

	own_fd fd = sys_openat2(dir_fd, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0,
				RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);

	if (fd < 0)
		return err_set(e, errno, "terminal: open /dev/pts/ptmx in the container");
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "terminal: stat /dev/pts/ptmx in the container");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2))
		return err_text(e, ENODEV, "terminal: /dev/pts/ptmx is not device 5:2");
	return take_fd(fd);
}

static int set_owner(int slave_fd, uid_t uid, struct err *e)
{
	struct stat st;

	if (fstat(slave_fd, &st) < 0)
		return err_set(e, errno, "terminal: stat");
	if (st.st_uid == uid || fchown(slave_fd, uid, (gid_t)-1) == 0)
		return 0;

	int code = errno;

	err_text(e, code, "terminal: cannot be given to user %u", uid);
	return err_hint(e, "the user must be mapped in the container's user namespace");
}

int tty_open(int root_fd, uint32_t rows, uint32_t cols, uid_t uid, int *master_fd, int *slave_fd,
	     char *name, size_t size, struct err *e)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	own_fd master = open_ptmx(root_fd, e);
	int number, unlocked = 0;

	if (master < 0)
		return -e->code;
	if (ioctl(master, TIOCSPTLCK, &unlocked) < 0 || ioctl(master, TIOCGPTN, &number) < 0)
		return err_set(e, errno, "terminal: unlock");

	own_fd slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (slave < 0)
		return err_set(e, errno, "terminal: open the slave");
	if ((rows || cols) && ioctl(master, TIOCSWINSZ, &ws) < 0)
		return err_set(e, errno, "terminal: set the size to %u rows, %u columns", rows,
			       cols);

	int r = set_owner(slave, uid, e);

	if (r < 0)
		return r;
	snprintf(name, size, "/dev/pts/%d", number);
	*master_fd = take_fd(master);
	*slave_fd = take_fd(slave);
	return 0;
}

int tty_attach(int slave_fd, struct err *e)
{
	if (setsid() < 0 && getsid(0) != getpid())
		return err_set(e, errno, "terminal: setsid");
	if (ioctl(slave_fd, TIOCSCTTY, 0) < 0)
		return err_set(e, errno, "terminal: make it the controlling one");
	for (int fd = 0; fd < 3; fd++) {
		/* dup2 onto itself would leave it close-on-exec */
		int r = fd == slave_fd ? fcntl(fd, F_SETFD, 0) : dup2(slave_fd, fd);

		if (r < 0)
			return err_set(e, errno, "terminal: make it descriptor %d", fd);
	}
	return 0;
}

/* A path that does not fit a socket address, by way of its directory. */
static int short_name(const char *path, struct sockaddr_un *sa, int *dir_fd)
{
	const char *base = strrchr(path, '/');
	char dir[4096];
	int n;

	if (strlen(path) < sizeof(sa->sun_path)) {
		memcpy(sa->sun_path, path, strlen(path) + 1);
		return 0;
	}
	if (!base || (size_t)(base - path) >= sizeof(dir))
		return -ENAMETOOLONG;
	snprintf(dir, sizeof(dir), "%.*s/", (int)(base - path), path);
	*dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir_fd < 0)
		return -errno;
	n = snprintf(sa->sun_path, sizeof(sa->sun_path), "/proc/self/fd/%d%s", *dir_fd, base);
	return n < (int)sizeof(sa->sun_path) ? 0 : -ENAMETOOLONG;
}

int tty_send(const char *socket_path, int master_fd, const char *name, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	own_fd sock_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	own_fd dir_fd = -1;

	if (sock_fd < 0)
		return err_set(e, errno, "console socket: socket");

	int r = short_name(socket_path, &sa, &dir_fd);

	if (r < 0)
		return err_set(e, -r, "console socket '%s'", socket_path);
	if (TEMP_FAILURE_RETRY(connect(sock_fd, (struct sockaddr *)&sa, sizeof(sa))) < 0)
		return err_set(e, errno, "console socket '%s': connect", socket_path);
	r = fd_send(sock_fd, name, strlen(name), &master_fd, 1);
	if (r < 0)
		return err_set(e, -r, "console socket '%s': send the terminal", socket_path);
	return 0;
}

int tty_raw(int fd, struct tty_saved *saved, struct err *e)
{
	struct termios raw;

	saved->fd = -1;
	if (tcgetattr(fd, &saved->was) < 0)
		return errno == ENOTTY || errno == EBADF || errno == EIO
			       ? 0
			       : err_set(e, errno, "terminal: read its mode");
	raw = saved->was;
	cfmakeraw(&raw);
	if (TEMP_FAILURE_RETRY(tcsetattr(fd, TCSANOW, &raw)) < 0)
		return err_set(e, errno, "terminal: set raw mode");
	saved->fd = fd;
	return 0;
}

void tty_restore(struct tty_saved *saved)
{
	int code = errno;

	if (saved->fd >= 0)
		(void)TEMP_FAILURE_RETRY(tcsetattr(saved->fd, TCSANOW, &saved->was));
	saved->fd = -1;
	errno = code;
}

void tty_copy_size(int from_fd, int to_fd)
{
	struct winsize ws;

	if (ioctl(from_fd, TIOCGWINSZ, &ws) == 0 && (ws.ws_row || ws.ws_col))
		(void)ioctl(to_fd, TIOCSWINSZ, &ws);
}
