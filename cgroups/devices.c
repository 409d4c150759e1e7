/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroups/devices.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "runtime/base/arena.h"
#include "specs/faults.h"
#include "specs/spec.h"

/* Every container may have these (the OCI default devices, ptys, and tun for VPNs). */
static const struct dev_rule defaults[] = {
	{ true, 'c', -1, -1, DEV_MKNOD }, { true, 'b', -1, -1, DEV_MKNOD },
	{ true, 'c', 1, 3, DEV_ALL },     { true, 'c', 1, 5, DEV_ALL },
	{ true, 'c', 1, 7, DEV_ALL },     { true, 'c', 1, 8, DEV_ALL },
	{ true, 'c', 1, 9, DEV_ALL },     { true, 'c', 5, 0, DEV_ALL },
	{ true, 'c', 5, 2, DEV_ALL },     { true, 'c', 136, -1, DEV_ALL },
	{ true, 'c', 10, 200, DEV_ALL },
};

static bool for_everything(const struct dev_rule *r)
{
	return r->type == 'a' && r->major == -1 && r->minor == -1 && r->access == DEV_ALL;
}

/* Does a match every device that b matches? */
static bool covers(const struct dev_rule *a, const struct dev_rule *b)
{
	return a->type == b->type && (a->major == -1 || a->major == b->major) &&
	       (a->minor == -1 || a->minor == b->minor);
}

/* Is there a device that both match? */
static bool meets(const struct dev_rule *a, const struct dev_rule *b)
{
	return a->type == b->type && (a->major == -1 || b->major == -1 || a->major == b->major) &&
	       (a->minor == -1 || b->minor == -1 || a->minor == b->minor);
}

/* One rule, or two for type 'a', behind what is there. */
static void append(struct dev_rules *l, const struct dev_rule *r)
{
	struct dev_rule rule = *r;

	if (for_everything(r)) {
		l->n = 0;
		l->allow = r->allow;
		return;
	}
	for (const char *type = r->type == 'a' ? "bc" : (char[]){ r->type, 0 }; *type; type++) {
		rule.type = *type;
		l->v[l->n++] = rule;
	}
}

/* Take out the bits that a later rule decides anyway, and rules that have none left. */
static void drop_overruled(struct dev_rules *l)
{
	size_t kept = l->n;

	for (size_t i = l->n; i-- > 0;) {
		struct dev_rule r = l->v[i];

		for (size_t k = kept; k < l->n; k++)
			if (covers(&l->v[k], &r))
				r.access &= ~l->v[k].access;
		if (r.access)
			l->v[--kept] = r;
	}
	memmove(l->v, l->v + kept, (l->n - kept) * sizeof(*l->v));
	l->n -= kept;
}

void dev_rules_of(const struct dev_rule *v, size_t n, struct arena *a, struct dev_rules *out)
{
	out->v = arena_array(a, 2 * (n + ARRAY_SIZE(defaults)), sizeof(*out->v));
	out->n = 0;
	out->allow = false;
	for (size_t i = 0; i < n; i++)
		append(out, &v[i]);
	if (out->allow && !out->n)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		append(out, &defaults[i]);
	drop_overruled(out);
}

/* The list of exceptions has one entry per (type, major, minor), as the kernel keeps it. */
static void except(struct dev_rules *l, const struct dev_rule *r)
{
	for (size_t i = 0; i < l->n; i++) {
		struct dev_rule *old = &l->v[i];

		if (covers(old, r) && covers(r, old)) {
			old->access |= r->access;
			return;
		}
	}
	l->v[l->n++] = *r;
}

static bool is_default(const struct dev_rule *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (r->allow && covers(&defaults[i], r) && covers(r, &defaults[i]))
			return true;
	return false;
}

long dev_rules_flatten(const struct dev_rules *r, struct arena *a, struct dev_rules *out)
{
	out->v = arena_array(a, r->n ? r->n : 1, sizeof(*out->v));
	out->n = 0;
	out->allow = r->allow;
	for (size_t i = 0; i < r->n; i++) {
		const struct dev_rule *rule = &r->v[i];

		if (rule->allow != r->allow) {
			except(out, rule);
			continue;
		}
		/* back to the default: only whole exceptions can be taken away again */
		for (size_t k = 0; k < out->n; k++) {
			struct dev_rule *x = &out->v[k];

			if (!(x->access & rule->access) || !meets(rule, x))
				continue;
			if (covers(rule, x))
				x->access &= ~rule->access;
			else if (!is_default(rule))
				return (long)i;
		}
	}

	size_t n = 0;

	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].access)
			out->v[n++] = out->v[i];
	out->n = n;
	return -1;
}

