/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroups/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "specs/faults.h"
#include "specs/spec.h"

#define X(name) extern const struct cg_ctl ctl_##name;
#include "ctl.def"
#undef X

const struct cg_ctl *const cg_ctls[] = {
#define X(name) &ctl_##name,
#include "ctl.def"
#undef X
};
const size_t cg_nctls = ARRAY_SIZE(cg_ctls);

bool cg_has_word(const char *list, char sep, const char *name)
{
	const char stop[2] = { sep, 0 };
	size_t want = strlen(name);

	while (*list) {
		size_t len = strcspn(list, stop);

		if (len == want && !memcmp(list, name, len))
			return true;
		list += len + (list[len] == sep);
	}
	return false;
}

struct cg_write *cg_put(struct cg_put *p, const char *file, const char *value, ...)
{
	struct cg_target *t = p->t;
	char text[512];
	va_list ap;

	/* room doubles: 8, 16, 32, ... */
	if (t->nwrites == 0 || (t->nwrites >= 8 && !(t->nwrites & (t->nwrites - 1)))) {
		struct cg_write *v = arena_array(p->a, t->nwrites ? 2 * t->nwrites : 8, sizeof(*v));

		if (t->nwrites)
			memcpy(v, t->writes, t->nwrites * sizeof(*v));
		t->writes = v;
	}
	va_start(ap, value);
	vsnprintf(text, sizeof(text), value, ap);
	va_end(ap);

	struct cg_write *w = &t->writes[t->nwrites++];

	w->file = file;
	w->value = arena_strdup(p->a, text);
	return w;
}

/* v2 knows only what is in cgroup.controllers; v1 hierarchies are named after theirs. */
static struct cg_target *target_of(const struct cg_ctl *ctl, struct cg_plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct cg_hierarchy *h = p->v[i].h;

		if (h->v2 && cg_has_word(h->controllers, ' ', ctl->name))
			return &p->v[i];
		if (!h->v2 && ctl->v1 && cg_has_word(h->controllers, ',', ctl->v1))
			return &p->v[i];
	}
	return NULL;
}

static void plan_controllers(const struct spec *s, struct cg_plan *p, struct arena *a,
			     struct faults *f)
{
	for (size_t i = 0; i < cg_nctls; i++) {
		const struct cg_ctl *ctl = cg_ctls[i];
		const char *asked = s->has_resources ? ctl->asked(&s->resources) : NULL;
		struct cg_target *t = target_of(ctl, p);
		struct cg_put put = { .r = &s->resources, .t = t, .a = a, .f = f };

		if (t && t->h->v2 && ctl->stats)
			strv_add(&t->want, a, ctl->name);
		if (!asked)
			continue;
		if (!t) {
			fault_add(f, FAULT_UNSUPPORTED, asked,
				  ctl->plan_v2
					  ? "the cgroup controller \"%s\" is not available here"
					  : "needs the cgroup v1 controller \"%s\", which is not "
					    "mounted here (cgroup v2 has none)",
				  ctl->name);
		} else if (t->h->v2) {
			strv_add(&t->need, a, ctl->name);
			ctl->plan_v2(&put);
		} else {
			ctl->plan_v1(&put);
		}
	}
}

/* The hierarchies that are there to be used, and the directory in each. */
static void plan_targets(const struct spec *s, const struct cg_layout *l, const struct cg_ctx *ctx,
			 struct cg_plan *p, struct arena *a, struct faults *f)
{
	p->v = arena_array(a, l->n, sizeof(*p->v));
	for (size_t i = 0; i < l->n; i++) {
		const struct cg_hierarchy *h = &l->v[i];
		struct cg_target *t = &p->v[p->n];

		if (h->ro)
			continue;
		t->h = h;
		t->dir = cg_path(s, h, ctx, a, f);
		if (!t->dir)
			return;
		t->path =
			!strcmp(h->mount, "/") ? t->dir : arena_printf(a, "%s%s", h->mount, t->dir);
		p->n++;
	}
}

int cg_plan(const struct spec *s, const struct cg_layout *l, const struct cg_ctx *ctx,
	    struct arena *a, struct cg_plan **out, struct faults *f, struct err *e)
{
	struct cg_plan *p = arena_alloc(a, sizeof(*p));
	size_t before = f->errors;

	*out = p;
	p->rootless = ctx->rootless;
	p->chown = ctx->chown;
	p->owner = ctx->owner;
	p->check_limit = -1;
	if (ctx->manager != CG_DISABLED)
		plan_targets(s, l, ctx, p, a, f);
	if (f->errors > before)
		return 0;
	if (!p->n && ctx->manager != CG_DISABLED && !ctx->rootless) {
		err_text(e, ENODEV, "no cgroup file system is mounted that can be written to");
		return err_hint(e, "mount one, or go without: --cgroup-manager disabled");
	}
	plan_controllers(s, p, a, f);
	if (s->has_resources)
		cg_plan_unified(s, p, a, f);
	if (s->has_resources && s->resources.memory.check_before_update &&
	    s->resources.memory.limit > 0)
		p->check_limit = s->resources.memory.limit;
	/* The device controller belongs to the initial user namespace's root alone. */
	if (!ctx->rootless)
		cg_plan_devices(s, p, a, f);
	return 0;
}

/* "memory:/x", "unified:/x" */
static void print_place(const struct cg_target *t, FILE *out)
{
	fprintf(out, "%s:%s", t->h->v2 ? "unified" : t->h->controllers, t->dir);
}

static void print_write(const struct cg_target *t, const struct cg_write *w, FILE *out)
{
	fprintf(out, "cgroup write ");
	print_place(t, out);
	fprintf(out, " %s %s", w->file, w->value);
	if (w->or_file)
		fprintf(out, " or %s %s", w->or_file, w->or_value);
	fputc('\n', out);
}

void cg_print(const struct cg_plan *p, FILE *out)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct cg_target *t = &p->v[i];

		fprintf(out, "cgroup make ");
		print_place(t, out);
		if (p->chown && t->h->v2)
			fprintf(out, " owner %u", (unsigned)p->owner);
		fputc('\n', out);
		for (size_t k = 0; k < t->need.n; k++)
			fprintf(out, "cgroup enable %s\n", t->need.v[k]);
		for (size_t k = 0; k < t->nwrites; k++)
			print_write(t, &t->writes[k], out);
	}
	if (p->dev_insns) {
		fprintf(out, "cgroup devices ");
		print_place(&p->v[p->dev_target], out);
		fprintf(out, " program of %zu instructions\n", p->ndev_insns);
	}
}
