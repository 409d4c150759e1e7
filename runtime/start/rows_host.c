/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that the calling process runs, up to the clone and beside init. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/sys.h"
#include "runtime/proc/exeseal.h"
#include "runtime/start/apart.h"
#include "runtime/start/destroy.h"
#include "runtime/start/gate.h"
#include "runtime/start/idmap.h"
#include "runtime/start/rows.h"
#include "runtime/start/spawn.h"
#include "runtime/start/start.h"

/*
 * Claim the ID and write down what is about to be made, before any of it exists: whoever
 * kills us from here on leaves a record by which the next command cleans up.
 */
int row_lock(struct start *s, struct err *e)
{
	if (!s->state.boot_id)
		return err_text(e, EIO,
				"this boot's id (/proc/sys/kernel/random/boot_id) cannot be read");

	int r = state_claim(&s->dir, s->state_root_fd, s->plan->ask.id, e);

	if (r == STATE_STALE)
		r = destroy_remains(&s->dir, e);
	if (r < 0) {
		state_close(&s->dir);
		return r;
	}
	/*
	 * Only now: what a dead create of this ID had made is gone, so what is there is another's.
	 */
	r = cg_intend(s->plan->cgroup, s->arena, &s->state.cgroup, e);
	if (r == 0)
		r = state_write(&s->dir, &s->state, e);
	if (r == 0)
		r = state_put_file(&s->dir, "config.json", s->config, s->config_len, e);
	if (r < 0)
		undo_lock(s);
	return r;
}

void undo_lock(struct start *s)
{
	struct err ignored;

	(void)!state_remove(&s->dir, &ignored);
}

/* Of <linux/nsfs.h>, which in newer headers (7.2) also has an enum with the name of ours. */
#define NS_GET_NSTYPE _IO(0xb7, 0x3)

static size_t places_made(const struct cg_record *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i].made;
	return n;
}

int row_cgroup(struct start *s, struct err *e)
{
	size_t intended = places_made(&s->state.cgroup);
	int r = cg_make(&s->cgroup, s->plan->cgroup, &s->state.cgroup, s->arena, e);

	/*
	 * Somebody else made one meanwhile: it is not ours to remove, and the record must say so.
	 */
	if (r == 0 && places_made(&s->state.cgroup) != intended) {
		r = state_write(&s->dir, &s->state, e);
		if (r < 0)
			undo_cgroup(s);
	}
	return r;
}

/* Hooks of ours may have left processes in it, so it is killed, not only removed. */
void undo_cgroup(struct start *s)
{
	struct err e = { 0 };

	cg_close(&s->cgroup);
	s->oom_killed = cg_oom_killed(&s->state.cgroup);
	if (cg_kill(&s->state.cgroup, &e) < 0 || cg_remove(&s->state.cgroup, &e) < 0)
		log_warn("cgroup of '%s' is left: %s", s->plan->ask.id, e.text);
}

int row_limits(struct start *s, struct err *e)
{
	return cg_apply(&s->cgroup, e);
}

int row_sources(struct start *s, struct err *e)
{
	return rootfs_open(&s->rootfs, s->plan->rootfs, s->arena, e);
}

void undo_sources(struct start *s)
{
	rootfs_close(&s->rootfs);
}

bool want_namespaces(const struct start *s)
{
	return s->plan->joins;
}

static int open_namespace(enum ns_type type, const char *path, struct err *e)
{
	own_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int is;

	if (fd < 0)
		return err_set(e, errno, "namespace %s: open '%s'", ns_names[type].word, path);
	is = ioctl(fd, NS_GET_NSTYPE);
	if (is < 0)
		return err_text(e, EINVAL, "namespace %s: '%s' is no namespace: invalid argument",
				ns_names[type].word, path);
	if ((unsigned long)is != ns_names[type].flag)
		return err_text(
			e, EINVAL,
			"namespace %s: '%s' is a namespace of another type: invalid argument",
			ns_names[type].word, path);
	return take_fd(fd);
}

