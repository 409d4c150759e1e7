/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include "rootfs/mnt.h"
#include "rootfs/plan.h"
#include "runtime/base/arena.h"
#include "runtime/base/path.h"
#include "specs/faults.h"

/* What may stand on /proc beside a procfs: lxcfs gives these files a container's own numbers. */
static const char *const over_proc[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/uptime",
	"/proc/loadavg",
	"/proc/slabinfo",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/sys/crypto/fips_enabled",
};

static const char *pointer(struct arena *a, size_t i, const char *field)
{
	return arena_printf(a, "/mounts/%zu%s%s", i, *field ? "/" : "", field);
}

static void check_proc(const struct mnt *m, size_t i, struct arena *a, struct faults *f)
{
	if (!path_below(m->dest, "/proc"))
		return;
	if (!strcmp(m->dest, "/proc")) {
		/* A bind's content is looked at when it is mounted: it must be a procfs. */
		if (strcmp(m->type, "proc") != 0 && !(m->opts.flags & (MOPT_BIND | MOPT_REMOUNT)))
			fault_add(f, FAULT_INVALID, pointer(a, i, "type"),
				  "\"%s\" cannot be mounted on /proc because it is not a procfs",
				  m->type);
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(over_proc); k++)
		if (!strcmp(m->dest, over_proc[k]))
			return;
	if (!(m->opts.flags & MOPT_REMOUNT))
		fault_add(f, FAULT_INVALID, pointer(a, i, "destination"),
			  "\"%s\" cannot be mounted because it is inside /proc", m->dest);
}

static bool same_maps(const struct id_maps *x, const struct id_maps *y)
{
	return x->n == y->n && (!x->n || !memcmp(x->v, y->v, x->n * sizeof(*x->v)));
}

static void plan_idmap(struct rootfs_plan *p, size_t i, struct arena *a, struct faults *f)
{
	struct mnt *m = &p->mounts[i];

	if (!m->uid_maps.n != !m->gid_maps.n) {
		fault_add(f, FAULT_INVALID, pointer(a, i, ""),
			  "uidMappings and gidMappings go together: one is missing");
		return;
	}
	if (!m->uid_maps.n && !(m->opts.flags & MOPT_IDMAP))
		return;
	if (m->kind != &mnt_bind) {
		fault_add(f, FAULT_UNSUPPORTED, pointer(a, i, ""),
			  "id-mapped mounts are only possible for bind mounts");
		return;
	}
	if (m->uid_maps.n) {
		m->idmap = IDMAP_OWN;
		m->idmap_like = i;
		for (size_t k = i; k-- > 0;)
			if (p->mounts[k].idmap == IDMAP_OWN &&
			    same_maps(&p->mounts[k].uid_maps, &m->uid_maps) &&
			    same_maps(&p->mounts[k].gid_maps, &m->gid_maps))
				m->idmap_like = p->mounts[k].idmap_like;
	} else if (p->new_userns) {
		m->idmap = IDMAP_CONTAINER;
	} else {
		fault_add(f, FAULT_INVALID, pointer(a, i, ""),
			  "id-mapped mounts must have both uid and gid mappings specified, "
			  "or the container a user namespace");
	}
}

static const char *plan_source(const struct mount_spec *ms, const struct mnt *m,
			       const struct rootfs_ctx *ctx, size_t i, struct arena *a,
			       struct faults *f)
{
	if (m->kind != &mnt_bind && m->kind != &mnt_link)
		return ms->source && *ms->source ? ms->source : "none";
	if (!ms->source || !*ms->source) {
		fault_add(f, FAULT_INVALID, pointer(a, i, "source"), "a bind mount needs a source");
		return "none";
	}
	if (ms->source[0] == '/')
		return ms->source;
	return arena_printf(a, "%s/%s", ctx->bundle, ms->source);
}

static const struct mnt_kind *plan_kind(const struct mount_spec *ms)
{
	if (ms->opts.flags & MOPT_REMOUNT)
		return &mnt_remount;
	if (ms->opts.flags & MOPT_COPY_SYMLINK)
		return &mnt_link;
	if (ms->opts.flags & MOPT_BIND)
		return &mnt_bind;
	return mnt_kind_of(ms->type);
}

