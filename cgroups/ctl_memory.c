/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "cgroups/plan.h"
#include "specs/faults.h"
#include "specs/spec.h"

#define PTR "/linux/resources/memory/"

/* Engines write 0 for what their users left out. */
static bool is_set(int64_t v)
{
	return v != UNSET_I64 && v != 0;
}

static const char *asked(const struct resources *r)
{
	const struct memory_spec *m = &r->memory;

	if (is_set(m->limit))
		return PTR "limit";
	if (is_set(m->swap))
		return PTR "swap";
	if (is_set(m->reservation))
		return PTR "reservation";
	if (is_set(m->kernel))
		return PTR "kernel";
	if (is_set(m->kernel_tcp))
		return PTR "kernelTCP";
	if (m->swappiness != UNSET_U64)
		return PTR "swappiness";
	if (m->disable_oom_killer)
		return PTR "disableOOMKiller";
	return m->use_hierarchy >= 0 ? PTR "useHierarchy" : NULL;
}

static void check_size(struct faults *f, const char *pointer, int64_t v)
{
	if (v != UNSET_I64 && v < -1)
		fault_add(f, FAULT_INVALID, pointer,
			  "%" PRId64 " is neither a size in bytes nor -1", v);
}

/* "swap" is the sum of memory and swap. */
static void check_swap(const struct memory_spec *m, struct faults *f)
{
	if (m->swap == UNSET_I64 || m->swap <= 0)
		return;
	if (!is_set(m->limit))
		fault_add(f, FAULT_INVALID, PTR "swap",
			  "swap is the sum of memory and swap: it needs a memory limit");
	else if (m->swap < m->limit)
		fault_add(f, FAULT_INVALID, PTR "swap",
			  "swap is the sum of memory and swap: %" PRId64
			  " is below the memory limit %" PRId64,
			  m->swap, m->limit);
}

/* What is wrong whatever the cgroup version. */
static bool check(const struct memory_spec *m, struct faults *f)
{
	size_t before = f->errors;

	check_size(f, PTR "limit", m->limit);
	check_size(f, PTR "reservation", m->reservation);
	check_size(f, PTR "swap", m->swap);
	check_size(f, PTR "kernel", m->kernel);
	check_size(f, PTR "kernelTCP", m->kernel_tcp);
	check_swap(m, f);
	if (m->swappiness != UNSET_U64 && m->swappiness > 100)
		fault_add(f, FAULT_INVALID, PTR "swappiness", "%" PRIu64 " is not in 0 to 100",
			  m->swappiness);
	return f->errors == before;
}

static void plan_v1(struct cg_put *p)
{
	const struct memory_spec *m = &p->r->memory;
	/* no limit at all means no limit for the sum either */
	int64_t swap = m->limit == -1 && !is_set(m->swap) ? -1 : m->swap;

	if (!check(m, p->f))
		return;
	/* The kernel keeps limit <= memsw: which has to go first depends on the old values. */
	if (is_set(m->limit))
		cg_put(p, "memory.limit_in_bytes", "%" PRId64, m->limit)->flags = CGW_RETRY;
	if (is_set(swap))
		cg_put(p, "memory.memsw.limit_in_bytes", "%" PRId64, swap)->flags =
			swap == -1 ? CGW_RETRY | CGW_OPTIONAL : CGW_RETRY;
	if (is_set(m->reservation))
		cg_put(p, "memory.soft_limit_in_bytes", "%" PRId64, m->reservation);
	if (is_set(m->kernel))
		cg_put(p, "memory.kmem.limit_in_bytes", "%" PRId64, m->kernel);
	if (is_set(m->kernel_tcp))
		cg_put(p, "memory.kmem.tcp.limit_in_bytes", "%" PRId64, m->kernel_tcp);
	if (m->swappiness != UNSET_U64)
		cg_put(p, "memory.swappiness", "%" PRIu64, m->swappiness);
	if (m->disable_oom_killer)
		cg_put(p, "memory.oom_control", "1");
	if (m->use_hierarchy >= 0)
		cg_put(p, "memory.use_hierarchy", "%d", m->use_hierarchy);
}

/* Of the kernel memory limits, "no limit" is what v2 does anyway. */
static void no_kernel_limit(struct cg_put *p, const char *pointer, int64_t v)
{
	if (is_set(v))
		fault_add(p->f, v == -1 ? FAULT_WARNING : FAULT_UNSUPPORTED, pointer,
			  v == -1 ? "cgroup v2 has no such limit: ignored"
				  : "cgroup v2 counts kernel memory in limit, it has no limit of "
				    "its own");
}

static void refuse_v1_only(struct cg_put *p)
{
	const struct memory_spec *m = &p->r->memory;

	no_kernel_limit(p, PTR "kernel", m->kernel);
	no_kernel_limit(p, PTR "kernelTCP", m->kernel_tcp);
	if (m->swappiness != UNSET_U64 && m->swappiness <= 100)
		fault_add(p->f, FAULT_UNSUPPORTED, PTR "swappiness",
			  "cgroup v2 has no swappiness of a cgroup");
	if (m->disable_oom_killer)
		fault_add(p->f, FAULT_UNSUPPORTED, PTR "disableOOMKiller",
			  "cgroup v2 cannot switch the OOM killer off");
	if (m->use_hierarchy == 0)
		fault_add(p->f, FAULT_UNSUPPORTED, PTR "useHierarchy",
			  "cgroup v2 is always hierarchical");
}

static void put_limit(struct cg_put *p, const char *file, int64_t v)
{
	if (v == -1)
		cg_put(p, file, "max");
	else
		cg_put(p, file, "%" PRId64, v);
}

/* v2 limits swap alone, so it is the difference of the two. */
static void put_swap(struct cg_put *p, const struct memory_spec *m)
{
	int64_t swap;

	if (m->swap == -1 || (m->limit == -1 && !is_set(m->swap)))
		swap = -1;
	else if (!is_set(m->swap))
		return;
	else
		swap = m->limit == -1 ? m->swap : m->swap - m->limit;

	put_limit(p, "memory.swap.max", swap);
	/* A kernel without swap has no such file; "none" and "any" hold there by themselves. */
	if (swap <= 0)
		p->t->writes[p->t->nwrites - 1].flags = CGW_OPTIONAL;
}

static void plan_v2(struct cg_put *p)
{
	const struct memory_spec *m = &p->r->memory;

	refuse_v1_only(p);
	if (!check(m, p->f))
		return;
	put_swap(p, m);
	if (is_set(m->limit))
		put_limit(p, "memory.max", m->limit);
	if (is_set(m->reservation))
		put_limit(p, "memory.low", m->reservation);
}

extern const struct cg_ctl ctl_memory;
const struct cg_ctl ctl_memory = { "memory", "memory", true, asked, plan_v1, plan_v2 };
