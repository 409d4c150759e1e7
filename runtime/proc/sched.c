/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/stat.h>

#include "runtime/base/err.h"
#include "runtime/base/sys.h"

/*
 * Texts here leave out strerror(EPERM): engines take "operation not permitted" for a program
 * that may not be executed.
 */
static int failed(const char *what, int code, const char *needs, struct err *e)
{
	if (code == EPERM)
		return err_text(e, code, "%s: that needs %s", what, needs);
	return err_set(e, code, "%s", what);
}

static int set_personality(const struct proc_plan *p, struct err *e)
{
	if (p->personality == UNSET_PERSONALITY)
		return 0;
	if (personality(p->personality) < 0)
		return err_set(e, errno, "personality %#lx", p->personality);
	return 0;
}

static int set_mempolicy_of(const struct proc_plan *p, struct err *e)
{
	if (!p->mempolicy_set)
		return 0;

	/* The kernel reads one bit less than it is told. */
	unsigned long bits = p->mempolicy ? p->mempolicy_bits + 1 : 0;

	if (sys_set_mempolicy(p->mempolicy_mode, p->mempolicy, bits) == 0)
		return 0;
	err_set(e, errno, "linux.memoryPolicy: set_mempolicy mode %#x",
		(unsigned)p->mempolicy_mode);
	if (e->code == EINVAL)
		err_hint(e, "the nodes must exist and be in the container's cpuset.mems");
	return -e->code;
}

static int set_scheduler(const struct sched_spec *s, struct err *e)
{
	struct sys_sched_attr attr = {
		.policy = (uint32_t)s->policy,
		.flags = s->flags,
		.nice = s->nice,
		.priority = (uint32_t)s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};

	if (!s->set || sys_sched_setattr(0, &attr, 0) == 0)
		return 0;
	return failed("process.scheduler: sched_setattr", errno, "CAP_SYS_NICE", e);
}

static int set_io_priority(const struct ioprio_spec *s, struct err *e)
{
	if (!s->set ||
	    sys_ioprio_set(IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(s->class, s->priority)) == 0)
		return 0;
	return failed("process.ioPriority: ioprio_set", errno, "CAP_SYS_NICE or CAP_SYS_ADMIN", e);
}

int proc_early(const struct proc_plan *p, struct err *e)
{
	uint32_t mask = p->p->user.umask;
	int r = set_personality(p, e);

	if (r == 0)
		r = set_mempolicy_of(p, e);
	if (r == 0)
		r = set_scheduler(&p->p->sched, e);
	if (r == 0)
		r = set_io_priority(&p->p->ioprio, e);
	if (r == 0)
		umask(mask == UNSET_U32 ? 0022 : (mode_t)mask);
	return r;
}

int proc_affinity(const struct proc_plan *p, enum proc_cpu when, struct err *e)
{
	bool initial = when == PROC_CPU_INITIAL;
	const cpu_set_t *set = initial ? p->cpu_initial : p->cpu_final;
	size_t size = initial ? p->cpu_initial_size : p->cpu_final_size;

	if (!set || sched_setaffinity(0, size, set) == 0)
		return 0;
	err_set(e, errno, "process.execCPUAffinity.%s \"%s\"", initial ? "initial" : "final",
		initial ? p->p->cpu_initial : p->p->cpu_final);
	if (e->code == EINVAL)
		err_hint(e, "at least one of the CPUs must exist and be allowed to the process");
	return -e->code;
}
