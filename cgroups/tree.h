/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of the cgroup file systems: what make, kill, freeze and remove share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/attr.h"

struct cg_place;
struct cg_plan;
struct cg_record;
struct cg_target;
struct cgroup;
struct err;

/* Write the target's values into the open directory. */
_must_check_ int cg_write_target(const struct cg_target *t, const struct cg_place *place,
				 int dir_fd, struct err *e);

/* "+cpu +memory" into the parent of the target's directory, and into its parents if need be. */
_must_check_ int cg_enable(const struct cg_target *t, struct err *e);

/* v1: a new cpuset is empty and takes no process: give it what its parent has. */
_must_check_ int cg_cpuset_inherit(const struct cg_target *t, bool made, int dir_fd, struct err *e);

/* rmdir of the parents that berth made, as far as they are empty. */
void cg_remove_parents(const struct cg_place *place);

/*
 * err_set, but in words of our own where engines read more into strerror's: podman takes any
 * "permission denied" or "no such file or directory" for the fault of the program to run.
 */
int cg_fail(struct err *e, int code, const char *what, ...) _printf_(3, 4);

/* Open a place's directory. The descriptor or -errno. */
_must_check_ int cg_place_open(const struct cg_place *place);

/*
 * Every cgroup from the open one downwards, with a constant number of descriptors however deep
 * the payload nested them. enter is called on the way in, leave on the way out with the parent
 * and the name (not for the top). Either may be NULL. A directory that vanishes is passed over;
 * a negative return ends the walk.
 */
struct cg_walk {
	int (*enter)(int dir_fd, void *arg);
	int (*leave)(int parent_fd, const char *name, void *arg);
	void *arg;
};
_must_check_ int cg_walk(int top_fd, const struct cg_walk *w);

/* A set of pids. */
struct cg_pidset {
	pid_t *v;
	size_t n, room;
};
void cg_pidset_done(struct cg_pidset *s);

/* Add the processes of a directory and everything below. 0 or -errno. */
_must_check_ int cg_pids_below(int dir_fd, struct cg_pidset *s);
void cg_pids_sort(struct cg_pidset *s);

/*
 * Wait until cgroup.events (v2) has the line, "populated 0". 0, -ETIMEDOUT or -errno; a
 * directory that goes away meanwhile is 0.
 */
_must_check_ int cg_wait_event(int dir_fd, const char *line, int64_t deadline_ns);

/* The same for "populated 0", but by the exit of the members, which is known sooner. */
_must_check_ int cg_wait_empty(int dir_fd, int64_t deadline_ns);

/* Is this line in the text? */
bool cg_has_line(const char *text, const char *line);

/* CLOCK_MONOTONIC now and in ms milliseconds; what is left until then, for poll(2). */
int64_t cg_clock_after(int ms);
int cg_clock_left(int64_t deadline_ns);

/* Freeze or thaw one directory and wait for it; v1: everything below is thawed too. 0 or -errno. */
_must_check_ int cg_freeze_fd(int dir_fd, bool v2, bool freeze, int ms);

/* The v1 hierarchy with this controller, NULL when the record has none. */
const struct cg_place *cg_place_v1(const struct cg_record *r, const char *controller);
const struct cg_place *cg_place_v2(const struct cg_record *r);
