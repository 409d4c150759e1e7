/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rootfs/mnt.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

static int write_map(int proc_fd, const char *file, const struct id_maps *maps, struct err *e)
{
	own_buf text = BUF_INIT;
	int r;

	for (size_t i = 0; i < maps->n; i++)
		buf_printf(&text, "%u %u %u\n", maps->v[i].container_id, maps->v[i].host_id,
			   maps->v[i].size);
	r = fd_write_file_at(proc_fd, file, buf_text(&text));
	return r < 0 ? err_set(e, -r, "write %s of an id-mapped mount", file) : 0;
}

static int userns_of(pid_t pid, const struct id_maps *uids, const struct id_maps *gids,
		     struct err *e)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);

	own_fd proc_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc_fd < 0)
		return err_set(e, errno, "open '%s'", path);

	int r = write_map(proc_fd, "uid_map", uids, e);

	if (r == 0)
		r = write_map(proc_fd, "gid_map", gids, e);
	if (r < 0)
		return r;

	int fd = openat(proc_fd, "ns/user", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "open '%s/ns/user'", path) : fd;
}

/* A namespace lives as long as somebody holds it: the child only until we have its fd. */
int idmap_userns(const struct id_maps *uids, const struct id_maps *gids, struct err *e)
{
	own_fd pid_fd = -1;
	struct clone_args args = { .flags = CLONE_NEWUSER | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
				   .pidfd = (uintptr_t)&pid_fd };
	pid_t pid = sys_clone3(&args);
	siginfo_t info;
	int fd;

	if (pid < 0)
		return err_set(e, errno, "make a user namespace for an id-mapped mount");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	fd = userns_of(pid, uids, gids, e);
	sys_pidfd_send_signal(pid_fd, SIGKILL);
	while (waitid(P_PIDFD, (id_t)pid_fd, &info, WEXITED | __WALL) < 0 && errno == EINTR)
		;
	return fd;
}

int idmap_tree(const struct mnt *m, int tree_fd, int userns_fd, struct err *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (uint64_t)(unsigned)userns_fd };
	unsigned rec = m->opts.flags & MOPT_RIDMAP ? AT_RECURSIVE : 0;

	if (sys_mount_setattr(tree_fd, "", AT_EMPTY_PATH | rec, &attr) == 0)
		return 0;
	mnt_err(m, errno, e);
	if (e->code == EINVAL)
		return err_hint(e, "the file system of '%s' cannot be id-mapped%s", m->source,
				rec ? ", or one mounted below it" : "");
	if (e->code == EPERM)
		return err_hint(e, "an id-mapped mount needs CAP_SYS_ADMIN on the host, and a file "
				   "system that is not id-mapped already");
	return -e->code;
}
