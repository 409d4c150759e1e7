/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stddef.h>

#include "cgroups/plan.h"
#include "specs/spec.h"

/* Class 0 is what every cgroup starts with. */
static const char *asked(const struct resources *r)
{
	return r->net_class != UNSET_U32 && r->net_class ? "/linux/resources/network/classID"
							 : NULL;
}

static void plan_v1(struct cg_put *p)
{
	cg_put(p, "net_cls.classid", "%" PRIu32, p->r->net_class);
}

extern const struct cg_ctl ctl_net_cls;
const struct cg_ctl ctl_net_cls = { "net_cls", "net_cls", false, asked, plan_v1, NULL };
