/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <unistd.h>

#include "runtime/base/err.h"

/* The kernel says ENOENT for a script whose interpreter is missing: the file itself was found. */
static int missing(const char *path, int code, struct err *e)
{
	err_set(e, code, "exec %s", path);
	if (code == ENOENT)
		err_hint(e,
			 "the interpreter in its first line (or the program's dynamic loader) may "
			 "not exist in the container");
	return err_exit(e, 127);
}

static void explain(int code, struct err *e)
{
	if (code == ENOEXEC)
		err_hint(e,
			 "it is built for another architecture, or is a script without a #! line");
	else if (code == E2BIG)
		err_hint(e, "process.args and process.env together are too long for the kernel");
	else if (code == EAGAIN)
		err_hint(e, "the user has reached RLIMIT_NPROC");
	else if (code == ENOMEM)
		err_hint(e, "the memory limit may be too low");
}

int proc_exec(const struct process_spec *p, const char *path, const struct strv *env, struct err *e)
{
	char *none = NULL;

	execve(path, p->args.v, env->v ? env->v : &none);

	int code = errno;

	if (code == ENOENT || code == ENOTDIR)
		return missing(path, code, e);
	err_set(e, code, "exec: \"%s\"", path);
	explain(code, e);
	return err_exit(e, 126);
}
