/* SPDX-License-Identifier: Apache-2.0 */
/* The writes: every value of the plan into its file. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/devices.h"
#include "cgroups/plan.h"
#include "cgroups/tree.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

/* What the kernel means by its number, where the number alone does not say. */
static const struct {
	int code;
	const char *file; /* how it begins */
	const char *hint;
} hints[] = {
	{ EBUSY, "memory.limit", "the processes in the cgroup use more than that already" },
	{ EBUSY, "memory.memsw", "the processes in the cgroup use more than that already" },
	{ EINVAL, "memory.memsw", "memory plus swap cannot be below the memory limit" },
	{ ENOENT, "memory.memsw", "the kernel does not count swap: boot it with swapaccount=1" },
	{ ENOENT, "memory.swap", "the kernel does not count swap: boot it with swapaccount=1" },
	{ EINVAL, "memory.use_hierarchy", "this kernel is always hierarchical" },
	{ ENODEV, "blkio.", "there is no such block device, or it is a partition: name the disk" },
	{ ENODEV, "io.", "there is no such block device, or it is a partition: name the disk" },
	{ ENOENT, "blkio.", "no I/O scheduler with weights (BFQ) is active" },
	{ ENOENT, "io.bfq", "neither BFQ nor io.cost is active" },
	{ EOPNOTSUPP, "io.", "the I/O scheduler of the device has no weights" },
	{ ENOENT, "hugetlb.", "this machine has no huge pages of that size" },
	{ EINVAL, "cpuset.cpus",
	  "one of the CPUs is not there, or not given to the parent cgroup" },
	{ ERANGE, "cpuset.cpus", "this machine has no such CPU" },
	{ ERANGE, "cpuset.mems", "this machine has no such memory node" },
	{ EACCES, "cpuset.cpus", "one of the CPUs is not given to the parent cgroup" },
	{ EINVAL, "cpuset.mems", "one of the nodes is not there, or not given to the parent" },
	{ EACCES, "cpuset.mems", "one of the nodes is not given to the parent cgroup" },
	{ EINVAL, "cpu.rt_runtime", "the parent cgroup has no realtime left to give" },
	{ EINVAL, "cpu.cfs_burst", "the burst cannot be above the quota" },
	{ EINVAL, "cpu.max.burst", "the burst cannot be above the quota" },
	{ EINVAL, "cpu.cfs_quota", "a quota is at least 1000 us, and not above the parent's" },
	{ EINVAL, "cpu.cfs_period", "a period is between 1000 and 1000000 us" },
	{ EINVAL, "cpu.max", "a quota is at least 1000 us, a period 1000 to 1000000 us" },
	{ EPERM, "devices.", "the parent cgroup does not allow this device" },
	{ EINVAL, "rdma.max", "there is no such RDMA device" },
};

static void hint(const struct cg_target *t, const char *file, int code, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (hints[i].code == code && !strncmp(file, hints[i].file, strlen(hints[i].file))) {
			err_hint(e, "%s", hints[i].hint);
			return;
		}
	if (code == ENOENT && t->h->v2)
		err_hint(e, "the controller is not enabled in the parent cgroup, or this kernel is "
			    "too old for the file");
}

static int refused(const struct cg_target *t, const char *file, const char *value, int code,
		   struct err *e)
{
	cg_fail(e, code, "%s/%s: write '%s'", t->path, file, value);
	hint(t, file, code, e);
	return -code;
}

/* The last file stays open: device rules are a dozen writes into one. */
struct target_file {
	const char *name;
	int fd;
};

static void target_file_close(struct target_file *f)
{
	fd_drop(&f->fd);
}

static int write_value(struct target_file *f, int dir_fd, const char *file, const char *value)
{
	size_t len = strlen(value);

	if (!f->name || strcmp(f->name, file)) {
		fd_drop(&f->fd);
		f->name = NULL;
		f->fd = openat(dir_fd, file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
		if (f->fd < 0)
			return -errno;
		f->name = file;
	}

	ssize_t n = TEMP_FAILURE_RETRY(write(f->fd, value, len));

	return n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
}

/* file and value are left at what was tried last, for the message */
static int write_one(struct target_file *f, int dir_fd, const struct cg_write *w, const char **file,
		     const char **value)
{
	*file = w->file;
	*value = w->value;

	int r = write_value(f, dir_fd, w->file, w->value);

	if (r == -ENOENT && w->or_file) {
		r = write_value(f, dir_fd, w->or_file, w->or_value);
		if (r != -ENOENT) {
			*file = w->or_file;
			*value = w->or_value;
		}
	}
	return r == -ENOENT && w->flags & CGW_OPTIONAL ? 0 : r;
}

int cg_write_target(const struct cg_target *t, const struct cg_place *place, int dir_fd,
		    struct err *e)
{
	_cleanup_(target_file_close) struct target_file f = { .fd = -1 };
	const char *file, *value;
	bool again = false;

	for (size_t i = 0; i < t->nwrites; i++) {
		const struct cg_write *w = &t->writes[i];

		if (w->flags & CGW_MADE && !place->made)
			continue;

		int r = write_one(&f, dir_fd, w, &file, &value);

		if (r < 0 && !(w->flags & CGW_RETRY))
			return refused(t, file, value, -r, e);
		again = again || r < 0;
	}
	/* All of those that may depend on each other, so that the order of the plan holds. */
	for (size_t i = 0; again && i < t->nwrites; i++) {
		const struct cg_write *w = &t->writes[i];
		int r = w->flags & CGW_RETRY ? write_one(&f, dir_fd, w, &file, &value) : 0;

		if (r < 0)
			return refused(t, file, value, -r, e);
	}
	return 0;
}

/* v2 does not refuse a limit below what is in use: it kills. */
static int check_usage(const struct cg_plan *p, const struct cg_record *r, const int *dir_fd,
		       struct err *e)
{
	for (size_t i = 0; p->check_limit >= 0 && i < r->n; i++) {
		char text[32];

		if (!r->v[i].v2 || r->v[i].made || dir_fd[i] < 0)
			continue;
		if (fd_read_file_at(dir_fd[i], "memory.current", text, sizeof(text)) <= 0)
			continue;
		if (strtoll(text, NULL, 10) >= p->check_limit)
			return err_text(e, EBUSY, "rejecting memory limit %" PRId64 " <= usage %s",
					p->check_limit, text);
	}
	return 0;
}

static int apply_devices(const struct cgroup *c, struct err *e)
{
	const struct cg_plan *p = c->plan;
	size_t i = p->dev_target;

	if (!p->dev_insns || c->dir_fd[i] < 0)
		return 0;
	if (p->dev_flags & CGW_MADE && !c->record->v[i].made)
		return 0;

	int r = dev_attach(c->dir_fd[i], p->dev_insns, p->ndev_insns, c->record->v[i].made, e);

	return r < 0 ? err_at(e, "cgroup %s", c->record->v[i].path) : 0;
}

int cg_apply(struct cgroup *c, struct err *e)
{
	const struct cg_plan *p = c->plan;
	int r = check_usage(p, c->record, c->dir_fd, e);

	for (size_t i = 0; r == 0 && i < p->n; i++)
		if (c->dir_fd[i] >= 0 && p->v[i].nwrites)
			r = cg_write_target(&p->v[i], &c->record->v[i], c->dir_fd[i], e);
	return r < 0 ? r : apply_devices(c, e);
}
