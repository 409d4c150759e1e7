/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/gate.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/state/state.h"

/* Through the directory's descriptor: a socket's path is limited to 107 bytes, --root is not. */
static void address(const struct state_dir *d, struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(addr->sun_path, sizeof(addr->sun_path), "/proc/self/fd/%d/" GATE_SOCKET,
		 d->dir_fd);
}

int gate_open(const struct state_dir *d, struct err *e)
{
	struct sockaddr_un addr;
	own_fd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	address(d, &addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 8) < 0)
		return err_set(e, errno, "socket %s of container '%s'", GATE_SOCKET, d->id);
	return take_fd(fd);
}

void gate_remove(const struct state_dir *d)
{
	(void)unlinkat(d->dir_fd, GATE_SOCKET, 0);
}

static _Noreturn void on_signal(int sig)
{
	_exit(128 + sig);
}

/* exec sets handlers back to the default by itself */
static void die_of_signals(void)
{
	static const int deadly[] = { SIGHUP,  SIGINT,    SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
				      SIGALRM, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSTKFLT };
	struct sigaction act = { .sa_handler = on_signal };

	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		sigaction(deadly[i], &act, NULL);
}

int gate_wait(int listen_fd, int *notify_fd, char *text, size_t size, struct err *e)
{
	die_of_signals();
	for (;;) {
		own_fd fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return err_set(e, errno, "wait for start");

		ssize_t n = fd_recv(fd, text, size - 1, notify_fd);

		if (n <= 0) {
			fd_drop(notify_fd);
			continue;
		}
		/* the first byte says go, the rest is the text */
		memmove(text, text + 1, (size_t)n - 1);
		text[n - 1] = 0;
		return take_fd(fd);
	}
}

int gate_connect(const struct state_dir *d)
{
	struct sockaddr_un addr;
	own_fd fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	address(d, &addr);
	if (fd < 0 || TEMP_FAILURE_RETRY(connect(fd, (struct sockaddr *)&addr, sizeof(addr))) < 0)
		return -errno;
	return take_fd(fd);
}

int gate_go(int conn_fd, int notify_fd, const char *text, struct err *e)
{
	char message[GATE_TEXT_MAX];
	int n = snprintf(message, sizeof(message), "G%s", text), r;

	if (n < 0 || (size_t)n >= sizeof(message))
		return err_text(e, EMSGSIZE, "the state for the seccomp listener is too long");
	r = fd_send(conn_fd, message, (size_t)n, &notify_fd, notify_fd >= 0 ? 1 : 0);
	return r < 0 ? err_set(e, -r, "send go to the container's init") : 0;
}
