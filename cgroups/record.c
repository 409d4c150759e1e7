/* SPDX-License-Identifier: Apache-2.0 */
/* What will be made, known before it is: a crash right after leaves something to clean up by. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "cgroups/tree.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"

/* 1 it is there, 0 it is not, or negative */
static int exists(const char *path)
{
	if (access(path, F_OK) == 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

/* Directories between the mount and the leaf that are not there yet. */
static int missing_parents(const struct cg_target *t, struct arena *a)
{
	char *path = arena_strdup(a, t->path);
	size_t top = strlen(path) - strlen(t->dir);
	int missing = 0;

	for (;;) {
		char *slash = strrchr(path, '/');

		if (!slash || (size_t)(slash - path) <= top)
			return missing;
		*slash = 0;

		int r = exists(path);

		if (r)
			return r < 0 ? r : missing;
		missing++;
	}
}

int cg_intend(const struct cg_plan *p, struct arena *a, struct cg_record *r, struct err *e)
{
	r->v = arena_array(a, p->n, sizeof(*r->v));
	r->n = p->n;
	for (size_t i = 0; i < p->n; i++) {
		const struct cg_target *t = &p->v[i];
		struct cg_place *place = &r->v[i];
		int there = exists(t->path), parents = there ? 0 : missing_parents(t, a);

		if (there < 0 || parents < 0)
			return cg_fail(e, there < 0 ? -there : -parents, "look for cgroup %s",
				       t->path);
		place->path = t->path;
		place->controllers = t->h->controllers;
		place->v2 = t->h->v2;
		place->made = !there;
		place->made_parents = (unsigned)parents;
	}
	return 0;
}
