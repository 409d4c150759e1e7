/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <linux/seccomp.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/parts.h"
#include "runtime/proc/seccomp.h"
#include "specs/faults.h"

/* More than any kernel is built with: NR_CPUS is at most 8192, nodes are at most 1024. */
enum { CPUS_MAX = 65536, NODES_MAX = 65536 };

/* NGROUPS_MAX of the kernel */
enum { GROUPS_MAX = 65536 };

struct planner {
	const struct spec *s;
	const struct process_spec *p;
	const char *prefix; /* of JSON pointers to the process: "/process", or "" for exec's */
	struct arena *a;
	struct faults *f;
	struct proc_plan *out;
};

/*
 * spec_check() has looked at lists too, so where it found this fault already there is nothing to
 * say twice. NULL and a fault when text is no list.
 */
static unsigned long *plan_list(const struct planner *pl, const char *pointer, const char *text,
				unsigned max, unsigned long *bits)
{
	unsigned long *mask;

	if (list_parse(text, max, pl->a, &mask, bits))
		return mask;
	for (size_t i = 0; i < pl->f->n; i++)
		if (pl->f->v[i].kind != FAULT_WARNING && !strcmp(pl->f->v[i].pointer, pointer))
			return NULL;
	fault_add(pl->f, FAULT_INVALID, pointer, "'%.64s' is no list; \"0-3,7\" is one", text);
	return NULL;
}

static void plan_cpus(const struct planner *pl, const char *field, const char *list,
		      cpu_set_t **set, size_t *size)
{
	unsigned long bits = 0;

	if (!list)
		return;
	*set = (cpu_set_t *)plan_list(
		pl, arena_printf(pl->a, "%s/execCPUAffinity/%s", pl->prefix, field), list, CPUS_MAX,
		&bits);
	*size = CPU_ALLOC_SIZE(bits);
}

static void plan_mempolicy(const struct planner *pl)
{
	const struct mempolicy_spec *m = &pl->s->mempolicy;
	struct proc_plan *out = pl->out;

	out->mempolicy_set = m->set;
	if (!m->set)
		return;
	out->mempolicy_mode = m->mode | (int)m->flags;
	if (m->nodes)
		out->mempolicy = plan_list(pl, "/linux/memoryPolicy/nodes", m->nodes, NODES_MAX,
					   &out->mempolicy_bits);
}

static void check_mapped(const struct planner *pl, const struct id_maps *maps, const char *field,
			 uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].container_id && id - maps->v[i].container_id < maps->v[i].size)
			return;
	fault_add(pl->f, FAULT_INVALID, arena_printf(pl->a, "%s/user/%s", pl->prefix, field),
		  "%u is not mapped in the user namespace of the container", id);
}

/* The ids of the container's own process are spec_check()'s; exec's meet the maps only here. */
static void check_exec_ids(const struct planner *pl)
{
	const struct user_spec *u = &pl->p->user;
	const struct spec *s = pl->s;

	if (pl->p == &s->process || s->ns[NS_USER].mode != NS_NEW)
		return;
	check_mapped(pl, &s->uid_maps, "uid", u->uid);
	check_mapped(pl, &s->gid_maps, "gid", u->gid);
	for (size_t i = 0; i < u->ngroups; i++)
		check_mapped(pl, &s->gid_maps, arena_printf(pl->a, "additionalGids/%zu", i),
			     u->groups[i]);
}

static void plan_groups(const struct planner *pl)
{
	const char *keep = spec_annotation(pl->s, "run.oci.keep_original_groups");

	pl->out->keep_groups = keep && !strcmp(keep, "1");
	if (pl->p->user.ngroups > GROUPS_MAX)
		fault_add(pl->f, FAULT_INVALID,
			  arena_printf(pl->a, "%s/user/additionalGids", pl->prefix),
			  "%zu groups are too many; the kernel takes %d", pl->p->user.ngroups,
			  GROUPS_MAX);
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
	check_exec_ids(&pl);
	plan_groups(&pl);
	plan_mempolicy(&pl);
	plan_cpus(&pl, "initial", p->cpu_initial, &out->cpu_initial, &out->cpu_initial_size);
	plan_cpus(&pl, "final", p->cpu_final, &out->cpu_final, &out->cpu_final_size);
	return plan_seccomp(&pl, e);
}
