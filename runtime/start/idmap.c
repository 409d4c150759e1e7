/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

static bool one_id(const struct id_maps *m, uint32_t own)
{
	return m->n == 1 && m->v[0].size == 1 && m->v[0].host_id == own;
}

static int write_map(pid_t pid, const char *file, const char *text, struct err *e)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	r = fd_write_file_at(AT_FDCWD, path, text);
	if (r == 0)
		return 0;
	err_set(e, -r, "write %s of the user namespace: '%s'", file, text);
	if (r == -EPERM)
		err_hint(e, "the host ids must be mapped in berth's own user namespace, and ranges "
			    "must not overlap");
	return r;
}

static void map_text(const struct id_maps *m, struct buf *b)
{
	for (size_t i = 0; i < m->n; i++)
		buf_printf(b, "%u %u %u\n", m->v[i].container_id, m->v[i].host_id, m->v[i].size);
}

static int write_direct(pid_t pid, const char *file, const struct id_maps *m, struct err *e)
{
	own_buf b = BUF_INIT;

	map_text(m, &b);
	return write_map(pid, file, buf_text(&b), e);
}

/* newuidmap PID inside outside size ... */
static int write_by_helper(const char *helper, pid_t pid, const struct id_maps *m, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct strv argv = { 0 };
	static char *const none[] = { NULL };
	int status = 0, r;
	pid_t child;

	strv_add(&argv, &a, helper);
	strv_add(&argv, &a, arena_printf(&a, "%d", pid));
	for (size_t i = 0; i < m->n; i++) {
		strv_add(&argv, &a, arena_printf(&a, "%u", m->v[i].container_id));
		strv_add(&argv, &a, arena_printf(&a, "%u", m->v[i].host_id));
		strv_add(&argv, &a, arena_printf(&a, "%u", m->v[i].size));
	}
	r = posix_spawn(&child, helper, NULL, NULL, argv.v, none);
	arena_free(&a);
	if (r != 0) {
		err_set(e, r, "run %s", helper);
		return err_hint(e, "install the package uidmap, or map only the own id");
	}
	if (TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) < 0)
		return err_set(e, errno, "wait for %s", helper);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	err_text(e, EPERM, "%s refused the mapping", helper);
	return err_hint(e,
			"the host ids must be in the user's ranges of /etc/subuid and /etc/subgid");
}

int idmap_write(pid_t pid, const struct id_maps *uids, const struct id_maps *gids, struct err *e)
{
	bool direct = geteuid() == 0;
	int r = 0;

	if (direct || one_id(uids, geteuid()))
		r = write_direct(pid, "uid_map", uids, e);
	else
		r = write_by_helper("/usr/bin/newuidmap", pid, uids, e);
	if (r < 0)
		return r;
	if (direct)
		return write_direct(pid, "gid_map", gids, e);
	if (!one_id(gids, getegid()))
		return write_by_helper("/usr/bin/newgidmap", pid, gids, e);
	/* CVE-2014-8989: an ordinary user may map a group only after giving up setgroups. */
	r = write_map(pid, "setgroups", "deny", e);
	return r < 0 ? r : write_direct(pid, "gid_map", gids, e);
}