static void check_options(const struct mount_spec *ms, const struct mnt *m, size_t i,
			  struct arena *a, struct faults *f)
{
	if (!ms->type && !(ms->opts.flags & (MOPT_BIND | MOPT_REMOUNT | MOPT_COPY_SYMLINK)) &&
	    !(ms->opts.propagation))
		fault_add(f, FAULT_INVALID, pointer(a, i, "type"),
			  "missing: only a bind mount (option \"bind\" or \"rbind\") has no type");
	if (!(ms->opts.flags & (MOPT_BIND | MOPT_REMOUNT | MOPT_COPY_SYMLINK)) &&
	    (!strcmp(m->type, "bind") || !strcmp(m->type, "rbind")))
		fault_add(f, FAULT_INVALID, pointer(a, i, "options"),
			  "type \"%s\" needs the option \"bind\" or \"rbind\": no such device",
			  m->type);
	if ((m->kind == &mnt_bind || m->kind == &mnt_link) && m->data)
		fault_add(f, FAULT_INVALID, pointer(a, i, "options"),
			  "bind mounts cannot have any filesystem-specific options applied: \"%s\"",
			  m->data);
	if ((ms->opts.flags & MOPT_COPYUP) && strcmp(m->type, "tmpfs") != 0)
		fault_add(f, FAULT_INVALID, pointer(a, i, "options"),
			  "\"tmpcopyup\" is only possible with type \"tmpfs\"");
	if ((m->opts.attr_set & MOUNT_ATTR_RDONLY) && m->kind == &mnt_link)
		fault_add(f, FAULT_WARNING, pointer(a, i, "options"),
			  "\"ro\" has no meaning for a symlink that is copied");
}

static void plan_one(struct rootfs_plan *p, size_t i, const struct mount_spec *ms,
		     const struct rootfs_ctx *ctx, struct arena *a, struct faults *f)
{
	struct mnt *m = &p->mounts[i];
	const char *dest = ms->destination ? plan_clean_path(a, ms->destination) : NULL;

	m->kind = plan_kind(ms);
	m->type = ms->type ? ms->type : "none";
	m->opts = ms->opts;
	m->data = ms->data && *ms->data ? ms->data : NULL;
	m->uid_maps = ms->uid_maps;
	m->gid_maps = ms->gid_maps;
	m->dest = dest ? dest : "/";
	m->base = MNT_WALK;
	if (!dest)
		fault_add(f, FAULT_INVALID, pointer(a, i, "destination"),
			  "must be a path without \"..\"");
	else if (!strcmp(dest, "/") && m->kind != &mnt_remount)
		fault_add(f, FAULT_INVALID, pointer(a, i, "destination"),
			  "the root cannot be mounted over; root.path says what it is");
	m->source = plan_source(ms, m, ctx, i, a, f);
	m->cgroup = !strcmp(m->type, "cgroup") || !strcmp(m->type, "cgroup2");
	check_options(ms, m, i, a, f);
	if (dest)
		check_proc(m, i, a, f);
	plan_idmap(p, i, a, f);
}

/* Find the mount that will hold mount i; the last one whose place is above or the same. */
static void plan_base(struct rootfs_plan *p, size_t i)
{
	struct mnt *m = &p->mounts[i];

	if (m->kind == &mnt_remount || (m->opts.flags & MOPT_DEST_NOFOLLOW))
		return;
	for (size_t k = i; k-- > 0;) {
		struct mnt *b = &p->mounts[k];

		if (!path_below(m->dest, b->dest) || b->kind == &mnt_remount)
			continue;

		const char *rel = m->dest + strlen(b->dest) + 1;

		if (!strcmp(m->dest, b->dest))
			return;
		if (b->opts.attr_set & MOUNT_ATTR_RDONLY)
			b->late_ro = b->kind->holds == HOLDS_FRESH;
		if (b->kind->holds == HOLDS_NOTHING || (b->opts.flags & MOPT_COPYUP))
			return;
		if (b->kind->holds == HOLDS_FRESH && strchr(rel, '/'))
			return;
		b->keep = true;
		m->base = (int)k;
		m->rel = rel;
		return;
	}
	if (strchr(m->dest + 1, '/'))
		return;
	m->base = MNT_ROOT;
	m->rel = m->dest + 1;
}

static void keep(struct rootfs_plan *p, int i)
{
	struct mnt *m = i < 0 ? NULL : &p->mounts[i];

	if (!m || m->kind->holds == HOLDS_NOTHING)
		return;
	m->keep = true;
	if (m->kind->holds == HOLDS_FRESH && (m->opts.attr_set & MOUNT_ATTR_RDONLY))
		m->late_ro = true;
}

void mnt_plan(struct rootfs_plan *p, const struct spec *s, const struct rootfs_ctx *ctx,
	      struct arena *a, struct faults *f)
{
	p->mounts = arena_array(a, s->nmounts, sizeof(*p->mounts));
	p->nmounts = s->nmounts;
	p->first_cgroup = s->nmounts;
	for (size_t i = 0; i < s->nmounts; i++)
		plan_one(p, i, &s->mounts[i], ctx, a, f);
	for (size_t i = 0; i < p->nmounts; i++)
		plan_base(p, i);
	for (size_t i = p->nmounts; i-- > 0;)
		if (p->mounts[i].cgroup && !(p->mounts[i].opts.flags & (MOPT_BIND | MOPT_REMOUNT)))
			p->first_cgroup = i;
	p->dev_mount = plan_mount_at(p, "/dev");
	p->proc_mount = plan_mount_at(p, "/proc");
	keep(p, p->dev_mount);
	keep(p, p->proc_mount);
	for (size_t i = 0; i < p->nmounts; i++)
		if (p->mounts[i].late_ro)
			p->mounts[i].keep = true;
}
