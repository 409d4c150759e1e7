/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <sys/resource.h>

#include "runtime/base/err.h"
#include "runtime/proc/parts.h"
#include "specs/words.h"

const char *rlimit_name(int resource)
{
	const char *word = word_of(WORDS_RLIMITS, (uint64_t)resource);

	return word ? word : "RLIMIT_?";
}

/* No "operation not permitted" here: podman would take it for a program that may not run. */
static int refused(const struct rlimit_spec *l, int code, rlim_t now, struct err *e)
{
	const char *name = rlimit_name(l->resource);

	if (code != EPERM)
		return err_set(e, code, "rlimit %s", name);
	err_text(e, code,
		 "rlimit %s: raising the hard limit from %llu to %llu needs CAP_SYS_RESOURCE", name,
		 (unsigned long long)now, (unsigned long long)l->hard);
	if (l->resource == RLIMIT_NOFILE)
		return err_hint(e, "lower it in process.rlimits, or give berth CAP_SYS_RESOURCE; "
				   "nothing goes above /proc/sys/fs/nr_open");
	return err_hint(e, "lower it in process.rlimits, or give berth CAP_SYS_RESOURCE");
}

int proc_rlimits(pid_t pid, const struct proc_plan *p, struct err *e)
{
	for (size_t i = 0; i < p->p->nrlimits; i++) {
		const struct rlimit_spec *l = &p->p->rlimits[i];
		struct rlimit old;

		if (prlimit(pid, (__rlimit_resource_t)l->resource, NULL, &old) < 0)
			return err_set(e, errno, "rlimit %s", rlimit_name(l->resource));
		if (l->hard <= old.rlim_max)
			continue;

		struct rlimit raised = { .rlim_cur = old.rlim_cur, .rlim_max = l->hard };

		if (prlimit(pid, (__rlimit_resource_t)l->resource, &raised, NULL) < 0)
			return refused(l, errno, old.rlim_max, e);
	}
	return 0;
}

int rlimits_apply(const struct process_spec *p, struct err *e)
{
	for (size_t i = 0; i < p->nrlimits; i++) {
		const struct rlimit_spec *l = &p->rlimits[i];
		struct rlimit new = { .rlim_cur = l->soft, .rlim_max = l->hard }, old = { 0 };

		if (prlimit(0, (__rlimit_resource_t)l->resource, &new, &old) < 0) {
			int code = errno;

			(void)!prlimit(0, (__rlimit_resource_t)l->resource, NULL, &old);
			return refused(l, code, old.rlim_max, e);
		}
	}
	return 0;
}
