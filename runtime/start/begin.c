/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/begin.h"

#include <errno.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/start/create.h"
#include "runtime/start/destroy.h"
#include "runtime/start/gate.h"
#include "runtime/start/handout.h"
#include "runtime/start/hooks.h"
#include "runtime/start/start.h"
#include "runtime/state/state.h"
#include "specs/faults.h"
#include "specs/oci.h"

/* The config as it was at create; only what needs it pays for reading it. */
static int read_config(const struct state_dir *d, struct arena *a, struct spec *spec, struct err *e)
{
	own_buf b = BUF_INIT;
	struct faults f = { .arena = a };
	int r = state_get_file(d, "config.json", &b, e);

	if (r == 0)
		oci_read_spec(buf_text(&b), b.len, a, spec, &f);
	return r;
}

static int not_waiting(const struct state_dir *d, const struct state *s, struct err *e)
{
	if (state_status(d, s) == STATUS_STOPPED)
		return err_text(e, EINVAL, "cannot start a container that has stopped");
	return err_text(e, EINVAL, "cannot start an already running container");
}

static int go(struct state_dir *d, const struct state *s, const struct spec *spec, struct arena *a,
	      struct err *e)
{
	struct engine g = ENGINE_INIT;
	own_fd notify_fd = -1;
	const char *text = "";
	int r;

	g.link_fd = gate_connect(d);
	if (g.link_fd < 0)
		return not_waiting(d, s, e);
	if (s->has_listener) {
		notify_fd = handout_connect(spec->seccomp.listener_path, e);
		text = handout_process_state(spec, s, s->pid, false, a);
		r = notify_fd < 0 ? notify_fd : 0;
	} else {
		r = 0;
	}
	if (r == 0)
		r = gate_go(g.link_fd, notify_fd, text, e);
	fd_drop(&notify_fd);
	if (r == 0)
		r = engine_join(&g, e);
	engine_close(&g);
	return r;
}

int begin_container(struct state_dir *d, const struct state *s, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct spec spec;
	own_buf b = BUF_INIT;
	struct err ignored;
	int r = 0;

	spec_init(&spec);
	if (s->has_listener || s->has_poststart)
		r = read_config(d, &a, &spec, e);
	if (r == 0)
		r = go(d, s, &spec, &a, e);
	if (r == 0) {
		gate_remove(d);
		state_json(s, STATUS_RUNNING, s->pid, false, false, &b);
		r = hooks_run(&spec, HOOK_POSTSTART, buf_text(&b), s->bundle, -1, e);
		if (r < 0 && destroy_kill(s, &ignored) < 0)
			log_warn("%s", ignored.text);
	}
	arena_free(&a);
	return r;
}
