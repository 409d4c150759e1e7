/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/start.h"

#include <unistd.h>

#include "runtime/base/fd.h"

void start_init(struct start *s, const struct plan *p, struct arena *a, int state_root_fd)
{
	*s = (struct start){
		.engine = ENGINE_INIT,
		.plan = p,
		.proc = p->proc,
		.arena = a,
		.state_root_fd = state_root_fd,
		.dir = STATE_DIR_INIT,
		.cgroup = CGROUP_INIT,
		.rootfs = ROOTFS_INIT,
		.exe_fd = -1,
		.listen_fd = -1,
		.console_fd = -1,
		.listener_fd = -1,
		.notify_fd = -1,
	};
	for (int i = 0; i < NS_COUNT; i++)
		s->ns_fd[i] = -1;
	s->state = (struct state){
		.phase = PHASE_CREATING,
		.id = p->ask.id,
		.bundle = p->ask.bundle,
		.rootfs = p->root,
		.created = state_now(a),
		.boot_id = state_boot_id(a),
		.owner = geteuid(),
		.private_pidns = p->spec->ns[NS_PID].mode == NS_NEW,
		.transient = p->transient,
		.has_poststart = p->spec->hooks[HOOK_POSTSTART].n > 0,
		.has_poststop = p->spec->hooks[HOOK_POSTSTOP].n > 0,
		.has_listener = p->proc.seccomp_notify,
		.annotations = p->spec->annotations,
	};
}

void start_close(struct start *s)
{
	state_close(&s->dir);
	cg_close(&s->cgroup);
	rootfs_close(&s->rootfs);
	for (int i = 0; i < NS_COUNT; i++)
		fd_drop(&s->ns_fd[i]);
	fd_drop(&s->exe_fd);
	fd_drop(&s->listen_fd);
	fd_drop(&s->console_fd);
	fd_drop(&s->listener_fd);
	fd_drop(&s->notify_fd);
	engine_close(&s->engine);
}
