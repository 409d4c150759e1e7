/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "cgroups/plan.h"
#include "cgroups/weight.h"
#include "runtime/base/arena.h"
#include "specs/faults.h"
#include "specs/spec.h"

#define PTR "/linux/resources/blockIO/"

static const struct {
	const char *key; /* in the specification */
	const char *v1;  /* file */
	const char *v2;  /* word in io.max */
} throttles[] = {
	[THROTTLE_RBPS] = { "throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps" },
	[THROTTLE_WBPS] = { "throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps" },
	[THROTTLE_RIOPS] = { "throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops" },
	[THROTTLE_WIOPS] = { "throttleWriteIOPSDevice", "blkio.throttle.write_iops_device",
			     "wiops" },
};
static_assert(ARRAY_SIZE(throttles) == THROTTLE_COUNT, "one row per throttle");

static const char *asked(const struct resources *r)
{
	const struct blkio_spec *b = &r->blkio;

	if (b->weight)
		return PTR "weight";
	if (b->leaf_weight)
		return PTR "leafWeight";
	if (b->nweight_dev)
		return PTR "weightDevice";
	if (b->throttle[THROTTLE_RBPS].n)
		return PTR "throttleReadBpsDevice";
	if (b->throttle[THROTTLE_WBPS].n)
		return PTR "throttleWriteBpsDevice";
	if (b->throttle[THROTTLE_RIOPS].n)
		return PTR "throttleReadIOPSDevice";
	return b->throttle[THROTTLE_WIOPS].n ? PTR "throttleWriteIOPSDevice" : NULL;
}

static bool weight_ok(struct cg_put *p, const char *pointer, unsigned weight)
{
	if (!weight || (weight >= 10 && weight <= 1000))
		return true;
	fault_add(p->f, FAULT_INVALID, pointer, "%u is not in 10 to 1000", weight);
	return false;
}

static bool number_ok(struct cg_put *p, const char *list, size_t i, int64_t major, int64_t minor)
{
	if (major >= 0 && major <= UINT32_MAX && minor >= 0 && minor <= UINT32_MAX)
		return true;
	fault_add(p->f, FAULT_INVALID, arena_printf(p->a, PTR "%s/%zu", list, i),
		  "%" PRId64 ":%" PRId64 " is not the number of a device", major, minor);
	return false;
}

static bool weight_dev_ok(struct cg_put *p, size_t i)
{
	const struct blkio_weight_dev *d = &p->r->blkio.weight_dev[i];
	const char *pointer = arena_printf(p->a, PTR "weightDevice/%zu", i);

	if (!d->weight && !d->leaf_weight) {
		fault_add(p->f, FAULT_INVALID, pointer, "needs weight or leafWeight");
		return false;
	}
	return number_ok(p, "weightDevice", i, d->major, d->minor) &&
	       weight_ok(p, arena_printf(p->a, "%s/weight", pointer), d->weight) &&
	       weight_ok(p, arena_printf(p->a, "%s/leafWeight", pointer), d->leaf_weight);
}

/* The weight files of v1 belong to a scheduler: CFQ's until Linux 5.0, BFQ's since. */
static void weights_v1(struct cg_put *p)
{
	const struct blkio_spec *b = &p->r->blkio;
	struct cg_write *w;

	if (b->weight && weight_ok(p, PTR "weight", b->weight)) {
		w = cg_put(p, "blkio.weight", "%u", b->weight);
		w->or_file = "blkio.bfq.weight";
		w->or_value = w->value;
	}
	if (b->leaf_weight && weight_ok(p, PTR "leafWeight", b->leaf_weight))
		cg_put(p, "blkio.leaf_weight", "%u", b->leaf_weight);
	for (size_t i = 0; i < b->nweight_dev; i++) {
		const struct blkio_weight_dev *d = &b->weight_dev[i];

		if (!weight_dev_ok(p, i))
			continue;
		if (d->weight) {
			w = cg_put(p, "blkio.weight_device", "%" PRId64 ":%" PRId64 " %u", d->major,
				   d->minor, d->weight);
			w->or_file = "blkio.bfq.weight_device";
			w->or_value = w->value;
		}
		if (d->leaf_weight)
			cg_put(p, "blkio.leaf_weight_device", "%" PRId64 ":%" PRId64 " %u",
			       d->major, d->minor, d->leaf_weight);
	}
}

static void plan_v1(struct cg_put *p)
{
	weights_v1(p);
	for (int t = 0; t < THROTTLE_COUNT; t++)
		for (size_t i = 0; i < p->r->blkio.throttle[t].n; i++) {
			const struct blkio_throttle_dev *d = &p->r->blkio.throttle[t].v[i];

			if (number_ok(p, throttles[t].key, i, d->major, d->minor))
				cg_put(p, throttles[t].v1, "%" PRId64 ":%" PRId64 " %" PRIu64,
				       d->major, d->minor, d->rate);
		}
}

/* io.bfq.weight counts like v1; io.weight, of iocost, from 1 to 10000 */
static void weights_v2(struct cg_put *p)
{
	const struct blkio_spec *b = &p->r->blkio;

	if (b->weight && weight_ok(p, PTR "weight", b->weight)) {
		struct cg_write *w = cg_put(p, "io.bfq.weight", "%u", b->weight);

		w->or_file = "io.weight";
		w->or_value = arena_printf(p->a, "%u", cg_io_weight(b->weight));
	}
	if (b->leaf_weight)
		fault_add(p->f, FAULT_UNSUPPORTED, PTR "leafWeight",
			  "cgroup v2 has no leaf weight");
	for (size_t i = 0; i < b->nweight_dev; i++) {
		const struct blkio_weight_dev *d = &b->weight_dev[i];

		if (!weight_dev_ok(p, i))
			continue;
		if (d->leaf_weight) {
			fault_add(p->f, FAULT_UNSUPPORTED,
				  arena_printf(p->a, PTR "weightDevice/%zu/leafWeight", i),
				  "cgroup v2 has no leaf weight");
			continue;
		}

		struct cg_write *w = cg_put(p, "io.bfq.weight", "%" PRId64 ":%" PRId64 " %u",
					    d->major, d->minor, d->weight);

		w->or_file = "io.weight";
		w->or_value = arena_printf(p->a, "%" PRId64 ":%" PRId64 " %u", d->major, d->minor,
					   cg_io_weight(d->weight));
	}
}

/* A rate of 0 means "no limit" on v1; v2 refuses the number and has a word for it. */
static void plan_v2(struct cg_put *p)
{
	weights_v2(p);
	for (int t = 0; t < THROTTLE_COUNT; t++)
		for (size_t i = 0; i < p->r->blkio.throttle[t].n; i++) {
			const struct blkio_throttle_dev *d = &p->r->blkio.throttle[t].v[i];

			if (!number_ok(p, throttles[t].key, i, d->major, d->minor))
				continue;
			if (d->rate)
				cg_put(p, "io.max", "%" PRId64 ":%" PRId64 " %s=%" PRIu64, d->major,
				       d->minor, throttles[t].v2, d->rate);
			else
				cg_put(p, "io.max", "%" PRId64 ":%" PRId64 " %s=max", d->major,
				       d->minor, throttles[t].v2);
		}
}

extern const struct cg_ctl ctl_io;
const struct cg_ctl ctl_io = { "io", "blkio", true, asked, plan_v1, plan_v2 };
