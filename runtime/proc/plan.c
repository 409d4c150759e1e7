/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <linux/mempolicy.h>
#include <linux/seccomp.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/parts.h"
#include "runtime/proc/seccomp.h"
#include "specs/faults.h"

/* More than any kernel is built with: NR_CPUS is at most 8192, nodes are at most 1024. */
enum { CPUS_MAX = 65536, NODES_MAX = 65536 };

struct planner {
	const struct spec *s;
	const struct process_spec *p;
	const char *prefix; /* of JSON pointers to the process: "/process", or "" for exec's */
	struct arena *a;
	struct faults *f;
	struct proc_plan *out;
};

static void plan_cpus(const struct planner *pl, const char *field, const char *list,
		      cpu_set_t **set, size_t *size)
{
	unsigned long *mask, bits;

	*set = NULL;
	if (!list)
		return;
	if (!list_parse(list, CPUS_MAX, pl->a, &mask, &bits)) {
		fault_add(pl->f, FAULT_INVALID,
			  arena_printf(pl->a, "%s/execCPUAffinity/%s", pl->prefix, field),
			  "\"%s\" is not a list of CPUs such as \"0-3,7\"", list);
		return;
	}
	*set = (cpu_set_t *)mask;
	*size = CPU_ALLOC_SIZE(bits);
}

/* The kernel refuses these too, but only after the container is half made. */
static void plan_nodes(const struct planner *pl, const struct mempolicy_spec *m)
{
	bool none = m->mode == MPOL_DEFAULT || m->mode == MPOL_LOCAL;
	bool given = m->nodes && *m->nodes;
	struct proc_plan *out = pl->out;

	if (none && given)
		fault_add(pl->f, FAULT_INVALID, "/linux/memoryPolicy/nodes",
			  "this mode takes no nodes");
	/* MPOL_PREFERRED without nodes is the local node */
	if (!none && !given && m->mode != MPOL_PREFERRED)
		fault_add(pl->f, FAULT_INVALID, "/linux/memoryPolicy/nodes",
			  "this mode needs at least one node");
	if (none || !given)
		return;
	if (!list_parse(m->nodes, NODES_MAX, pl->a, &out->mempolicy, &out->mempolicy_bits))
		fault_add(pl->f, FAULT_INVALID, "/linux/memoryPolicy/nodes",
			  "\"%s\" is not a list of nodes such as \"0-3,7\"", m->nodes);
}

static void plan_mempolicy(const struct planner *pl)
{
	const struct mempolicy_spec *m = &pl->s->mempolicy;

	pl->out->mempolicy_set = m->set;
	if (!m->set)
		return;
	pl->out->mempolicy_mode = m->mode | (int)m->flags;
	plan_nodes(pl, m);
}

static bool mapped(const struct id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].container_id && id - maps->v[i].container_id < maps->v[i].size)
			return true;
	return false;
}

static void check_id(const struct planner *pl, const struct id_maps *maps, const char *field,
		     uint32_t id)
{
	const char *at = arena_printf(pl->a, "%s/user/%s", pl->prefix, field);

	if (id == UINT32_MAX)
		fault_add(pl->f, FAULT_INVALID, at, "%u is no id", id);
	else if (pl->s->ns[NS_USER].mode == NS_NEW && maps->n && !mapped(maps, id))
		fault_add(pl->f, FAULT_INVALID, at, "%u is not mapped in the user namespace", id);
}

static void plan_user(const struct planner *pl)
{
	const struct user_spec *u = &pl->p->user;
	const char *keep = spec_annotation(pl->s, "run.oci.keep_original_groups");

	check_id(pl, &pl->s->uid_maps, "uid", u->uid);
	check_id(pl, &pl->s->gid_maps, "gid", u->gid);
	for (size_t i = 0; i < u->ngroups; i++)
		check_id(pl, &pl->s->gid_maps, arena_printf(pl->a, "additionalGids/%zu", i),
			 u->groups[i]);
	/* NGROUPS_MAX of the kernel */
	if (u->ngroups > 65536)
		fault_add(pl->f, FAULT_INVALID,
			  arena_printf(pl->a, "%s/user/additionalGids", pl->prefix),
			  "%zu groups: the kernel takes 65536", u->ngroups);
	pl->out->keep_groups = keep && !strcmp(keep, "1");
}

static void plan_rlimits(const struct planner *pl)
{
	for (size_t i = 0; i < pl->p->nrlimits; i++) {
		const struct rlimit_spec *l = &pl->p->rlimits[i];

		if (l->soft > l->hard)
			fault_add(pl->f, FAULT_INVALID,
				  arena_printf(pl->a, "%s/rlimits/%zu", pl->prefix, i),
				  "%s: soft limit %llu is above the hard limit %llu",
				  rlimit_name(l->resource), (unsigned long long)l->soft,
				  (unsigned long long)l->hard);
	}
}

static bool has_notify(const struct seccomp_spec *s)
{
	uint32_t mask = SECCOMP_RET_ACTION_FULL;

	if ((s->default_action & mask) == SECCOMP_RET_USER_NOTIF)
		return true;
	for (size_t i = 0; i < s->nrules; i++)
		if ((s->rules[i].action & mask) == SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}

static int plan_seccomp(const struct planner *pl, struct err *e)
{
	const struct seccomp_spec *s = &pl->s->seccomp;
	struct proc_plan *out = pl->out;

	if (!s->set)
		return 0;
	out->seccomp_notify = has_notify(s);
	out->seccomp_flags = s->flags_set ? s->flags : SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	/* One thread: nothing to synchronize, and the kernel refuses it beside a listener. */
	out->seccomp_flags &= ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
	if (out->seccomp_notify)
		out->seccomp_flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	else
		out->seccomp_flags &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	return seccomp_compile(s, pl->a, &out->seccomp, pl->f, e);
}

int proc_plan(const struct spec *s, const struct process_spec *p, struct arena *a,
	      struct proc_plan *out, struct faults *f, struct err *e)
{
	struct planner pl = { .s = s, .p = p, .a = a, .f = f, .out = out };

	pl.prefix = p == &s->process ? "/process" : "";
	*out = (struct proc_plan){ .p = p, .new_keyring = true, .personality = s->personality };
	caps_plan(&p->caps, pl.prefix, a, &out->caps, f);
	plan_user(&pl);
	plan_rlimits(&pl);
	plan_mempolicy(&pl);
	plan_cpus(&pl, "initial", p->cpu_initial, &out->cpu_initial, &out->cpu_initial_size);
	plan_cpus(&pl, "final", p->cpu_final, &out->cpu_final, &out->cpu_final_size);
	return plan_seccomp(&pl, e);
}
