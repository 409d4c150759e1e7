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
	return r->nrdma ? "/linux/resources/rdma" : NULL;
}

/* "mlx5_0 hca_handle=2 hca_object=max" */
static void plan(struct cg_put *p)
{
	for (size_t i = 0; i < p->r->nrdma; i++) {
		const struct rdma_spec *d = &p->r->rdma[i];
		const char *handles = "", *objects = "";

		if (!*d->device || strlen(d->device) > 63 ||
		    d->device[strcspn(d->device, " \t\n/=")]) {
			fault_add(p->f, FAULT_INVALID, "/linux/resources/rdma",
				  "'%s' is not the name of a device", d->device);
			continue;
		}
		if (d->handles == UNSET_U32 && d->objects == UNSET_U32) {
			fault_add(p->f, FAULT_INVALID,
				  arena_printf(p->a, "/linux/resources/rdma/%s", d->device),
				  "needs hcaHandles or hcaObjects");
			continue;
		}
		if (d->handles != UNSET_U32)
			handles = arena_printf(p->a, " hca_handle=%" PRIu32, d->handles);
		if (d->objects != UNSET_U32)
			objects = arena_printf(p->a, " hca_object=%" PRIu32, d->objects);
		cg_put(p, "rdma.max", "%s%s%s", d->device, handles, objects);
	}
}

extern const struct cg_ctl ctl_rdma;
const struct cg_ctl ctl_rdma = { "rdma", "rdma", false, asked, plan, plan };
