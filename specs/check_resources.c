/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "specs/check_in.h"
#include "specs/spec.h"

static void check_amount(struct check *c, const char *key, int64_t v)
{
	if (v != UNSET_I64 && v < -1)
		bad(at(c, "/memory/%s", key), "%" PRId64 " is no size; bytes, or -1 for no limit",
		    v);
}

static void check_memory(struct check *c, const struct memory_spec *m)
{
	check_amount(c, "limit", m->limit);
	check_amount(c, "reservation", m->reservation);
	check_amount(c, "swap", m->swap);
	check_amount(c, "kernel", m->kernel);
	check_amount(c, "kernelTCP", m->kernel_tcp);
	if (m->swappiness != UNSET_U64 && m->swappiness > 100)
		bad(at(c, "/memory/swappiness"),
		    "%" PRIu64 " is out of range: 0 to 100 are allowed", m->swappiness);
	if (m->limit > 0 && m->swap > 0 && m->swap < m->limit)
		bad(at(c, "/memory/swap"),
		    "%" PRId64 " is below the limit %" PRId64 ": it is memory and swap together",
		    m->swap, m->limit);
	if (m->limit > 0 && m->reservation > m->limit)
		bad(at(c, "/memory/reservation"),
		    "%" PRId64 " is above the limit %" PRId64 "; it can be at most that",
		    m->reservation, m->limit);
}

/* min and max of the kernel's cpu bandwidth control, in microseconds */
enum { CPU_QUOTA_MIN = 1000, CPU_PERIOD_MIN = 1000, CPU_PERIOD_MAX = 1000000 };

static void check_cpu(struct check *c, const struct cpu_spec *p)
{
	if (p->quota != UNSET_I64 && p->quota > 0 && p->quota < CPU_QUOTA_MIN)
		bad(at(c, "/cpu/quota"),
		    "%" PRId64 " is too small; at least %d microseconds, or -1 for no limit",
		    p->quota, CPU_QUOTA_MIN);
	if (p->period != UNSET_U64 && p->period &&
	    (p->period < CPU_PERIOD_MIN || p->period > CPU_PERIOD_MAX))
		bad(at(c, "/cpu/period"),
		    "%" PRIu64 " is out of range: %d to %d microseconds are allowed", p->period,
		    CPU_PERIOD_MIN, CPU_PERIOD_MAX);
	if (p->burst != UNSET_U64 && p->quota > 0 && p->burst > (uint64_t)p->quota)
		bad(at(c, "/cpu/burst"),
		    "%" PRIu64 " is above the quota %" PRId64 "; it can be at most that", p->burst,
		    p->quota);
	if (p->rt_runtime > 0 && p->rt_period != UNSET_U64 && p->rt_period &&
	    (uint64_t)p->rt_runtime > p->rt_period)
		bad(at(c, "/cpu/realtimeRuntime"),
		    "%" PRId64 " is above the period %" PRIu64 "; it can be at most that",
		    p->rt_runtime, p->rt_period);
	if (p->idle != UNSET_I64 && p->idle != 0 && p->idle != 1)
		bad(at(c, "/cpu/idle"), "%" PRId64 " is out of range: 0 or 1 are allowed", p->idle);
	if (p->cpus && !is_cpu_list(p->cpus))
		bad(at(c, "/cpu/cpus"), "'%.64s' is no list of processors; \"0-3,7\" is one",
		    p->cpus);
	if (p->mems && !is_cpu_list(p->mems))
		bad(at(c, "/cpu/mems"), "'%.64s' is no list of memory nodes; \"0-1\" is one",
		    p->mems);
}

enum { WEIGHT_MIN = 10, WEIGHT_MAX = 1000 };

static void check_weight(struct check *c, const char *object, const char *key, unsigned weight)
{
	/* below 10 two peers compute a weight of 18633074821928790 */
	if (weight && (weight < WEIGHT_MIN || weight > WEIGHT_MAX))
		bad(at(c, "%s/%s", object, key), "%u is out of range: %d to %d are allowed", weight,
		    WEIGHT_MIN, WEIGHT_MAX);
}

static void check_blkio(struct check *c, const struct blkio_spec *b)
{
	check_weight(c, "/blockIO", "weight", b->weight);
	check_weight(c, "/blockIO", "leafWeight", b->leaf_weight);
	for (size_t i = 0; i < b->nweight_dev; i++) {
		const struct blkio_weight_dev *d = &b->weight_dev[i];
		char object[64];

		snprintf(object, sizeof(object), "/blockIO/weightDevice/%zu", i);
		if (!d->weight && !d->leaf_weight)
			bad(at(c, "%s", object),
			    "has neither weight nor leafWeight; at least one is required");
		check_weight(c, object, "weight", d->weight);
		check_weight(c, object, "leafWeight", d->leaf_weight);
	}
}

/* "2MB": as the files of the hugetlb controller are called */
static bool is_page_size(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && n < 10 && *s != '0' && s[n] && strchr("KMG", s[n]) && !strcmp(s + n + 1, "B");
}

static void check_hugepages(struct check *c, const struct resources *r)
{
	for (size_t i = 0; i < r->nhugepages; i++) {
		const char *size = r->hugepages[i].page_size;

		if (!size || !is_page_size(size)) {
			bad(at(c, "/hugepageLimits/%zu/pageSize", i),
			    "'%.64s' is no page size; \"2MB\" and \"1GB\" are", size ? size : "");
			continue;
		}
		for (size_t j = 0; j < i; j++)
			if (r->hugepages[j].page_size && !strcmp(r->hugepages[j].page_size, size))
				bad(at(c, "/hugepageLimits/%zu/pageSize", i),
				    "%s is listed twice; keep one of them", size);
	}
}

static void check_unified(struct check *c, const struct kvs *unified)
{
	for (size_t i = 0; i < unified->n; i++) {
		const char *key = unified->v[i].key;

		/* a '/' would name a file of another cgroup */
		if (strchr(key, '/'))
			bad(at_key(c, "/unified", key),
			    "has a '/'; the name of a file in the cgroup belongs here");
		else if (!strchr(key, '.') || *key == '.')
			bad(at_key(c, "/unified", key),
			    "is no file of a controller; \"memory.high\" is one");
	}
}

void check_resources(struct check *c, const struct resources *r)
{
	check_memory(c, &r->memory);
	check_cpu(c, &r->cpu);
	check_blkio(c, &r->blkio);
	check_hugepages(c, r);
	check_unified(c, &r->unified);
	if (r->pids_limit != UNSET_I64 && r->pids_limit < -1)
		bad(at(c, "/pids/limit"), "%" PRId64 " is no number of processes; -1 is no limit",
		    r->pids_limit);
	for (size_t i = 0; i < r->nnet_prio; i++)
		if (!r->net_prio[i].name || !*r->net_prio[i].name)
			bad(at(c, "/network/priorities/%zu/name", i),
			    "is empty; the name of an interface belongs here");
	for (size_t i = 0; i < r->nrdma; i++)
		if (r->rdma[i].handles == UNSET_U32 && r->rdma[i].objects == UNSET_U32)
			bad(at_key(c, "/rdma", r->rdma[i].device),
			    "has neither hcaHandles nor hcaObjects; at least one is required");
}
