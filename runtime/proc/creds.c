/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/sys.h"
#include "runtime/proc/parts.h"

static int set_groups(const struct proc_plan *p, struct err *e)
{
	const struct user_spec *u = &p->p->user;

	if (p->setgroups_denied || p->keep_groups)
		return 0;
	/* Also when the list is empty: the groups of berth's caller must not be left. */
	if (sys_setgroups(u->ngroups, u->groups) == 0)
		return 0;
	if (errno == EINVAL)
		return err_text(e, EINVAL,
				"cannot set supplementary groups: one of %zu is not mapped in the "
				"user namespace",
				u->ngroups);
	return err_text(e, errno, "cannot set supplementary groups: setgroups: %s",
			strerrorname_np(errno));
}

static bool gids_are(gid_t gid)
{
	gid_t r, f, s;

	return getresgid(&r, &f, &s) == 0 && r == gid && f == gid && s == gid;
}

static bool uids_are(uid_t uid)
{
	uid_t r, f, s;

	return getresuid(&r, &f, &s) == 0 && r == uid && f == uid && s == uid;
}

static int id_err(const char *call, const char *kind, unsigned id, int code, struct err *e)
{
	if (code == EINVAL)
		return err_text(e, code, "cannot %s to unmapped %s %u in user namespace", call,
				kind, id);
	return err_text(e, code, "cannot %s to %s %u: %s", call, kind, id, strerrorname_np(code));
}

/* Also the answer of the calls is verified: a filter around us may fake their success. */
static int set_ids(uid_t uid, gid_t gid, bool *changed, struct err *e)
{
	*changed = false;
	if (!gids_are(gid)) {
		if (sys_setresgid(gid, gid, gid) < 0)
			return id_err("setgid", "gid", gid, errno, e);
		if (!gids_are(gid))
			return err_text(e, EIO, "setresgid to %u had no effect", gid);
		*changed = true;
	}
	if (!uids_are(uid)) {
		if (sys_setresuid(uid, uid, uid) < 0)
			return id_err("setuid", "uid", uid, errno, e);
		if (!uids_are(uid))
			return err_text(e, EIO, "setresuid to %u had no effect", uid);
		*changed = true;
	}
	return 0;
}

static int flag(int option, unsigned long value, const char *what, struct err *e)
{
	return prctl(option, value, 0, 0, 0) < 0 ? err_set(e, errno, "%s", what) : 0;
}

/* keep: the permitted set has to survive the change, for what comes after it */
static int become_user(const struct proc_plan *p, bool keep, struct err *e)
{
	const struct user_spec *u = &p->p->user;
	bool changed = false, need_keep = keep && u->uid != 0;
	int r = set_groups(p, e);

	if (r == 0 && need_keep)
		r = flag(PR_SET_KEEPCAPS, 1, "keep the capabilities over the change of user", e);
	if (r == 0)
		r = set_ids(u->uid, u->gid, &changed, e);
	if (r < 0)
		return r;
	if (need_keep)
		r = flag(PR_SET_KEEPCAPS, 0, "stop keeping capabilities", e);
	/* A change of ids sets this to /proc/sys/fs/suid_dumpable, which may be 1. */
	if (r == 0 && changed)
		r = flag(PR_SET_DUMPABLE, 0, "make the process not dumpable", e);
	return r;
}

/* The filter may forbid anything, so only the capabilities are left to do after it. */
static int early_filter(const struct proc_plan *p, int *listener_fd, struct err *e)
{
	int r = rlimits_apply(p->p, e);

	return r < 0 ? r : filter_load(p, listener_fd, e);
}

int proc_credentials(const struct proc_plan *p, int root_fd, int *listener_fd, struct err *e)
{
	bool nnp = p->p->no_new_privs, filter_now = p->seccomp.len && !nnp;
	struct caps c;
	int cwd = cwd_enter(p->p->cwd, root_fd, e);
	int r = cwd < 0 ? cwd : caps_start(&c, &p->caps, e);

	*listener_fd = -1;
	if (r == 0)
		r = caps_drop_bounding(&c, e);
	if (r == 0)
		r = become_user(p, c.final.permitted || filter_now, e);
	/* Where root is squashed (NFS, FUSE) only the user may enter. */
	if (r == 0 && cwd == CWD_AS_USER)
		r = cwd_enter(p->p->cwd, root_fd, e);
	if (r != 0)
		return r == CWD_AS_USER ? -e->code : r;
	r = cwd_check(p->p->cwd, e);
	if (r == 0 && nnp)
		r = flag(PR_SET_NO_NEW_PRIVS, 1, "set no_new_privs", e);
	/*
	 * The change of user took everything out of effect; the filter needs CAP_SYS_ADMIN there.
	 */
	c.stale = p->p->user.uid != 0;
	if (r == 0 && (filter_now || c.final.inheritable))
		r = caps_raise(&c, e);
	if (r == 0 && filter_now)
		r = early_filter(p, listener_fd, e);
	return r < 0 ? r : caps_finish(&c, e);
}
