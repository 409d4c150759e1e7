/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/check_in.h"
#include "specs/spec.h"

/* UID_GID_MAP_MAX_EXTENTS, Linux 4.15 */
enum { MAP_LINES = 340 };

static bool overlap(uint32_t a, uint32_t an, uint32_t b, uint32_t bn)
{
	return (uint64_t)a < (uint64_t)b + bn && (uint64_t)b < (uint64_t)a + an;
}

static void check_map_line(struct check *c, const char *object, const struct id_maps *maps,
			   size_t i)
{
	const struct id_map *m = &maps->v[i];

	if (!m->size)
		bad(at(c, "%s/%zu/size", object, i), "0 maps nothing; at least 1 belongs here");
	/* the last id, (uid_t)-1, is none: the kernel refuses a range that reaches it */
	if ((uint64_t)m->container_id + m->size > UINT32_MAX ||
	    (uint64_t)m->host_id + m->size > UINT32_MAX)
		bad(at(c, "%s/%zu/size", object, i),
		    "%u ids from container %u, host %u end beyond the last id, 4294967294", m->size,
		    m->container_id, m->host_id);
	for (size_t j = 0; j < i; j++) {
		const struct id_map *o = &maps->v[j];

		if (overlap(m->container_id, m->size, o->container_id, o->size))
			bad(at(c, "%s/%zu/containerID", object, i),
			    "overlaps with line %zu of the same list; each container id is mapped "
			    "once",
			    j);
		if (overlap(m->host_id, m->size, o->host_id, o->size))
			bad(at(c, "%s/%zu/hostID", object, i),
			    "overlaps with line %zu of the same list; each host id is mapped once",
			    j);
	}
}

void check_id_maps(struct check *c, const char *object, const struct id_maps *maps)
{
	if (maps->n > MAP_LINES) {
		bad(at(c, "%s", object), "%zu lines are too many; the kernel takes %d", maps->n,
		    MAP_LINES);
		return;
	}
	for (size_t i = 0; i < maps->n; i++)
		check_map_line(c, object, maps, i);
}

static bool mapped(const struct id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].container_id &&
		    (uint64_t)id < (uint64_t)maps->v[i].container_id + maps->v[i].size)
			return true;
	return false;
}

static void check_mapped(struct check *c, const struct id_maps *maps, const char *what, uint32_t id)
{
	if (!mapped(maps, id))
		bad(c, "%s %u is not mapped in the user namespace; add it to /linux/%sMappings",
		    what, id, what);
}

static void check_process_ids(struct check *c, const struct spec *s)
{
	const struct user_spec *u = &s->process.user;

	if (!s->has_process)
		return;
	check_mapped(at(c, "/process/user/uid"), &s->uid_maps, "uid", u->uid);
	check_mapped(at(c, "/process/user/gid"), &s->gid_maps, "gid", u->gid);
	for (size_t i = 0; i < u->ngroups; i++)
		check_mapped(at(c, "/process/user/additionalGids/%zu", i), &s->gid_maps, "gid",
			     u->groups[i]);
}

void check_ids(struct check *c, const struct spec *s)
{
	const struct ns_spec *user = &s->ns[NS_USER];

	if (user->mode == NS_INHERIT) {
		if (s->uid_maps.n)
			bad(at(c, "/linux/uidMappings"),
			    "means nothing without a user namespace; add one to /linux/namespaces");
		if (s->gid_maps.n)
			bad(at(c, "/linux/gidMappings"),
			    "means nothing without a user namespace; add one to /linux/namespaces");
		return;
	}
	check_id_maps(c, "/linux/uidMappings", &s->uid_maps);
	check_id_maps(c, "/linux/gidMappings", &s->gid_maps);
	/* a joined namespace has its mappings already; those here may repeat them */
	if (user->mode == NS_JOIN)
		return;
	if (!s->uid_maps.n)
		bad(at(c, "/linux/uidMappings"),
		    "user namespaces enabled, but no uid mappings found; add at least one line");
	if (!s->gid_maps.n)
		bad(at(c, "/linux/gidMappings"),
		    "user namespaces enabled, but no gid mappings found; add at least one line");
	if (s->uid_maps.n && s->gid_maps.n)
		check_process_ids(c, s);
}
