/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container runtime can leave behind on a host, as a sorted list of text lines, so that
 * two moments can be compared line by line.
 *
 * Watched: mounts of this mount namespace, namespaces that any process is in, processes, cgroups
 * of every hierarchy, named trees (the state root, the bundle), file locks, network links, pseudo
 * terminals, keys, eBPF programs of type cgroup_device, loop devices, the host name. On a busy
 * machine run it in a cell (tests/fault/cell), where nothing is seen but what the test made;
 * without one, `mine` narrows processes and cgroups to those that mention an ID.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runtime/base/attr.h"

#define LEAK_TREES 8

struct leak_watch {
	const char *trees[LEAK_TREES]; /* directories whose entries count */
	size_t ntrees;
	const char *mine; /* only processes and cgroups that mention this; NULL: all */
	const char *key;  /* only keys whose description has this; NULL: none */
};

struct snapshot {
	char *text; /* owned; the lines, NUL-separated */
	size_t len, room;
	char **lines; /* owned; sorted */
	size_t n;
};

#define SNAPSHOT_INIT                                                                              \
	{                                                                                          \
		.text = NULL                                                                       \
	}

/* Look at the host now. The snapshot is emptied first. */
void snapshot_take(struct snapshot *s, const struct leak_watch *w);

/* Add a line; sort all of them, once they are complete. */
void snapshot_put(struct snapshot *s, const char *fmt, ...) _printf_(2, 3);
void snapshot_sort(struct snapshot *s);

/* What is in after and not in before ("+ ..."), and what is gone ("- ..."); returns how many. */
size_t snapshot_diff(const struct snapshot *before, const struct snapshot *after, FILE *out);

/*
 * Compare the host with before; what differs gets settle_ms to go away by itself (the kernel ends
 * namespaces and keys with a delay). Returns the number of lasting differences, printed to out.
 */
size_t leak_check(const struct snapshot *before, const struct leak_watch *w, unsigned settle_ms,
		  FILE *out);

/*
 * Remove by force what is new since before: cgroups, files of the trees, mounts. The processes
 * must be gone. So one leak is reported once and the next test starts from a clean host.
 */
void leak_scrub(const struct snapshot *before, const struct leak_watch *w);

/* Files, for the leakcheck command. 0 or -errno. */
int snapshot_save(const struct snapshot *s, const char *path);
int snapshot_load(struct snapshot *s, const char *path);

void snapshot_done(struct snapshot *s);
