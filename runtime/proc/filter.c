/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>

#include "runtime/base/err.h"
#include "runtime/base/sys.h"
#include "runtime/proc/parts.h"

int filter_load(const struct proc_plan *p, int *listener_fd, struct err *e)
{
	struct sock_fprog prog = p->seccomp;
	int r = sys_seccomp(SECCOMP_SET_MODE_FILTER, p->seccomp_flags, &prog);

	if (r >= 0) {
		if (p->seccomp_notify)
			*listener_fd = r;
		return 0;
	}
	/* The kernel's words are about permissions, and engines read those as "not executable". */
	if (errno == EACCES)
		return err_text(e, EACCES,
				"loading a seccomp filter needs CAP_SYS_ADMIN or noNewPrivileges");
	err_set(e, errno, "load the seccomp filter of %u instructions", (unsigned)prog.len);
	if (e->code == EMFILE)
		return err_hint(e, "RLIMIT_NOFILE leaves no descriptor for the notify listener");
	if (e->code == EBUSY)
		return err_hint(e,
				"a filter with a listener is already there: there can be only one");
	return -e->code;
}

int proc_seccomp(const struct proc_plan *p, int *listener_fd, struct err *e)
{
	bool done = p->seccomp.len && !p->p->no_new_privs;
	int r = done ? 0 : rlimits_apply(p->p, e);

	if (r < 0 || done || !p->seccomp.len)
		return r;
	return filter_load(p, listener_fd, e);
}
