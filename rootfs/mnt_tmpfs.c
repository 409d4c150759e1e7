/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/mnt.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

/* The options without gid=; the kernel refuses a group that the user namespace does not map. */
static void without_gid(const char *data, struct buf *b)
{
	while (data && *data) {
		size_t len = strcspn(data, ",");

		if (strncmp(data, "gid=", 4) != 0) {
			if (b->len)
				buf_puts(b, ",");
			buf_put(b, data, len);
		}
		data += len;
		data += *data == ',';
	}
}

static int new_without_gid(const struct rootfs *r, const struct mnt *m, const char *extra,
			   struct err *e)
{
	struct mnt other = *m;
	own_buf data = BUF_INIT;

	without_gid(m->data, &data);
	other.data = buf_text(&data);
	return mnt_new_fs(r, &other, m->type, extra, e);
}

int mnt_new_fs_gid(const struct rootfs *r, const struct mnt *m, const char *extra, struct err *e)
{
	struct err again = { 0 };
	int fd = mnt_new_fs(r, m, m->type, extra, e);

	if (fd != -EINVAL || !(r->plan->new_userns || r->plan->in_userns) ||
	    !mnt_data_has(m->data, "gid"))
		return fd;
	fd = new_without_gid(r, m, extra, &again);
	return fd < 0 ? -e->code : fd;
}

int mnt_apply_tmpfs(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	bool keep_mode = !mnt_data_has(m->data, "mode"), copy = m->opts.flags & MOPT_COPYUP;
	own_fd target_fd = -1;
	char mode[32] = "";
	struct stat st;

	/*
	 * What the tmpfs hides gives it its mode, sticky bit and all, and with copy-up its content.
	 */
	if (keep_mode || copy) {
		target_fd = mnt_target(r, i, true, e);
		if (target_fd < 0)
			return target_fd;
		if (fstat(target_fd, &st) < 0)
			return mnt_err(m, errno, e);
		if (keep_mode && S_ISDIR(st.st_mode))
			snprintf(mode, sizeof(mode), "mode=%o", st.st_mode & 07777u);
	}

	own_fd fd = mnt_new_fs_gid(r, m, *mode ? mode : NULL, e);

	if (fd < 0)
		return fd;
	if (copy) {
		int k = copyup(target_fd, fd, e);

		if (k < 0)
			return err_at(e, "copy the content of '%s' into its tmpfs", m->dest);
	}
	return mnt_attach(r, i, &fd, target_fd, e);
}

/* devpts: the same rule for gid=5, which a one-id user namespace does not know */
int mnt_apply_devpts(struct rootfs *r, size_t i, struct err *e)
{
	own_fd fd = mnt_new_fs_gid(r, &r->plan->mounts[i], NULL, e);

	if (fd < 0)
		return fd;
	return mnt_attach(r, i, &fd, -1, e);
}
