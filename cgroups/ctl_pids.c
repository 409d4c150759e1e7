/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stddef.h>

#include "cgroups/plan.h"
#include "specs/faults.h"
#include "specs/spec.h"

#define PTR "/linux/resources/pids/limit"

static const char *asked(const struct resources *r)
{
	return r->pids_limit != UNSET_I64 ? PTR : NULL;
}

/* 0 is a limit like any other: nobody inside may fork. */
static void plan(struct cg_put *p)
{
	int64_t limit = p->r->pids_limit;

	if (limit < -1)
		fault_add(p->f, FAULT_INVALID, PTR, "%" PRId64 " is neither a number nor -1",
			  limit);
	else if (limit == -1)
		cg_put(p, "pids.max", "max");
	else
		cg_put(p, "pids.max", "%" PRId64, limit);
}

extern const struct cg_ctl ctl_pids;
const struct cg_ctl ctl_pids = { "pids", "pids", true, asked, plan, plan };
