/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a container, by its record alone: kill, remove the cgroup, then the record.
 * The record goes last, so whoever kills us on the way leaves something to go on from.
 */
#pragma once

#include <stdbool.h>

#include "runtime/base/attr.h"

struct err;
struct state;
struct state_dir;

/* SIGKILL to everything inside; returns when nothing is left. */
_must_check_ int destroy_kill(const struct state *s, struct err *e);

/*
 * The directory is locked: kill what lives, remove cgroup and record, then run the poststop hooks
 * (a hook that fails is a warning). The ID is free after this, d is closed.
 */
_must_check_ int destroy_container(struct state_dir *d, const struct state *s, struct err *e);

/*
 * A create that died, or a record that is damaged: clean up by the record, or else by the config
 * that lies beside it; keep directory and lock.
 */
_must_check_ int destroy_remains(struct state_dir *d, struct err *e);

/*
 * One-off runs whose berth was killed leave a record and empty cgroups behind: delete what is found
 * of them, looking at a few containers at most. Never fails, never waits for a lock.
 */
#define ONEOFF_PREFIX "run-" /* of their IDs */
void destroy_transient(int root_fd);

/* The poststop hooks of a container that is gone; a hook that fails is a warning. */
struct spec;
void destroy_poststop(const struct spec *spec, const struct state *s);