int row_namespaces(struct start *s, struct err *e)
{
	for (int i = 0; i < NS_COUNT; i++) {
		const struct ns_spec *ns = &s->plan->spec->ns[i];

		if (ns->mode != NS_JOIN)
			continue;
		s->ns_fd[i] = open_namespace((enum ns_type)i, ns->path, e);
		if (s->ns_fd[i] < 0)
			return s->ns_fd[i];
	}
	return 0;
}

bool want_seal(const struct start *s)
{
	return s->plan->seal;
}

int row_exe(struct start *s, struct err *e)
{
	s->exe_fd = exe_open(e);
	if (s->exe_fd == -EPERM && !s->plan->privileged)
		s->exe_fd = exe_open_apart(e);
	return s->exe_fd < 0 ? s->exe_fd : 0;
}

bool want_gate(const struct start *s)
{
	return s->plan->ask.kind == PLAN_CREATE;
}

int row_gate(struct start *s, struct err *e)
{
	s->listen_fd = gate_open(&s->dir, e);
	return s->listen_fd < 0 ? s->listen_fd : 0;
}

void undo_gate(struct start *s)
{
	fd_drop(&s->listen_fd);
	gate_remove(&s->dir);
}

static void walk_as_init(struct start *s)
{
	engine_init(&s->engine, s, "spawn");
}

/* What the broker joins: all but mount and time, the user namespace last. */
static size_t joins(const struct start *s, int fd[NS_COUNT], unsigned long flags[NS_COUNT])
{
	size_t n = 0;

	for (int i = 0; i < NS_COUNT; i++) {
		if (s->ns_fd[i] < 0 || i == NS_MOUNT || i == NS_TIME || i == NS_USER)
			continue;
		fd[n] = s->ns_fd[i];
		flags[n++] = ns_names[i].flag;
	}
	if (s->ns_fd[NS_USER] >= 0) {
		fd[n] = s->ns_fd[NS_USER];
		flags[n++] = CLONE_NEWUSER;
	}
	return n;
}

int row_spawn(struct start *s, struct err *e)
{
	unsigned long flags[NS_COUNT];
	int fd[NS_COUNT], r = engine_link(&s->engine, e);

	if (r < 0)
		return r;

	struct spawn w = { .flags = s->plan->clone_flags,
			   .cgroup_fd = cg_clone_fd(&s->cgroup),
			   .join_fd = fd,
			   .join_flags = flags,
			   .njoin = joins(s, fd, flags),
			   .child = walk_as_init,
			   .arg = s };

	/* Nobody inside may look into init through /proc or ptrace; only an ordinary user's init
	 * has to wait with that until its maps are written, or we could not open them. */
	if (s->plan->privileged && prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "prctl PR_SET_DUMPABLE");
	s->engine.init = spawn(&w, &s->engine.init_fd, e);
	if (s->engine.init < 0) {
		r = s->engine.init;
		s->engine.init = 0;
		engine_close(&s->engine);
		return r;
	}
	fd_drop(&s->engine.peer_fd);
	s->spawned = true;
	return 0;
}

bool want_idmap(const struct start *s)
{
	return s->plan->spec->ns[NS_USER].mode == NS_NEW;
}

int row_idmap(struct start *s, struct err *e)
{
	return idmap_write(s->engine.init, &s->plan->spec->uid_maps, &s->plan->spec->gid_maps, e);
}

bool want_idmounts(const struct start *s)
{
	return rootfs_needs_userns(s->plan->rootfs);
}

int row_idmounts(struct start *s, struct err *e)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", s->engine.init);

	own_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, "open the container's user namespace");
	return rootfs_idmap(&s->rootfs, fd, e);
}

bool want_rlimits(const struct start *s)
{
	return s->plan->spec->process.nrlimits > 0;
}

int row_rlimits(struct start *s, struct err *e)
{
	return proc_rlimits(s->engine.init, &s->proc, e);
}
