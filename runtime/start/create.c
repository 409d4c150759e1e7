/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/create.h"

#include <errno.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/start/destroy.h"
#include "runtime/start/hooks.h"
#include "runtime/start/rows.h"
#include "runtime/start/start.h"

/*
 * A container start, in the order in time. Read it from top to bottom: HOST is the process
 * that was called, INIT the container's first process, BESIDE is host work that init waits for
 * only where a row says after_beside: no payload runs that is not on record. After "handover"
 * there are only INIT rows: in a `create` the host has left by then, and `start` watches the rest.
 * Init does not wait for that row. Who kills the host before it has written "created" leaves an
 * init that the record names and the next command ends; afterwards, a created container.
 */
/* clang-format off */
const struct step create_table[] = {
	{ "lock",            HOST,   .run = row_lock,            .undo = undo_lock },
	{ "cgroup",          HOST,   .run = row_cgroup,          .undo = undo_cgroup },
	{ "limits",          HOST,   .run = row_limits },
	{ "sources",         HOST,   .run = row_sources,         .undo = undo_sources },
	{ "namespaces",      HOST,   .run = row_namespaces,      .wanted = want_namespaces },
	{ "exe",             HOST,   .run = row_exe,             .wanted = want_seal },
	{ "gate",            HOST,   .run = row_gate,            .wanted = want_gate, .undo = undo_gate },
	{ "spawn",           HOST,   .run = row_spawn },
	{ "idmap",           HOST,   .run = row_idmap,           .wanted = want_idmap },
	{ "idmapped-mounts", HOST,   .run = row_idmounts,        .wanted = want_idmounts },
	{ "rlimits",         HOST,   .run = row_rlimits,         .wanted = want_rlimits },
	{ "created",         BESIDE, .run = row_created,         .wanted = want_created_beside, .undo = undo_created },

	{ "cgroup-enter",    INIT,   .run = row_cgroup_enter },
	{ "enter",           INIT,   .run = row_enter },
	{ "seal",            INIT,   .run = row_seal,            .wanted = want_seal },
	{ "time",            INIT,   .run = row_time,            .wanted = want_time },
	{ "hostname",        INIT,   .run = row_hostname,        .wanted = want_hostname },
	{ "loopback",        INIT,   .run = row_loopback,        .wanted = want_loopback },
	{ "rootfs",          INIT,   .run = row_rootfs },
	{ "mounts",          INIT,   .run = row_mounts },
	{ "cgroup-namespace", INIT,  .run = row_cgroupns,        .wanted = want_cgroupns },
	{ "cgroup-mounts",   INIT,   .run = row_mounts_cgroup },
	{ "devices",         INIT,   .run = row_devices },
	{ "console",         INIT,   .run = row_console,         .wanted = want_terminal },

	{ "terminal",        HOST,   .run = row_terminal,        .wanted = want_terminal },
	{ "hooks-runtime",   HOST,   .run = row_hooks_runtime,   .wanted = want_hooks_runtime },

	{ "hooks-container", INIT,   .run = row_hooks_container, .wanted = want_hooks_container },
	{ "sysctl",          INIT,   .run = row_sysctl,          .wanted = want_sysctl },
	{ "mask",            INIT,   .run = row_mask },
	{ "pivot",           INIT,   .run = row_pivot },
	{ "program",         INIT,   .run = row_program },

	{ "notify",          HOST,   .run = row_notify,          .wanted = want_notify },
	{ "created",         HOST,   .run = row_created,         .wanted = want_created_late, .undo = undo_created },
	{ "pid",             HOST,   .run = row_pid,             .wanted = want_park },

	{ "detach",          INIT,   .run = row_detach,          .wanted = want_park },

	{ "handover",        HOST,   .run = row_created,         .wanted = want_park, .leaves = true, .undo = undo_created },

	{ "park",            INIT,   .run = row_park,            .wanted = want_park },
	{ "labels",          INIT,   .run = row_labels,          .after_beside = true },
	{ "process",         INIT,   .run = row_process },
	{ "hooks-start",     INIT,   .run = row_hooks_start,     .wanted = want_hooks_start },
	{ "filter",          INIT,   .run = row_filter },
	{ "exec",            INIT,   .run = row_exec },
};
/* clang-format on */
const size_t create_table_n = ARRAY_SIZE(create_table);

static const char *const who_names[] = { [HOST] = "host", [BESIDE] = "beside", [INIT] = "init" };

/* A hook that fails now stops the container, as one that failed earlier would have. */
static int hooks_poststart(struct start *s, struct err *e)
{
	own_buf b = BUF_INIT;
	struct err ignored;
	int r;

	state_json(&s->state, STATUS_RUNNING, s->state.pid, false, false, &b);
	r = hooks_run(s->plan->spec, HOOK_POSTSTART, buf_text(&b), s->plan->ask.bundle,
		      s->engine.signal_fd, e);
	if (r < 0) {
		engine_reap(&s->engine);
		(void)!destroy_container(&s->dir, &s->state, &ignored);
	}
	return r;
}

int create_container(struct start *s, struct err *e)
{
	bool parks = s->plan->ask.kind == PLAN_CREATE;
	int r;

	engine_select(&s->engine, create_table, create_table_n, s);
	r = engine_run(&s->engine, s, parks ? "handover" : NULL, e);
	if (r < 0 && s->oom_killed)
		err_text(e, ENOMEM, "container init was OOM-killed (memory limit too low?)");
	else if (r < 0 && s->engine.init_failed)
		err_at(e, "unable to start container process: error during container init");
	/* The container existed for a moment, so its end is announced (runtime-spec, lifecycle
	 * 12-13). */
	if (r < 0 && s->spawned)
		destroy_poststop(s->plan->spec, &s->state);
	if (r == 0 && !parks && s->plan->spec->hooks[HOOK_POSTSTART].n)
		r = hooks_poststart(s, e);
	return r < 0 ? -e->code : 0;
}

void create_print(struct start *s, FILE *out)
{
	engine_select(&s->engine, create_table, create_table_n, s);
	for (size_t i = 0; i < s->engine.n; i++)
		fprintf(out, "step %s %s\n", who_names[s->engine.row[i]->who],
			s->engine.row[i]->name);
}
