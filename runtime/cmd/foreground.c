/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/cmd/foreground.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/proc/relay.h"
#include "runtime/proc/tty.h"

int foreground_begin(struct err *e)
{
	sigset_t was;

	return relay_signals(&was, e);
}

int foreground(int pid_fd, int master_fd, int signal_fd, struct err *e)
{
	struct relay relay = { .stdin_fd = master_fd < 0 ? -1 : STDIN_FILENO,
			       .stdout_fd = master_fd < 0 ? -1 : STDOUT_FILENO,
			       .master_fd = master_fd,
			       .pid_fd = pid_fd,
			       .signal_fd = signal_fd };
	own_tty saved = TTY_SAVED_INIT;
	int status = 0, r = 0;

	if (master_fd >= 0) {
		tty_copy_size(STDIN_FILENO, master_fd);
		r = tty_raw(STDIN_FILENO, &saved, e);
	}
	if (r == 0)
		r = relay_run(&relay, &status, e);
	if (r < 0)
		return r;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