/* "c 1:3 rwm", "b *:* m" */
static void put_v1(struct cg_put *p, const char *file, const struct dev_rule *r, unsigned flags)
{
	char major[24] = "*", minor[24] = "*", access[4], *to = access;

	if (r->major != -1)
		snprintf(major, sizeof(major), "%" PRId64, r->major);
	if (r->minor != -1)
		snprintf(minor, sizeof(minor), "%" PRId64, r->minor);
	if (r->access & DEV_READ)
		*to++ = 'r';
	if (r->access & DEV_WRITE)
		*to++ = 'w';
	if (r->access & DEV_MKNOD)
		*to++ = 'm';
	*to = 0;
	cg_put(p, file, "%c %s:%s %s", r->type, major, minor, access)->flags = flags;
}

static void plan_v1(struct cg_put *p, const struct dev_rules *rules, unsigned flags)
{
	struct dev_rules flat;
	long bad = dev_rules_flatten(rules, p->a, &flat);

	if (bad >= 0) {
		fault_add(p->f, FAULT_UNSUPPORTED, "/linux/resources/devices",
			  "a rule for '%c %" PRId64 ":%" PRId64
			  "' takes out a part of what an earlier rule covers: the device lists of "
			  "cgroup v1 cannot express that",
			  rules->v[bad].type, rules->v[bad].major, rules->v[bad].minor);
		return;
	}
	/* A new cgroup has its parent's list; where everything is allowed that is right already. */
	cg_put(p, flat.allow ? "devices.allow" : "devices.deny", "a")->flags = flags;
	for (size_t i = 0; i < flat.n; i++)
		put_v1(p, flat.allow ? "devices.deny" : "devices.allow", &flat.v[i], flags);
}

static bool rule_ok(const struct dev_rule *r, size_t i, struct arena *a, struct faults *f)
{
	const char *wrong = NULL;

	if (r->type != 'a' && r->type != 'b' && r->type != 'c')
		wrong = "type is none of a, b, c";
	else if (r->major < -1 || r->major > UINT32_MAX || r->minor < -1 || r->minor > UINT32_MAX)
		wrong = "major and minor are -1 or a device number";
	else if (!r->access || r->access > DEV_ALL)
		wrong = "access is made of r, w and m";
	if (wrong)
		fault_add(f, FAULT_INVALID, arena_printf(a, "/linux/resources/devices/%zu", i),
			  "%s", wrong);
	return !wrong;
}

/* Where the v1 device hierarchy is mounted it is the one; a v2 cgroup runs programs everywhere. */
static struct cg_target *target_of(struct cg_plan *p)
{
	struct cg_target *v2 = NULL;

	for (size_t i = 0; i < p->n; i++) {
		if (!p->v[i].h->v2 && cg_has_word(p->v[i].h->controllers, ',', "devices"))
			return &p->v[i];
		if (p->v[i].h->v2)
			v2 = &p->v[i];
	}
	return v2;
}

void cg_plan_devices(const struct spec *s, struct cg_plan *p, struct arena *a, struct faults *f)
{
	size_t n = s->has_resources ? s->resources.ndevices : 0;
	struct cg_target *t = target_of(p);
	struct cg_put put = { .r = &s->resources, .t = t, .a = a, .f = f };
	/* Without resources a cgroup that is there already is joined as it is (L21). */
	unsigned flags = s->has_resources ? 0 : CGW_MADE;
	struct dev_rules rules;
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		ok = rule_ok(&s->resources.devices[i], i, a, f) && ok;
	if (!ok || !p->n)
		return;
	if (!t) {
		if (n)
			fault_add(f, FAULT_UNSUPPORTED, "/linux/resources/devices",
				  "neither the cgroup v1 controller \"devices\" nor cgroup v2 is "
				  "mounted here");
		return;
	}
	dev_rules_of(s->resources.devices, n, a, &rules);
	if (!t->h->v2) {
		plan_v1(&put, &rules, flags);
		return;
	}
	if (rules.allow && !rules.n)
		return;
	if (dev_compile(&rules, a, &p->dev_insns, &p->ndev_insns) < 0)
		fault_add(f, FAULT_UNSUPPORTED, "/linux/resources/devices", "too many rules");
	p->dev_target = (size_t)(t - p->v);
	p->dev_flags = flags;
}
