/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/destroy.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/sys.h"
#include "runtime/start/hooks.h"
#include "runtime/state/state.h"
#include "specs/faults.h"
#include "specs/oci.h"

/* Init itself, for containers whose cgroup is not theirs alone (or that have none). */
static int kill_init(const struct state *s, struct err *e)
{
	own_fd fd = state_pidfd(s);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd == -ESRCH)
		return 0;
	if (fd < 0)
		return err_set(e, -fd, "open process %d", s->pid);
	if (sys_pidfd_send_signal(fd, SIGKILL) < 0 && errno != ESRCH)
		return err_set(e, errno, "kill process %d", s->pid);
	if (TEMP_FAILURE_RETRY(poll(&p, 1, -1)) < 0)
		return err_set(e, errno, "wait for process %d", s->pid);
	return 0;
}

int destroy_kill(const struct state *s, struct err *e)
{
	/* The cgroup first: a frozen init dies only of that. */
	int r = cg_kill(&s->cgroup, e);

	return r < 0 ? r : kill_init(s, e);
}

/*
 * When init is gone and was pid 1, the kernel has ended everybody in its pid namespace: then the
 * cgroup is empty as a rule, and rmdir alone is the quickest way to find out.
 */
static int remove_cgroup(const struct state *s, struct err *e)
{
	int r;

	bool gone = kill(s->pid, 0) < 0 && errno == ESRCH;

	if (gone && s->private_pidns && cg_remove_empty(&s->cgroup))
		return 0;
	r = destroy_kill(s, e);
	return r < 0 ? r : cg_remove(&s->cgroup, e);
}

void destroy_poststop(const struct spec *spec, const struct state *s)
{
	own_buf b = BUF_INIT;
	struct err e = { 0 };

	state_json(s, STATUS_STOPPED, 0, false, false, &b);
	for (size_t i = 0; i < spec->hooks[HOOK_POSTSTOP].n; i++) {
		struct spec one = { 0 };

		/* each on its own: one that fails does not keep the next from running */
		one.hooks[HOOK_POSTSTOP].v = &spec->hooks[HOOK_POSTSTOP].v[i];
		one.hooks[HOOK_POSTSTOP].n = 1;
		if (hooks_run(&one, HOOK_POSTSTOP, buf_text(&b), s->bundle, -1, &e) < 0)
			log_warn("%s", e.text);
	}
}

static void poststop_of_config(const struct buf *config, const struct state *s)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct spec spec;

	oci_read_spec(buf_text(config), config->len, &a, &spec, &f);
	destroy_poststop(&spec, s);
	arena_free(&a);
}

int destroy_container(struct state_dir *d, const struct state *s, struct err *e)
{
	own_buf config = BUF_INIT;
	struct err ignored;
	bool hooks = s->has_poststop && state_get_file(d, "config.json", &config, &ignored) == 0;
	int r = remove_cgroup(s, e);

	if (r == 0)
		r = state_remove(d, e);
	if (r == 0 && hooks)
		poststop_of_config(&config, s);
	return r;
}

/*
 * The record cannot be read any more, but the config of the container says where its cgroup is.
 * Only a cgroup that bears the container's name is taken for its own: what is shared stays alone.
 */
static int kill_by_config(const struct state_dir *d, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct cg_ctx ctx = { .id = d->id, .rootless = geteuid() != 0 };
	struct cg_layout layout;
	struct cg_plan *plan;
	struct cg_record record = { 0 };
	struct spec spec;
	own_buf config = BUF_INIT;
	int r = state_get_file(d, "config.json", &config, e);

	if (r < 0)
		return 0;
	oci_read_spec(buf_text(&config), config.len, &a, &spec, &f);
	r = cg_detect(&layout, &a, e);
	if (r == 0)
		r = cg_plan(&spec, &layout, &ctx, &a, &plan, &f, e);
	if (r == 0 && !f.errors)
		r = cg_intend(plan, &a, &record, e);
	for (size_t i = 0; i < record.n; i++) {
		const char *leaf = strrchr(record.v[i].path, '/');

		record.v[i].made = leaf && strstr(leaf, d->id);
	}
	if (r == 0 && record.n)
		r = cg_kill(&record, e);
	if (r == 0 && record.n)
		r = cg_remove(&record, e);
	arena_free(&a);
	return r < 0 ? r : 0;
}

static int kill_by_record(const struct state *s, struct err *e)
{
	int r = destroy_kill(s, e);

	return r < 0 ? r : cg_remove(&s->cgroup, e);
}

int destroy_remains(struct state_dir *d, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct state s;
	int r = state_read(d, &a, &s, e);

	if (r == 0)
		r = kill_by_record(&s, e);
	else
		r = r == -ENOENT ? 0 : kill_by_config(d, e);
	if (r == 0)
		r = state_clear(d, e);
	arena_free(&a);
	return r;
}

/* Looking at a live one costs about 30 us: a start must not become slow among many. */
enum { LOOK_AT = 8 };

static void destroy_if_over(int root_fd, const char *id)
{
	struct arena a = ARENA_INIT;
	struct state_dir d = STATE_DIR_INIT;
	struct state s;
	struct err ignored;

	if (state_open(&d, root_fd, id, false, &ignored) == 0 &&
	    state_read(&d, &a, &s, &ignored) == 0 && s.transient &&
	    state_status(&d, &s) == STATUS_STOPPED && state_try_lock(&d)) {
		if (s.phase == PHASE_CREATED)
			(void)!destroy_container(&d, &s, &ignored);
		else if (destroy_remains(&d, &ignored) == 0)
			(void)!state_remove(&d, &ignored);
	}
	state_close(&d);
	arena_free(&a);
}

void destroy_transient(int root_fd)
{
	struct arena a = ARENA_INIT;
	struct strv ids = { 0 };
	struct err ignored;

	if (state_list(root_fd, &a, &ids, &ignored) < 0)
		ids.n = 0;
	for (size_t i = 0, looked = 0; i < ids.n && looked < LOOK_AT; i++) {
		if (strncmp(ids.v[i], ONEOFF_PREFIX, strlen(ONEOFF_PREFIX)) != 0)
			continue;
		destroy_if_over(root_fd, ids.v[i]);
		looked++;
	}
	arena_free(&a);
}
