/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "rootfs/mnt.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"

int mnt_data_next(const char **data, char *text, size_t size)
{
	const char *p = *data;
	bool quoted = false;
	size_t n = 0;

	while (*p == ',')
		p++;
	if (!*p)
		return 0;
	for (; *p && (quoted || *p != ','); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (*p == '\\' && p[1] == ',')
			p++;
		if (n + 1 >= size)
			return -E2BIG;
		text[n++] = *p;
	}
	text[n] = 0;
	*data = p;
	return 1;
}

bool mnt_data_has(const char *data, const char *key)
{
	size_t len = strlen(key);

	while (data && *data) {
		if (!strncmp(data, key, len) &&
		    (data[len] == '=' || data[len] == ',' || !data[len]))
			return true;
		data = strchr(data, ',');
		data = data ? data + 1 : NULL;
	}
	return false;
}

/* The kernel's own words about a file system context: "e tmpfs: Bad value for 'size'". */
static int context_error(const struct mnt *m, int fs_fd, int code, const char *what, struct err *e)
{
	char why[512];
	ssize_t n = read(fs_fd, why, sizeof(why) - 1);

	if (n > 2 && why[1] == ' ') {
		while (n > 0 && why[n - 1] == '\n')
			n--;
		why[n] = 0;
		return mnt_err_text(m, code, why + 2, e);
	}
	if (what) {
		mnt_err(m, code, e);
		return err_hint(e, "the file system \"%s\" refuses the option \"%s\"", m->type,
				what);
	}
	return mnt_err(m, code, e);
}

static int set_word(const struct mnt *m, int fs_fd, char *word, struct err *e)
{
	char *value = strchr(word, '=');
	int r;

	if (value) {
		*value++ = 0;
		r = sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, word, value, 0);
	} else {
		r = sys_fsconfig(fs_fd, FSCONFIG_SET_FLAG, word, NULL, 0);
	}
	return r < 0 ? context_error(m, fs_fd, -errno, word, e) : 0;
}

