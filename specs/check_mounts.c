/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/path.h"
#include "specs/check_in.h"
#include "specs/spec.h"

static bool is_type(const struct mount_spec *m, const char *type)
{
	return m->type && !strcmp(m->type, type);
}

static void check_paths(struct check *c, const struct mount_spec *m, size_t i)
{
	bool bind = m->opts.flags & MOPT_BIND, remount = m->opts.flags & MOPT_REMOUNT;

	if (!m->destination)
		bad(at(c, "/mounts/%zu/destination", i), "is required; an absolute path");
	else if (path_has_dotdot(m->destination))
		bad(at(c, "/mounts/%zu/destination", i),
		    "'%.200s' has a \"..\" in it; write the path that is meant", m->destination);
	if (bind && !remount && !m->source)
		bad(at(c, "/mounts/%zu/source", i),
		    "is required for a bind mount: the file or directory to show");
}

/* What is to be mounted at all: a file system, a bind, or only a change of what is there? */
static void check_type(struct check *c, const struct mount_spec *m, size_t i)
{
	if (m->opts.flags & (MOPT_BIND | MOPT_REMOUNT))
		return;
	if (is_type(m, "bind") || is_type(m, "rbind"))
		bad(at(c, "/mounts/%zu/options", i),
		    "the type is %s but no option says \"bind\" or \"rbind\"; add one of them",
		    m->type);
	else if ((!m->type || is_type(m, "none")) && !m->opts.propagation)
		bad(at(c, "/mounts/%zu/type", i),
		    "is required, as \"tmpfs\", or \"bind\" or \"rbind\" among the options");
}

static void check_idmap(struct check *c, const struct spec *s, const struct mount_spec *m, size_t i)
{
	const struct ns_spec *user = &s->ns[NS_USER];
	bool maps = m->uid_maps.n || m->gid_maps.n, asked = m->opts.flags & MOPT_IDMAP;
	char pointer[64];

	if (!maps && !asked)
		return;
	if (maps && (!m->uid_maps.n || !m->gid_maps.n))
		bad(at(c, "/mounts/%zu/%s", i, m->uid_maps.n ? "gidMappings" : "uidMappings"),
		    "id-mapped mounts must have both uid and gid mappings specified");
	if (!maps && (user->mode == NS_INHERIT || (user->mode == NS_NEW && !s->uid_maps.n)))
		bad(at(c, "/mounts/%zu/options", i), "id-mapped mounts must have both uid and gid "
						     "mappings specified, as there is no "
						     "user namespace to take them from");
	if (!(m->opts.flags & MOPT_BIND))
		unsupported(at(c, "/mounts/%zu/options", i),
			    "only bind mounts can be id-mapped; add \"bind\" or \"rbind\"");
	else if (m->opts.flags & MOPT_REMOUNT)
		bad(at(c, "/mounts/%zu/options", i),
		    "\"remount\" cannot map ids; a mount gets its mapping when it is made");
	snprintf(pointer, sizeof(pointer), "/mounts/%zu/uidMappings", i);
	check_id_maps(c, pointer, &m->uid_maps);
	snprintf(pointer, sizeof(pointer), "/mounts/%zu/gidMappings", i);
	check_id_maps(c, pointer, &m->gid_maps);
}

/* Options that say opposite things, or that the kind of mount cannot have. */
static void check_options(struct check *c, const struct mount_spec *m, size_t i)
{
	unsigned flags = m->opts.flags;
	bool bind = flags & MOPT_BIND, remount = flags & MOPT_REMOUNT;

	at(c, "/mounts/%zu/options", i);
	if (bind && m->data)
		bad(c,
		    "bind mounts cannot have any filesystem-specific options applied; remove "
		    "'%.200s'",
		    m->data);
	if ((flags & MOPT_COPYUP) && (bind || remount || !is_type(m, "tmpfs")))
		bad(c, "\"tmpcopyup\" fills a new tmpfs; here the mount is %s",
		    remount ? "a remount"
		    : bind  ? "a bind mount"
			    : "of another type");
	if ((flags & (MOPT_COPY_SYMLINK | MOPT_SRC_NOFOLLOW)) && (!bind || remount))
		bad(c,
		    "\"copy-symlink\" and \"src-nofollow\" are about the source of a bind mount; "
		    "here is none");
	if ((flags & MOPT_COPY_SYMLINK) && (flags & MOPT_SRC_NOFOLLOW))
		bad(c, "\"copy-symlink\" makes a link and \"src-nofollow\" mounts it; keep one");
	/* the recursive word is applied last and would take the flag away again */
	if (m->opts.attr_set & m->opts.rec_clear & ~(uint64_t)MOUNT_ATTR__ATIME)
		bad(c, "a recursive option takes away what another one sets (as \"ro\" with "
		       "\"rrw\"); keep one");
}

void check_mounts(struct check *c, const struct spec *s)
{
	for (size_t i = 0; i < s->nmounts; i++) {
		const struct mount_spec *m = &s->mounts[i];

		check_paths(c, m, i);
		check_type(c, m, i);
		check_options(c, m, i);
		check_idmap(c, s, m, i);
	}
}
