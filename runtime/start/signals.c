/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/signals.h"

#include <signal.h>
#include <stddef.h>

#include "runtime/base/sys.h"

/*
 * exec resets handlers but keeps what is ignored and blocked, so a caller's SIG_IGN would
 * reach the payload.
 */
void signals_reset(void)
{
	sigset_t none;

	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			(void)sys_signal_default(sig);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
