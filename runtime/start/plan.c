/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "runtime/base/userns.h"
#include "runtime/proc/exeseal.h"
#include "specs/faults.h"

static bool maps_host_id(const struct id_maps *m, uint32_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (id >= m->v[i].host_id && id - m->v[i].host_id < m->v[i].size)
			return true;
	return false;
}

/* Can somebody inside be that user outside? */
static bool reaches(const struct spec *s, uid_t uid)
{
	return s->ns[NS_USER].mode != NS_NEW || maps_host_id(&s->uid_maps, uid);
}

bool plan_must_seal(const struct spec *s)
{
	/* An ordinary user's container is that user outside: what he cannot write, it cannot. */
	if (!exe_can_seal())
		return false; /* main has executed itself from a read-only mount */
	if (geteuid() != 0 && access("/proc/self/exe", W_OK) < 0)
		return false;
	return reaches(s, geteuid());
}

static void plan_namespaces(const struct spec *s, struct plan *p)
{
	for (int i = 0; i < NS_COUNT; i++) {
		if (s->ns[i].mode == NS_JOIN)
			p->joins = true;
		/* The cgroup namespace's root is the cgroup at the time, so it comes after the
		 * attach; the time namespace's offsets must be written before anybody is in it. */
		if (s->ns[i].mode == NS_NEW && i != NS_CGROUP && i != NS_TIME)
			p->clone_flags |= ns_names[i].flag;
	}
}

/* Valid, but not done by this build: said before anything is made, never left out in silence. */
static void check_unsupported(const struct spec *s, struct faults *f)
{
	if (s->nnetdevs)
		fault_add(f, FAULT_UNSUPPORTED, "/linux/netDevices",
			  "this berth does not move network devices; move them with ip link set "
			  "... netns in a createRuntime hook");
	if (s->rdt.set)
		fault_add(f, FAULT_UNSUPPORTED, "/linux/intelRdt",
			  "this berth does not set resctrl classes");
}

static void check_ask(const struct spec *s, const struct plan_ask *ask, struct faults *f)
{
	bool leaves = ask->kind == PLAN_CREATE || ask->detach;

	if (s->process.terminal && leaves && !ask->console_socket)
		fault_add(f, FAULT_INVALID, "/process/terminal",
			  "cannot allocate tty if runc will detach without setting console socket "
			  "(give --console-socket PATH, or set terminal to false)");
	if (!s->process.terminal && ask->console_socket)
		fault_add(f, FAULT_INVALID, "/process/terminal",
			  "cannot use console socket if runc will not detach or allocate tty "
			  "(set terminal to true, or leave --console-socket out)");
	if (s->process.terminal && !leaves && ask->console_socket)
		fault_add(f, FAULT_INVALID, "/process/terminal",
			  "cannot use console socket if runc will not detach or allocate tty "
			  "(a foreground run holds the terminal itself)");
}

/* A namespace "joined" by the path of the one that we are in is the host's all the same. */
static bool is_ours(enum ns_type type, const char *path)
{
	struct stat theirs, ours;
	char self[64];

	snprintf(self, sizeof(self), "/proc/self/ns/%s", ns_names[type].file);
	return stat(path, &theirs) == 0 && stat(self, &ours) == 0 && theirs.st_ino == ours.st_ino &&
	       theirs.st_dev == ours.st_dev;
}

