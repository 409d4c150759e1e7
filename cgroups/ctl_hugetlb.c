/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cgroups/plan.h"
#include "runtime/base/arena.h"
#include "specs/faults.h"
#include "specs/spec.h"

static const char *asked(const struct resources *r)
{
	return r->nhugepages ? "/linux/resources/hugepageLimits" : NULL;
}

/* It becomes part of a file name: nothing but "64KB", "2MB", "1GB". */
static bool size_ok(const char *s)
{
	size_t digits = s ? strspn(s, "0123456789") : 0;

	return digits && digits < 8 && s[0] != '0' && strchr("KMG", s[digits]) && s[digits] &&
	       !strcmp(s + digits + 1, "B");
}

/*
 * The limit on pages in use, and the one on pages reserved by mmap (Linux 5.7): with the first
 * alone a container gets SIGBUS where it should get ENOMEM.
 */
static void plan(struct cg_put *p, const char *suffix)
{
	for (size_t i = 0; i < p->r->nhugepages; i++) {
		const struct hugepage_spec *h = &p->r->hugepages[i];

		if (!size_ok(h->page_size)) {
			fault_add(p->f, FAULT_INVALID,
				  arena_printf(p->a, "/linux/resources/hugepageLimits/%zu/pageSize",
					       i),
				  "'%s' is not a page size like '2MB'",
				  h->page_size ? h->page_size : "");
			continue;
		}
		cg_put(p, arena_printf(p->a, "hugetlb.%s.%s", h->page_size, suffix), "%" PRIu64,
		       h->limit);
		cg_put(p, arena_printf(p->a, "hugetlb.%s.rsvd.%s", h->page_size, suffix),
		       "%" PRIu64, h->limit)
			->flags = CGW_OPTIONAL;
	}
}

static void plan_v1(struct cg_put *p)
{
	plan(p, "limit_in_bytes");
}

static void plan_v2(struct cg_put *p)
{
	plan(p, "max");
}

extern const struct cg_ctl ctl_hugetlb;
const struct cg_ctl ctl_hugetlb = { "hugetlb", "hugetlb", false, asked, plan_v1, plan_v2 };
