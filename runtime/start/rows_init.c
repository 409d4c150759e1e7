/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the container's init up to pivot_root: everything here is still the host's root. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "netns/loopback.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/sys.h"
#include "runtime/proc/exeseal.h"
#include "runtime/proc/tty.h"
#include "runtime/start/hooks.h"
#include "runtime/start/rows.h"
#include "runtime/start/signals.h"
#include "runtime/start/start.h"

static bool maps_id(const struct id_maps *m, uint32_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (id >= m->v[i].container_id && id - m->v[i].container_id < m->v[i].size)
			return true;
	return false;
}

/*
 * In a new user namespace we are nobody until we take an id of its own. The capabilities
 * are there already. A namespace that is joined may map no 0: then we stay nobody.
 */
static int become_root(const struct spec *s, struct err *e)
{
	bool joined = s->ns[NS_USER].mode == NS_JOIN;

	if ((joined || maps_id(&s->gid_maps, 0)) && sys_setresgid(0, 0, 0) < 0 && !joined)
		return err_set(e, errno, "setresgid to the container's root");
	if ((joined || maps_id(&s->uid_maps, 0)) && sys_setresuid(0, 0, 0) < 0 && !joined)
		return err_set(e, errno, "setresuid to the container's root");
	return 0;
}

/*
 * First of all, as the host's root and by itself: a single thread that moves itself waits for no
 * RCU grace period, and the descriptors of the host are still there.
 */
int row_cgroup_enter(struct start *s, struct err *e)
{
	return cg_enter(&s->cgroup, cg_clone_fd(&s->cgroup) >= 0, e);
}

/* A namespace that an ordinary user mapped: nobody in it may change groups (user_namespaces(7)). */
static bool setgroups_denied(void)
{
	char text[8];

	return fd_read_file_at(AT_FDCWD, "/proc/self/setgroups", text, sizeof(text)) > 0 &&
	       !strcmp(text, "deny");
}

/* The host's descriptors have no business in here: what init holds, a payload might reach. */
static void drop_host_fds(struct start *s)
{
	fd_drop(&s->dir.dir_fd); /* with it the lock: it must not outlive the host process */
	fd_drop(&s->state_root_fd);
	fd_drop(&s->engine.init_fd);
	cg_close(&s->cgroup);
	for (int i = 0; i < NS_COUNT; i++)
		if (i != NS_MOUNT && i != NS_TIME)
			fd_drop(&s->ns_fd[i]);
}

/* After this: init dies with its maker, no one may trace it, it leads a session of its own. */
int row_enter(struct start *s, struct err *e)
{
	const struct spec *spec = s->plan->spec;
	int r;

	drop_host_fds(s);
	if (spec->ns[NS_USER].mode != NS_INHERIT) {
		r = become_root(spec, e);
		if (r < 0)
			return r;
		s->proc.setgroups_denied = setgroups_denied();
	}
	/* Cleared by a change of ids, so after it. A maker that died before shows as end-of-file on
	 * the token link. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "prctl");
	if (s->ns_fd[NS_TIME] >= 0 && setns(s->ns_fd[NS_TIME], CLONE_NEWTIME) < 0)
		return err_set(e, errno, "join the time namespace");
	if (s->ns_fd[NS_MOUNT] >= 0 && setns(s->ns_fd[NS_MOUNT], CLONE_NEWNS) < 0)
		return err_set(e, errno, "join the mount namespace");
	fd_drop(&s->ns_fd[NS_TIME]);
	fd_drop(&s->ns_fd[NS_MOUNT]);
	signals_reset();
	if (setsid() < 0 && errno != EPERM)
		return err_set(e, errno, "setsid");
	return 0;
}

int row_seal(struct start *s, struct err *e)
{
	int r = exe_seal(s->exe_fd, e);

	fd_drop(&s->exe_fd);
	return r;
}

bool want_time(const struct start *s)
{
	return s->plan->spec->ns[NS_TIME].mode == NS_NEW;
}

static int write_offsets(const struct spec *s, struct err *e)
{
	static const char *const clocks[CLOCK_OFF_COUNT] = {
		[CLOCK_OFF_MONOTONIC] = "monotonic",
		[CLOCK_OFF_BOOTTIME] = "boottime",
	};
	own_buf b = BUF_INIT;
	int r;

	for (int i = 0; i < CLOCK_OFF_COUNT; i++)
		if (s->time_offsets[i].set)
			buf_printf(&b, "%s %lld %u\n", clocks[i],
				   (long long)s->time_offsets[i].secs, s->time_offsets[i].nanosecs);
	if (!b.len)
		return 0;
	/* Files of a process that is not dumpable belong to the host's root: see proc(5). */
	if (prctl(PR_SET_DUMPABLE, 1) < 0)
		return err_set(e, errno, "prctl PR_SET_DUMPABLE");
	r = fd_write_file_at(AT_FDCWD, "/proc/self/timens_offsets", buf_text(&b));
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "prctl PR_SET_DUMPABLE");
	return r < 0 ? err_set(e, -r, "write timens_offsets: '%s'", buf_text(&b)) : 0;
}

