/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "cgroups/plan.h"
#include "runtime/base/arena.h"
#include "specs/faults.h"
#include "specs/spec.h"

static const char *asked(const struct resources *r)
{
	return r->nnet_prio ? "/linux/resources/network/priorities" : NULL;
}

static void plan_v1(struct cg_put *p)
{
	for (size_t i = 0; i < p->r->nnet_prio; i++) {
		const struct ifprio_spec *n = &p->r->net_prio[i];
		size_t len = strcspn(n->name, " \t\n/:");

		if (!len || len > 15 || n->name[len])
			fault_add(p->f, FAULT_INVALID,
				  arena_printf(p->a, "/linux/resources/network/priorities/%zu/name",
					       i),
				  "'%s' is not the name of an interface", n->name);
		else
			cg_put(p, "net_prio.ifpriomap", "%s %" PRIu32, n->name, n->priority);
	}
}

extern const struct cg_ctl ctl_net_prio;
const struct cg_ctl ctl_net_prio = { "net_prio", "net_prio", false, asked, plan_v1, NULL };