static bool everyday_type(const char *type)
{
	static const char *const types[] = { "proc",   "sysfs",  "tmpfs",   "devpts",
					     "mqueue", "cgroup", "cgroup2", "overlay" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

/* Asking the kernel loads the module as the mount would; /proc/filesystems shows only what is. */
static void check_types(const struct spec *s, struct faults *f)
{
	for (size_t i = 0; i < s->nmounts; i++) {
		const struct mount_spec *m = &s->mounts[i];
		char pointer[48];

		if ((m->opts.flags & (MOPT_BIND | MOPT_REMOUNT)) || !m->type ||
		    everyday_type(m->type))
			continue;

		own_fd fd = sys_fsopen(m->type, FSOPEN_CLOEXEC);

		if (fd >= 0 || errno != ENODEV)
			continue;
		snprintf(pointer, sizeof(pointer), "/mounts/%zu/type", i);
		fault_add(f, FAULT_UNSUPPORTED, pointer,
			  "error mounting \"%s\" to rootfs at \"%s\": no such device: this kernel "
			  "knows no "
			  "file system type '%s'",
			  m->source ? m->source : m->type, m->destination, m->type);
	}
}

/* What the text of the config cannot show: one look at the host for each. */
static void check_host(const struct spec *s, struct faults *f)
{
	if (geteuid() != 0 && s->ns[NS_USER].mode == NS_INHERIT)
		fault_add(
			f, FAULT_INVALID, "/linux/namespaces",
			"an ordinary user can run a container only in a user namespace of its own: "
			"add {\"type\": \"user\"} and mappings, as 'berth spec --rootless' writes "
			"them");
	check_types(s, f);

	const char *listener = s->seccomp.listener_path;
	char pointer[300];
	struct stat st;

	for (size_t i = 0; i < s->sysctl.n; i++) {
		const char *key = s->sysctl.v[i].key;

		if (strncmp(key, "net", 3) || s->ns[NS_NETWORK].mode != NS_JOIN ||
		    !is_ours(NS_NETWORK, s->ns[NS_NETWORK].path))
			continue;
		snprintf(pointer, sizeof(pointer), "/linux/sysctl/%s", key);
		fault_add(
			f, FAULT_INVALID, pointer,
			"sysctl \"%s\" is not allowed in the host's network namespace, which %s is",
			key, s->ns[NS_NETWORK].path);
	}
	if (listener && (stat(listener, &st) < 0 || !S_ISSOCK(st.st_mode)))
		fault_add(f, FAULT_INVALID, "/linux/seccomp/listenerPath",
			  "there is no socket '%s'", listener);
}

static int plan_cgroup(const struct spec *s, struct arena *a, struct plan *p, struct faults *f,
		       struct err *e)
{
	struct cg_ctx ctx = { .id = p->ask.id,
			      .manager = p->ask.manager,
			      .rootless = !p->privileged || p->in_userns };
	int r = 0;

	if (p->ask.layout)
		p->layout = *p->ask.layout;
	else
		r = cg_detect(&p->layout, a, e);
	if (s->ns[NS_CGROUP].mode == NS_NEW)
		for (size_t i = 0; i < s->nmounts; i++)
			if (s->mounts[i].type && !strcmp(s->mounts[i].type, "cgroup") &&
			    !(s->mounts[i].opts.attr_set & MOUNT_ATTR_RDONLY))
				ctx.chown = true;
	ctx.owner = s->process.user.uid;
	for (size_t i = 0; i < s->uid_maps.n; i++) {
		const struct id_map *m = &s->uid_maps.v[i];

		if (s->process.user.uid >= m->container_id &&
		    s->process.user.uid - m->container_id < m->size)
			ctx.owner = m->host_id + (s->process.user.uid - m->container_id);
	}
	if (r == 0)
		r = cg_plan(s, &p->layout, &ctx, a, &p->cgroup, f, e);
	return r;
}

static bool has_v1(const struct cg_layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->v[i].v2)
			return true;
	return false;
}

/* A new user namespace gives all of them; otherwise nobody hands on what he has not got. */
static void warn_caps(const struct plan *p, struct arena *a, struct faults *f)
{
	const char *missing = NULL;

	if (p->spec->ns[NS_USER].mode != NS_NEW && !p->ask.layout)
		missing = proc_caps_missing(&p->proc, a);
	if (missing)
		fault_add(f, FAULT_WARNING, "/process/capabilities",
			  "berth does not have them, so the container will not either: %s",
			  missing);
}

int plan_make(const struct spec *s, const struct plan_ask *ask, struct arena *a, struct plan *p,
	      struct faults *f, struct err *e)
{
	*p = (struct plan){ .ask = *ask, .spec = s, .privileged = ask->layout || geteuid() == 0 };
	p->in_userns = !ask->layout && !userns_initial();
	p->seal = ask->layout ? reaches(s, 0) : plan_must_seal(s);
	p->root = !s->root_path            ? "/"
		  : s->root_path[0] == '/' ? s->root_path
					   : arena_printf(a, "%s/%s", ask->bundle, s->root_path);
	check_ask(s, ask, f);
	check_unsupported(s, f);
	plan_namespaces(s, p);
	faults_stage(f);
	if (!ask->layout)
		check_host(s, f);

	int r = plan_cgroup(s, a, p, f, e);

	if (r < 0)
		return err_at(e, "cgroup");

	struct rootfs_ctx ctx = { .bundle = ask->bundle,
				  .no_pivot = ask->no_pivot,
				  .new_userns = s->ns[NS_USER].mode != NS_INHERIT,
				  .in_userns = p->in_userns,
				  .cgroup_v1 = has_v1(&p->layout) };

	r = rootfs_plan(s, &ctx, a, &p->rootfs, f, e);
	if (r < 0)
		return err_at(e, "rootfs");
	r = proc_plan(s, &s->process, a, &p->proc, f, e);
	if (r < 0)
		return err_at(e, "process");
	p->proc.new_keyring = !ask->no_new_keyring;
	warn_caps(p, a, f);
	return proc_check_lsm(&s->process, e);
}
