/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <linux/mempolicy.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/path.h"
#include "specs/check_in.h"
#include "specs/spec.h"
#include "specs/sysctl.h"
#include "specs/words.h"

/* ---- what needs a namespace of its own ---- */

/*
 * Without a mount namespace these would be done to the host's own mounts: one peer does just that.
 */
static void check_mount_ns(struct check *c, const struct spec *s)
{
	static const char need[] = "needs a mount namespace; add one to /linux/namespaces";

	if (s->ns[NS_MOUNT].mode != NS_INHERIT)
		return;
	if (s->nmounts)
		bad(at(c, "/mounts"), "%s", need);
	if (s->root_readonly)
		bad(at(c, "/root/readonly"), "%s", need);
	if (s->root_propagation != PROP_UNSET)
		bad(at(c, "/linux/rootfsPropagation"), "%s", need);
	if (s->masked_paths.n)
		bad(at(c, "/linux/maskedPaths"),
		    "unable to restrict sys entries without a private MNT namespace: %s", need);
	if (s->readonly_paths.n)
		bad(at(c, "/linux/readonlyPaths"),
		    "unable to restrict sys entries without a private MNT namespace: %s", need);
}

void check_namespaces(struct check *c, const struct spec *s)
{
	const struct ns_spec *time = &s->ns[NS_TIME];
	bool offsets =
		s->time_offsets[CLOCK_OFF_MONOTONIC].set || s->time_offsets[CLOCK_OFF_BOOTTIME].set;

	for (unsigned i = 0; i < NS_COUNT; i++)
		if (s->ns[i].mode == NS_JOIN && (!s->ns[i].path || *s->ns[i].path != '/'))
			bad(at(c, "/linux/namespaces"),
			    "the path of the %s namespace is not absolute", ns_names[i].word);
	check_mount_ns(c, s);
	if (offsets && time->mode == NS_INHERIT)
		bad(at(c, "/linux/timeOffsets"),
		    "means nothing without a time namespace; add one to /linux/namespaces");
	if (offsets && time->mode == NS_JOIN)
		bad(at(c, "/linux/timeOffsets"),
		    "the clocks of a namespace that is joined are set already; leave them out");
	if (s->nnetdevs && s->ns[NS_NETWORK].mode == NS_INHERIT)
		bad(at(c, "/linux/netDevices"),
		    "cannot be moved without a network namespace; add one to /linux/namespaces");
}

/* ---- sysctl ---- */

/* the paths below /proc/sys that belong to a namespace; a '/' at the end: all below it */
static const struct sysctl_home {
	const char *path;
	enum ns_type ns;
} sysctl_homes[] = {
	{ "kernel/msgmax", NS_IPC },     { "kernel/msgmnb", NS_IPC },
	{ "kernel/msgmni", NS_IPC },     { "kernel/sem", NS_IPC },
	{ "kernel/shmall", NS_IPC },     { "kernel/shmmax", NS_IPC },
	{ "kernel/shmmni", NS_IPC },     { "kernel/shm_rmid_forced", NS_IPC },
	{ "fs/mqueue/", NS_IPC },        { "net/", NS_NETWORK },
	{ "kernel/domainname", NS_UTS }, { "user/", NS_USER },
};

static const struct sysctl_home *home_of(const char *path)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sysctl_homes); i++) {
		const char *home = sysctl_homes[i].path;
		size_t n = strlen(home);

		if (home[n - 1] == '/' ? !strncmp(path, home, n) : !strcmp(path, home))
			return &sysctl_homes[i];
	}
	return NULL;
}

void check_sysctl(struct check *c, const struct spec *s)
{
	for (size_t i = 0; i < s->sysctl.n; i++) {
		const char *key = s->sysctl.v[i].key;
		char path[PATH_MAX];

		if (sysctl_path(key, path, sizeof(path)) < 0) {
			bad(at_key(c, "/linux/sysctl", key),
			    "is no name of a sysctl; \"net.ipv4.ip_forward\" is one");
			continue;
		}

		const struct sysctl_home *home = home_of(path);

		if (!strcmp(path, "kernel/hostname"))
			bad(at_key(c, "/linux/sysctl", key),
			    "conflicts with the hostname; set /hostname instead");
		else if (!home)
			bad(at_key(c, "/linux/sysctl", key),
			    "is not in a separate kernel namespace: it would change the host");
		else if (s->ns[home->ns].mode == NS_INHERIT)
			bad(at_key(c, "/linux/sysctl", key),
			    "would change the host; add a namespace of type %s to "
			    "/linux/namespaces",
			    ns_names[home->ns].word);
	}
}

/* ---- seccomp ---- */

static bool notifies(uint32_t action)
{
	return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF;
}

void check_seccomp(struct check *c, const struct spec *s)
{
	const struct seccomp_spec *sc = &s->seccomp;
	bool notify = false;

	if (!sc->set)
		return;
	/* berth itself makes the last calls under the filter: nobody would answer for them */
	if (notifies(sc->default_action))
		bad(at(c, "/linux/seccomp/defaultAction"),
		    "SCMP_ACT_NOTIFY cannot be used as default action; name the system calls");
	for (size_t i = 0; i < sc->nrules; i++) {
		const struct seccomp_rule *r = &sc->rules[i];

		if (!r->names.n)
			bad(at(c, "/linux/seccomp/syscalls/%zu/names", i),
			    "is empty; name at least one system call");
		if (!notifies(r->action))
			continue;
		notify = true;
		if (strv_has(&r->names, "write"))
			bad(at(c, "/linux/seccomp/syscalls/%zu/names", i),
			    "SCMP_ACT_NOTIFY cannot be used for the write syscall: the listener "
			    "itself could not be told");
	}
	if (notify && !sc->listener_path)
		bad(at(c, "/linux/seccomp/listenerPath"),
		    "is required with SCMP_ACT_NOTIFY: the socket of who answers");
	if (sc->listener_metadata && !sc->listener_path)
		bad(at(c, "/linux/seccomp/listenerMetadata"),
		    "is for the listener, and listenerPath is missing");
}