static int set_words(const struct mnt *m, int fs_fd, const char *data, struct err *e)
{
	char word[PATH_MAX];

	while (data) {
		int r = mnt_data_next(&data, word, sizeof(word));

		if (r == 0)
			break;
		if (r > 0)
			r = set_word(m, fs_fd, word, e);
		else
			r = mnt_err(m, r, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Flags that mount(2) has as bits and fsconfig(2) as words. */
static const struct {
	uint64_t bit;
	const char *on, *off;
} sb_words[] = {
	{ MS_SYNCHRONOUS, "sync", "async" },
	{ MS_DIRSYNC, "dirsync", NULL },
	{ MS_MANDLOCK, "mand", "nomand" },
	{ MS_LAZYTIME, "lazytime", "nolazytime" },
};

static int set_flags(const struct mnt *m, int fs_fd, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(sb_words); i++) {
		const char *w = m->opts.sb_set & sb_words[i].bit     ? sb_words[i].on
				: m->opts.sb_clear & sb_words[i].bit ? sb_words[i].off
								     : NULL;

		if (w && sys_fsconfig(fs_fd, FSCONFIG_SET_FLAG, w, NULL, 0) < 0)
			return context_error(m, fs_fd, -errno, w, e);
	}
	/* A disk must not be written to below a read-only mount; our own kinds have no disk. */
	if (m->kind == &mnt_generic && (m->opts.attr_set & MOUNT_ATTR_RDONLY) &&
	    sys_fsconfig(fs_fd, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)
		return context_error(m, fs_fd, -errno, "ro", e);
	return 0;
}

unsigned mnt_new_attr(const struct mnt *m)
{
	uint64_t set = m->opts.attr_set | m->opts.rec_set;

	if (m->late_ro)
		set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	return (unsigned)set;
}

static int open_context(const struct mnt *m, const char *type, struct err *e)
{
	int fs_fd = sys_fsopen(type, FSOPEN_CLOEXEC);
	int r = -errno;

	if (fs_fd >= 0)
		return fs_fd;
	mnt_err(m, r, e);
	if (r == -ENODEV)
		err_hint(e, "this kernel knows no file system type \"%s\"", type);
	return r;
}

int mnt_new_fs(const struct rootfs *r, const struct mnt *m, const char *type, const char *extra,
	       struct err *e)
{
	own_fd fs_fd = open_context(m, type, e);
	int k;

	if (fs_fd < 0)
		return fs_fd;
	/* Without a device it is only a word in mountinfo; programs look for "proc" there. */
	if (strcmp(m->source, "none") != 0 &&
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "source", m->source, 0) < 0)
		return context_error(m, fs_fd, -errno, NULL, e);
	k = set_words(m, fs_fd, m->data, e);
	if (k == 0)
		k = set_words(m, fs_fd, extra, e);
	if (k == 0)
		k = set_flags(m, fs_fd, e);
	if (k == 0 && m->kind->label && r->plan->mount_label && *r->plan->mount_label &&
	    sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, "context", r->plan->mount_label, 0) < 0)
		k = context_error(m, fs_fd, -errno, "context", e);
	if (k < 0)
		return k;
	if (sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return context_error(m, fs_fd, -errno, NULL, e);

	own_fd fd = sys_fsmount(fs_fd, FSMOUNT_CLOEXEC, mnt_new_attr(m));

	if (fd < 0)
		return context_error(m, fs_fd, -errno, NULL, e);
	if (m->opts.propagation && m->opts.propagation != MS_PRIVATE) {
		struct mountopts prop = { .propagation = m->opts.propagation };

		k = mnt_attrs(&prop, fd, false, false, false);
		if (k < 0)
			return mnt_err(m, k, e);
	}
	return take_fd(fd);
}

int mnt_apply_fs(struct rootfs *r, size_t i, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];

	if (mnt_data_long(m->data))
		return mnt_apply_long(r, i, e);

	own_fd fd = mnt_new_fs(r, m, m->type, NULL, e);

	if (fd < 0)
		return fd;
	return mnt_attach(r, i, &fd, -1, e);
}

static int clone_host(struct rootfs *r, size_t i, const char *path, struct err *e)
{
	const struct mnt *m = &r->plan->mounts[i];
	own_fd fd = mnt_clone_path(path, AT_RECURSIVE, -1);
	int k;

	if (fd < 0)
		return mnt_err(m, fd, e);
	k = mnt_attrs(&m->opts, fd, true, true, true);
	/* read-only all the way down: this is the host's */
	if (k == 0 && (m->opts.attr_set & MOUNT_ATTR_RDONLY)) {
		struct mountopts ro = { .rec_set = MOUNT_ATTR_RDONLY };

		k = mnt_attrs(&ro, fd, true, false, false);
	}
	if (k < 0)
		return mnt_err(m, k, e);
	return mnt_attach(r, i, &fd, -1, e);
}

/*
 * A new procfs in a user namespace needs one that is wholly visible where we come from (Linux
 * 4.2). Without a pid namespace of our own the host's shows the same processes.
 */
int mnt_apply_proc(struct rootfs *r, size_t i, struct err *e)
{
	int k = mnt_apply_fs(r, i, e);

	if (k != -EPERM || !(r->plan->new_userns || r->plan->in_userns))
		return k;
	if (!r->plan->new_pidns) {
		struct err again = { 0 };

		if (clone_host(r, i, "/proc", &again) == 0)
			return 0;
	}
	return err_hint(e,
			"a user namespace may mount a procfs only where the one it comes from has "
			"nothing mounted over it");
}

/* A sysfs belongs to a network namespace; one that is not ours can only be shown as it is. */
int mnt_apply_sysfs(struct rootfs *r, size_t i, struct err *e)
{
	struct err again = { 0 };
	int k = mnt_apply_fs(r, i, e);

	if (k != -EPERM || !(r->plan->new_userns || r->plan->in_userns))
		return k;
	return clone_host(r, i, "/sys", &again) == 0 ? 0 : k;
}
