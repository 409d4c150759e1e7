/* SPDX-License-Identifier: Apache-2.0 */
/* A small file tree in a new directory below $TMPDIR, standing for the root of a container. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct tree {
	char path[256];
	int fd; /* O_PATH */
};

/* All of these fail the test when they cannot do their work. Parent directories are made. */
void tree_make(struct tree *t);
void tree_remove(struct tree *t);
void tree_dir(const struct tree *t, const char *path, mode_t mode);
void tree_file(const struct tree *t, const char *path, const char *text, size_t len, mode_t mode);
void tree_link(const struct tree *t, const char *path, const char *target);
void tree_fifo(const struct tree *t, const char *path);
