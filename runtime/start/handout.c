/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/handout.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/state/state.h"
#include "specs/json.h"
#include "specs/spec.h"

/* /a/b.pid: the directory /a and the name b.pid */
static int open_parent(const char *path, const char **name, struct err *e)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int n, fd;

	*name = slash ? slash + 1 : path;
	n = slash ? snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path) + 1, path)
		  : snprintf(dir, sizeof(dir), ".");
	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(e, ENAMETOOLONG, "'%s'", path);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_set(e, errno, "open the directory of '%s'", path) : fd;
}

int handout_pid_file(const char *path, pid_t pid, struct err *e)
{
	const char *name;
	char text[16], temp[NAME_MAX + 1];
	own_fd dir_fd = open_parent(path, &name, e);
	int len = snprintf(text, sizeof(text), "%d", pid), r;

	if (dir_fd < 0)
		return dir_fd;
	snprintf(temp, sizeof(temp), ".%.200s.%d", name, pid);
	(void)unlinkat(dir_fd, temp, 0);

	own_fd fd =
		openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_set(e, errno, "pid file '%s'", path);
	r = fchmod(fd, 0644) < 0 ? -errno : fd_write_all(fd, text, (size_t)len);
	if (r == 0 && renameat(dir_fd, temp, dir_fd, name) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	(void)unlinkat(dir_fd, temp, 0);
	return err_set(e, -r, "pid file '%s'", path);
}

int handout_connect(const char *path, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *name;
	own_fd dir_fd = open_parent(path, &name, e);
	own_fd fd = -1;
	int n;

	if (dir_fd < 0)
		return dir_fd;
	n = snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", dir_fd, name);
	if (n < 0 || (size_t)n >= sizeof(addr.sun_path))
		return err_set(e, ENAMETOOLONG, "socket '%s'", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_set(e, errno, "connect to socket '%s'", path);
	return take_fd(fd);
}

int handout_pidfd(const char *socket_path, int pid_fd, struct err *e)
{
	static const char name[] = "pidfd";
	own_fd fd = handout_connect(socket_path, e);
	int r;

	if (fd < 0)
		return fd;
	r = fd_send(fd, name, sizeof(name) - 1, &pid_fd, 1);
	return r < 0 ? err_set(e, -r, "send the pidfd to '%s'", socket_path) : 0;
}

const char *handout_process_state(const struct spec *spec, const struct state *s, pid_t pid,
				  bool running, struct arena *a)
{
	own_buf b = BUF_INIT;
	own_buf inner = BUF_INIT;
	struct json_out o = { .b = &b };

	state_json(s, running ? STATUS_RUNNING : STATUS_CREATING, s->pid, false, false, &inner);
	json_open(&o, NULL, '{');
	json_str(&o, "ociVersion", "1.3.0");
	json_open(&o, "fds", '[');
	json_str(&o, NULL, "seccompFd");
	json_close(&o, ']');
	json_int(&o, "pid", pid);
	json_str(&o, "metadata",
		 spec->seccomp.listener_metadata ? spec->seccomp.listener_metadata : "");
	/* the state is a document of its own, nested as it is */
	buf_printf(&b, ",\"state\":%s", buf_text(&inner));
	json_close(&o, '}');
	return arena_strdup(a, buf_text(&b));
}
