/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cgroups/plan.h"
#include "specs/faults.h"
#include "specs/spec.h"

#define PTR "/linux/resources/cpu/"

static bool has(const char *list)
{
	return list && *list;
}

static const char *asked(const struct resources *r)
{
	if (has(r->cpu.cpus))
		return PTR "cpus";
	return has(r->cpu.mems) ? PTR "mems" : NULL;
}

/* "0-3,7": what is beyond the machine only the kernel can tell. */
static void put_list(struct cg_put *p, const char *file, const char *pointer, const char *list)
{
	if (!has(list))
		return;
	if (list[strspn(list, "0123456789,-")] || strlen(list) > 500)
		fault_add(p->f, FAULT_INVALID, pointer, "'%s' is not a list like '0-3,7'", list);
	else
		cg_put(p, file, "%s", list);
}

static void plan(struct cg_put *p)
{
	put_list(p, "cpuset.cpus", PTR "cpus", p->r->cpu.cpus);
	put_list(p, "cpuset.mems", PTR "mems", p->r->cpu.mems);
}

extern const struct cg_ctl ctl_cpuset;
const struct cg_ctl ctl_cpuset = { "cpuset", "cpuset", false, asked, plan, plan };
