/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that fsconfig(2) has no room for: it takes 255 characters of a value. mount(2) takes a
 * page of all options together; beyond that an overlay can be given its layers one by one.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "rootfs/mnt.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

enum { VALUE_MAX = 255, PAGE_MAX = 4095 };

bool mnt_data_long(const char *data)
{
	while (data && *data) {
		size_t len = strcspn(data, ",");
		const char *value = memchr(data, '=', len);

		if (value && (size_t)(data + len - value - 1) > VALUE_MAX)
			return true;
		data += len;
		data += *data == ',';
	}
	return false;
}

unsigned long mnt_ms_flags(const struct mnt *m)
{
	static const struct {
		uint64_t attr;
		unsigned long ms;
	} bits[] = {
		{ MOUNT_ATTR_NOSUID, MS_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_NODEV },
		{ MOUNT_ATTR_NOEXEC, MS_NOEXEC },
		{ MOUNT_ATTR_RDONLY, MS_RDONLY },
		{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME },
		{ MOUNT_ATTR_NOSYMFOLLOW, 256 }, /* MS_NOSYMFOLLOW, Linux 5.10 */
	};
	uint64_t set = m->opts.attr_set | m->opts.rec_set, atime = set & MOUNT_ATTR__ATIME;
	unsigned long flags = atime == MOUNT_ATTR_NOATIME       ? MS_NOATIME
			      : atime == MOUNT_ATTR_STRICTATIME ? MS_STRICTATIME
								: MS_RELATIME;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (set & bits[i].attr)
			flags |= bits[i].ms;
	return flags | (m->opts.sb_set & (MS_SYNCHRONOUS | MS_DIRSYNC | MS_MANDLOCK | MS_LAZYTIME));
}

/* Onto ".", which is the descriptor: no name in the container is looked up. */
static int mount_here(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	struct mountopts prop = { .propagation = m->opts.propagation };
	own_fd target_fd = mnt_target(r, i, true, e);

	if (target_fd < 0)
		return target_fd;
	if (fchdir(target_fd) < 0 || mount(m->source, ".", m->type, mnt_ms_flags(m), m->data) < 0)
		return mnt_err(m, errno, e);

	own_fd fd = prop.propagation ? inroot_open(r->root_fd, m->dest, O_PATH) : -1;
	int k = prop.propagation ? mnt_attrs(&prop, fd, false, false, false) : 0;

	return k < 0 ? mnt_err(m, k, e) : 0;
}

/* The layers of "a:b::c", highest first; what follows "::" holds data only. */
static int add_layers(const struct mnt *m, int fs_fd, char *list, struct err *e)
{
	const char *key = "lowerdir+";

	while (*list) {
		size_t len = 0;

		while (list[len] && (list[len] != ':' || (len && list[len - 1] == '\\')))
			len++;
		if (!len) {
			key = "datadir+";
			list++;
			continue;
		}

		char end = list[len];

		list[len] = 0;
		if (sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, key, list, 0) < 0) {
			mnt_err(m, errno, e);
			return err_hint(e, "so many layers need Linux 6.7, and at most 255 "
					   "characters for each");
		}
		list += len + (end != 0);
	}
	return 0;
}

static int overlay_words(const struct mnt *m, int fs_fd, char *word, size_t size, struct err *e)
{
	for (const char *data = m->data;;) {
		int k = mnt_data_next(&data, word, size);
		char *value = k > 0 ? strchr(word, '=') : NULL;

		if (k <= 0)
			return k < 0 ? mnt_err(m, k, e) : 0;
		if (value)
			*value++ = 0;
		if (value && !strcmp(word, "lowerdir"))
			k = add_layers(m, fs_fd, value, e);
		else if (sys_fsconfig(fs_fd, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, word,
				      value, 0) < 0)
			k = mnt_err(m, errno, e);
		if (k < 0)
			return k;
	}
}

static void free_text(char **p)
{
	free(*p);
}

static int mount_layers(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	size_t size = strlen(m->data) + 1;
	_cleanup_(free_text) char *word = malloc(size);
	own_fd fs_fd = sys_fsopen("overlay", FSOPEN_CLOEXEC);
	int k;

	if (!word || fs_fd < 0)
		return mnt_err(m, errno, e);
	if (sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", m->source, 0) < 0)
		return mnt_err(m, errno, e);
	k = overlay_words(m, fs_fd, word, size, e);
	if (k < 0)
		return k;
	if (sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return mnt_err(m, errno, e);

	own_fd fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, mnt_new_attr(m));

	if (fd < 0)
		return mnt_err(m, errno, e);
	return mnt_attach(r, i, &fd, -1, e);
}

int mnt_apply_long(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];

	if (strlen(m->data) <= PAGE_MAX)
		return mount_here(r, i, e);
	if (!strcmp(m->type, "overlay"))
		return mount_layers(r, i, e);
	return mnt_err_text(m, E2BIG,
			    "an option is longer than 255 characters and all of them longer than "
			    "a page, for which the kernel has no room",
			    e);
}