/* unshare gives the namespace to our children; the offsets first, then we enter it ourselves. */
int row_time(struct start *s, struct err *e)
{
	int r;

	if (unshare(CLONE_NEWTIME) < 0)
		return err_set(e, errno, "new time namespace");
	r = write_offsets(s->plan->spec, e);
	if (r < 0)
		return r;

	own_fd fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)
		return err_set(e, errno, "enter the new time namespace");
	return 0;
}

bool want_hostname(const struct start *s)
{
	return s->plan->spec->hostname || s->plan->spec->domainname;
}

int row_hostname(struct start *s, struct err *e)
{
	const struct spec *spec = s->plan->spec;

	if (spec->hostname && sethostname(spec->hostname, strlen(spec->hostname)) < 0)
		return err_set(e, errno, "sethostname '%s'", spec->hostname);
	if (spec->domainname && setdomainname(spec->domainname, strlen(spec->domainname)) < 0)
		return err_set(e, errno, "setdomainname '%s'", spec->domainname);
	return 0;
}

bool want_loopback(const struct start *s)
{
	return s->plan->spec->ns[NS_NETWORK].mode == NS_NEW;
}

int row_loopback(_unused_ struct start *s, struct err *e)
{
	return loopback_up(e);
}

int row_rootfs(struct start *s, struct err *e)
{
	return rootfs_setup(&s->rootfs, e);
}

int row_mounts(struct start *s, struct err *e)
{
	return rootfs_mounts(&s->rootfs, ROOTFS_BEFORE_CGROUP, e);
}

bool want_cgroupns(const struct start *s)
{
	return s->plan->spec->ns[NS_CGROUP].mode == NS_NEW;
}

int row_cgroupns(_unused_ struct start *s, struct err *e)
{
	return unshare(CLONE_NEWCGROUP) < 0 ? err_set(e, errno, "new cgroup namespace") : 0;
}

int row_mounts_cgroup(struct start *s, struct err *e)
{
	return rootfs_mounts(&s->rootfs, ROOTFS_FROM_CGROUP, e);
}

int row_devices(struct start *s, struct err *e)
{
	return rootfs_devices(&s->rootfs, e);
}

/*
 * The terminal comes from the container's own devpts; its master goes to the host with the token.
 */
int row_console(struct start *s, struct err *e)
{
	const struct process_spec *p = &s->plan->spec->process;
	char name[32];
	int r = tty_open(s->rootfs.root_fd, p->rows, p->cols, p->user.uid, &s->engine.passed_fd,
			 &s->console_fd, name, sizeof(name), e);

	return r < 0 ? r : rootfs_console(&s->rootfs, s->console_fd, e);
}

bool want_hooks_container(const struct start *s)
{
	return s->plan->spec->hooks[HOOK_CREATE_CONTAINER].n > 0;
}

/* Programs of the host in the namespaces of the container, before pivot_root. */
int row_hooks_container(struct start *s, struct err *e)
{
	own_buf b = BUF_INIT;

	state_json(&s->state, STATUS_CREATING, getpid(), false, false, &b);
	return hooks_run(s->plan->spec, HOOK_CREATE_CONTAINER, buf_text(&b), s->plan->ask.bundle,
			 -1, e);
}

bool want_sysctl(const struct start *s)
{
	return s->plan->spec->sysctl.n > 0;
}

int row_sysctl(struct start *s, struct err *e)
{
	return rootfs_sysctl(&s->rootfs, e);
}

int row_mask(struct start *s, struct err *e)
{
	return rootfs_mask(&s->rootfs, e);
}

int row_pivot(struct start *s, struct err *e)
{
	return rootfs_pivot(&s->rootfs, e);
}
