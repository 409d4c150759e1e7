/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the start tables: each is one step, named as in runtime/start/create.c, which
 * also says in which process and in which order they run. Only the tables call these.
 */
#pragma once

#include <stdbool.h>

struct err;
struct start;

/* host */
int row_lock(struct start *s, struct err *e);
void undo_lock(struct start *s);
int row_record(struct start *s, struct err *e);
int row_cgroup(struct start *s, struct err *e);
void undo_cgroup(struct start *s);
int row_limits(struct start *s, struct err *e);
int row_sources(struct start *s, struct err *e);
void undo_sources(struct start *s);
int row_namespaces(struct start *s, struct err *e);
int row_exe(struct start *s, struct err *e);
int row_gate(struct start *s, struct err *e);
void undo_gate(struct start *s);
int row_spawn(struct start *s, struct err *e);
int row_idmap(struct start *s, struct err *e);
int row_idmounts(struct start *s, struct err *e);
int row_rlimits(struct start *s, struct err *e);
int row_created(struct start *s, struct err *e);
int row_pid(struct start *s, struct err *e);
void undo_created(struct start *s);
int row_terminal(struct start *s, struct err *e);
int row_hooks_runtime(struct start *s, struct err *e);
int row_notify(struct start *s, struct err *e);

/* init */
int row_cgroup_enter(struct start *s, struct err *e);
int row_enter(struct start *s, struct err *e);
int row_seal(struct start *s, struct err *e);
int row_time(struct start *s, struct err *e);
int row_hostname(struct start *s, struct err *e);
int row_loopback(struct start *s, struct err *e);
int row_rootfs(struct start *s, struct err *e);
int row_mounts(struct start *s, struct err *e);
int row_cgroupns(struct start *s, struct err *e);
int row_mounts_cgroup(struct start *s, struct err *e);
int row_devices(struct start *s, struct err *e);
int row_console(struct start *s, struct err *e);
int row_hooks_container(struct start *s, struct err *e);
int row_sysctl(struct start *s, struct err *e);
int row_mask(struct start *s, struct err *e);
int row_pivot(struct start *s, struct err *e);
int row_program(struct start *s, struct err *e);
int row_detach(struct start *s, struct err *e);
int row_park(struct start *s, struct err *e);
int row_hooks_start(struct start *s, struct err *e);
int row_labels(struct start *s, struct err *e);
int row_process(struct start *s, struct err *e);
int row_filter(struct start *s, struct err *e);
int row_exec(struct start *s, struct err *e);

/* is the row wanted? */
bool want_namespaces(const struct start *s);
bool want_seal(const struct start *s);
bool want_gate(const struct start *s);
bool want_idmap(const struct start *s);
bool want_idmounts(const struct start *s);
bool want_rlimits(const struct start *s);
bool want_created_beside(const struct start *s);
bool want_created_late(const struct start *s);
bool want_terminal(const struct start *s);
bool want_hooks_runtime(const struct start *s);
bool want_hooks_container(const struct start *s);
bool want_hooks_start(const struct start *s);
bool want_time(const struct start *s);
bool want_hostname(const struct start *s);
bool want_loopback(const struct start *s);
bool want_cgroupns(const struct start *s);
bool want_sysctl(const struct start *s);
bool want_notify(const struct start *s);
bool want_park(const struct start *s);