/* ---- the rest ---- */

static void check_devices(struct check *c, const struct spec *s)
{
	for (size_t i = 0; i < s->ndevices; i++) {
		const char *path = s->devices[i].path;

		if (!path || *path != '/')
			bad(at(c, "/linux/devices/%zu/path", i),
			    "'%.200s' is not absolute; a path inside the container belongs here",
			    path ? path : "");
		else if (path_has_dotdot(path))
			bad(at(c, "/linux/devices/%zu/path", i),
			    "'%.200s' has a \"..\" in it; write the path that is meant", path);
	}
}

/* dev_valid_name() of the kernel */
static bool is_interface(const char *name)
{
	size_t n = strlen(name);

	return n && n < IFNAMSIZ && !strpbrk(name, "/: \t\n\v\f\r") && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static void check_netdevs(struct check *c, const struct spec *s)
{
	static const char rule[] = "1 to 15 characters without '/', ':' and blanks";

	for (size_t i = 0; i < s->nnetdevs; i++) {
		const struct netdev_spec *d = &s->netdevs[i];

		if (!is_interface(d->host_name))
			bad(at_key(c, "/linux/netDevices", d->host_name),
			    "is no name of an interface: %s", rule);
		else if (d->name && !is_interface(d->name))
			bad(at_key(c, "/linux/netDevices", d->host_name),
			    "the new name '%.64s' is none: %s", d->name, rule);
		for (size_t j = 0; d->name && !strchr(d->name, '%') && j < i; j++)
			if (s->netdevs[j].name && !strcmp(s->netdevs[j].name, d->name))
				bad(at_key(c, "/linux/netDevices", d->host_name),
				    "would be the second one named '%.64s' inside", d->name);
	}
}

static void check_absolute(struct check *c, const char *object, const struct strv *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		if (paths->v[i][0] != '/')
			bad(at(c, "%s/%zu", object, i),
			    "'%.200s' is not absolute; a path inside the container belongs here",
			    paths->v[i]);
		else if (path_has_dotdot(paths->v[i]))
			bad(at(c, "%s/%zu", object, i),
			    "'%.200s' has a \"..\" in it; write the path that is meant",
			    paths->v[i]);
	}
}

static void check_rdt(struct check *c, const struct rdt_spec *r)
{
	const char *id = r->clos_id;

	if (!r->set)
		return;
	if (id && strcmp(id, "/") != 0 &&
	    (strchr(id, '/') || !strcmp(id, ".") || !strcmp(id, "..")))
		bad(at(c, "/linux/intelRdt/closID"),
		    "'%.64s' is no name of a class: one directory name, or \"/\" for the default",
		    id);
	if (r->l3_cache_schema && strchr(r->l3_cache_schema, '\n'))
		bad(at(c, "/linux/intelRdt/l3CacheSchema"), "has a line break; it is one line");
	if (r->mem_bw_schema && strncmp(r->mem_bw_schema, "MB:", 3) != 0)
		bad(at(c, "/linux/intelRdt/memBwSchema"), "does not start with \"MB:\"");
	else if (r->mem_bw_schema && strchr(r->mem_bw_schema, '\n'))
		bad(at(c, "/linux/intelRdt/memBwSchema"), "has a line break; it is one line");
	for (size_t i = 0; i < r->schemata.n; i++)
		if (strchr(r->schemata.v[i], '\n'))
			bad(at(c, "/linux/intelRdt/schemata/%zu", i),
			    "has a line break; each line is a string of its own");
}

static void check_mempolicy(struct check *c, const struct mempolicy_spec *m)
{
	bool none = m->mode == MPOL_DEFAULT || m->mode == MPOL_LOCAL;

	/* -1: the reader has told of it */
	if (!m->set || m->mode < 0)
		return;
	if (none && m->nodes)
		bad(at(c, "/linux/memoryPolicy/nodes"), "%s takes no nodes; leave them out",
		    word_of(WORDS_MEMPOLICY_MODES, (uint64_t)m->mode));
	else if (!none && m->mode != MPOL_PREFERRED && !m->nodes)
		bad(at(c, "/linux/memoryPolicy/nodes"), "is required with %s; \"0-1\" for example",
		    word_of(WORDS_MEMPOLICY_MODES, (uint64_t)m->mode));
	else if (m->nodes && !is_cpu_list(m->nodes))
		bad(at(c, "/linux/memoryPolicy/nodes"),
		    "'%.64s' is no list of nodes; \"0-1,3\" is one", m->nodes);
	if ((m->flags & MPOL_F_STATIC_NODES) && (m->flags & MPOL_F_RELATIVE_NODES))
		bad(at(c, "/linux/memoryPolicy/flags"),
		    "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other; keep one");
}

void check_linux(struct check *c, const struct spec *s)
{
	check_devices(c, s);
	check_netdevs(c, s);
	check_absolute(c, "/linux/maskedPaths", &s->masked_paths);
	check_absolute(c, "/linux/readonlyPaths", &s->readonly_paths);
	check_rdt(c, &s->rdt);
	check_mempolicy(c, &s->mempolicy);
	if (s->cgroups_path && path_has_dotdot(s->cgroups_path))
		bad(at(c, "/linux/cgroupsPath"),
		    "'%.200s' has a \"..\" in it; write the path that is meant", s->cgroups_path);
}
