/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "cgroups/plan.h"
#include "cgroups/weight.h"
#include "specs/faults.h"
#include "specs/spec.h"

#define PTR "/linux/resources/cpu/"

/* Engines write 0 for what their users left out. */
static bool has(uint64_t v)
{
	return v != UNSET_U64 && v != 0;
}

static bool has_quota(const struct cpu_spec *c)
{
	return c->quota != UNSET_I64 && c->quota != 0;
}

static bool has_rt_runtime(const struct cpu_spec *c)
{
	return c->rt_runtime != UNSET_I64 && c->rt_runtime != 0;
}

static const char *asked(const struct resources *r)
{
	const struct cpu_spec *c = &r->cpu;

	if (has(c->shares))
		return PTR "shares";
	if (has_quota(c))
		return PTR "quota";
	if (has(c->period))
		return PTR "period";
	if (c->burst != UNSET_U64)
		return PTR "burst";
	if (c->idle != UNSET_I64)
		return PTR "idle";
	if (has_rt_runtime(c))
		return PTR "realtimeRuntime";
	return has(c->rt_period) ? PTR "realtimePeriod" : NULL;
}

static bool check(const struct cpu_spec *c, struct faults *f)
{
	size_t before = f->errors;

	if (c->idle != UNSET_I64 && c->idle != 0 && c->idle != 1)
		fault_add(f, FAULT_INVALID, PTR "idle", "%" PRId64 " is neither 0 nor 1", c->idle);
	if (c->burst != UNSET_U64 && has_quota(c) && c->quota > 0 && c->burst > (uint64_t)c->quota)
		fault_add(f, FAULT_INVALID, PTR "burst", "%" PRIu64 " is above the quota %" PRId64,
			  c->burst, c->quota);
	if (c->idle == 1 && has(c->shares))
		fault_add(f, FAULT_WARNING, PTR "shares",
			  "ignored: an idle cgroup has the lowest weight of all");
	return f->errors == before;
}

/* An idle cgroup refuses any weight, so what says whether it is idle goes first. */
static bool put_idle(struct cg_put *p, const struct cpu_spec *c)
{
	if (c->idle != UNSET_I64)
		cg_put(p, "cpu.idle", "%" PRId64, c->idle);
	return c->idle == 1;
}

static void plan_v1(struct cg_put *p)
{
	const struct cpu_spec *c = &p->r->cpu;

	if (!check(c, p->f))
		return;
	if (!put_idle(p, c) && has(c->shares))
		cg_put(p, "cpu.shares", "%" PRIu64, c->shares);
	/* Each of the three is checked against the old values of the others. */
	if (has(c->period))
		cg_put(p, "cpu.cfs_period_us", "%" PRIu64, c->period)->flags = CGW_RETRY;
	if (has_quota(c))
		cg_put(p, "cpu.cfs_quota_us", "%" PRId64, c->quota)->flags = CGW_RETRY;
	if (c->burst != UNSET_U64)
		cg_put(p, "cpu.cfs_burst_us", "%" PRIu64, c->burst)->flags =
			c->burst ? CGW_RETRY : CGW_RETRY | CGW_OPTIONAL;
	if (has(c->rt_period))
		cg_put(p, "cpu.rt_period_us", "%" PRIu64, c->rt_period)->flags = CGW_RETRY;
	if (has_rt_runtime(c))
		cg_put(p, "cpu.rt_runtime_us", "%" PRId64, c->rt_runtime)->flags = CGW_RETRY;
}

static void plan_v2(struct cg_put *p)
{
	const struct cpu_spec *c = &p->r->cpu;

	if (has_rt_runtime(c))
		fault_add(p->f, FAULT_UNSUPPORTED, PTR "realtimeRuntime",
			  "cgroup v2 has no realtime limits");
	if (has(c->rt_period))
		fault_add(p->f, FAULT_UNSUPPORTED, PTR "realtimePeriod",
			  "cgroup v2 has no realtime limits");
	if (!check(c, p->f))
		return;
	if (!put_idle(p, c) && has(c->shares))
		cg_put(p, "cpu.weight", "%u", cg_weight_of_shares(c->shares));
	if (has_quota(c) || has(c->period)) {
		uint64_t period = has(c->period) ? c->period : 100000;

		if (has_quota(c) && c->quota > 0)
			cg_put(p, "cpu.max", "%" PRId64 " %" PRIu64, c->quota, period)->flags =
				CGW_RETRY;
		else
			cg_put(p, "cpu.max", "max %" PRIu64, period)->flags = CGW_RETRY;
	}
	if (c->burst != UNSET_U64)
		cg_put(p, "cpu.max.burst", "%" PRIu64, c->burst)->flags =
			c->burst ? CGW_RETRY : CGW_RETRY | CGW_OPTIONAL;
}

extern const struct cg_ctl ctl_cpu;
const struct cg_ctl ctl_cpu = { "cpu", "cpu", true, asked, plan_v1, plan_v2 };
