/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/t.h"

void tree_make(struct tree *t)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(t->path, sizeof(t->path), "%s/berth-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(t->path));
	assert_int_equal(chmod(t->path, 0755), 0);
	t->fd = open(t->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
}

static void remove_below(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	for (struct dirent *ent = d ? readdir(d) : NULL; ent; ent = readdir(d)) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, ".."))
			continue;
		if (unlinkat(fd, ent->d_name, 0) < 0 && errno != ENOENT)
			remove_below(fd, ent->d_name);
	}
	if (d)
		closedir(d);
	assert_int_equal(unlinkat(dir_fd, name, AT_REMOVEDIR), 0);
}

void tree_remove(struct tree *t)
{
	close(t->fd);
	t->fd = -1;
	remove_below(AT_FDCWD, t->path);
}

static void parents(const struct tree *t, const char *path)
{
	char prefix[256];

	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(prefix, sizeof(prefix), "%.*s", (int)(p - path), path);
		if (mkdirat(t->fd, prefix, 0755) < 0)
			assert_int_equal(errno, EEXIST);
	}
}

void tree_dir(const struct tree *t, const char *path, mode_t mode)
{
	parents(t, path);
	assert_int_equal(mkdirat(t->fd, path, 0700), 0);
	assert_int_equal(fchmodat(t->fd, path, mode, 0), 0);
}

void tree_file(const struct tree *t, const char *path, const char *text, size_t len, mode_t mode)
{
	parents(t, path);

	int fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

void tree_link(const struct tree *t, const char *path, const char *target)
{
	parents(t, path);
	assert_int_equal(symlinkat(target, t->fd, path), 0);
}

void tree_fifo(const struct tree *t, const char *path)
{
	parents(t, path);
	assert_int_equal(mkfifoat(t->fd, path, 0644), 0);
}
