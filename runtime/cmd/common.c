/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/cmd/common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/start/payload.h"
#include "specs/oci.h"

void bundle_done(struct bundle *b)
{
	buf_done(&b->text);
}

static int open_config(const char *dir, const char *path, struct err *e)
{
	own_fd dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (dir_fd < 0)
		return err_set(e, errno, "open bundle '%s'", dir);
	fd = openat(dir_fd, "config.json", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT) {
		err_text(e, ENOENT, "JSON specification file config.json not found");
		return err_hint(e,
				"a bundle is a directory with config.json in it: '%s' has none; "
				"'berth spec' writes one",
				path);
	}
	return fd < 0 ? err_set(e, errno, "open '%s/config.json'", path) : fd;
}

int bundle_load(struct bundle *b, const char *dir, struct arena *a, struct err *e)
{
	char path[PATH_MAX];

	*b = (struct bundle){ .text = BUF_INIT, .faults = { .arena = a } };
	if (!realpath(dir ? dir : ".", path))
		return err_set(e, errno, "bundle '%s'", dir ? dir : ".");
	b->path = arena_strdup(a, path);

	own_fd fd = open_config(dir ? dir : ".", path, e);

	if (fd < 0)
		return fd;

	int r = fd_read_all(fd, OCI_MAX_SIZE, &b->text);

	if (r == -EFBIG)
		return err_text(e, EFBIG, "'%s/config.json' is larger than %d MiB", path,
				OCI_MAX_SIZE >> 20);
	if (r == -EINVAL)
		return err_text(e, EINVAL, "'%s/config.json' is not a regular file", path);
	if (r < 0)
		return err_set(e, -r, "read '%s/config.json'", path);
	oci_read_spec(buf_text(&b->text), b->text.len, a, &b->spec, &b->faults);
	return 0;
}

int report_faults(const struct faults *f, const char *file, struct err *e)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].kind == FAULT_WARNING)
			log_warn("%s: %s", f->v[i].pointer, f->v[i].text);
	return faults_err(f, file, e);
}

int oci_exit(struct err *e)
{
	return e->exit == 126 || e->exit == 127 ? err_exit(e, 1) : -e->code;
}

enum cg_manager wanted_manager(const struct global *g)
{
	if (g->cgroup_manager && !strcmp(g->cgroup_manager, "disabled"))
		return CG_DISABLED;
	if (g->systemd_cgroup || (g->cgroup_manager && !strcmp(g->cgroup_manager, "systemd")))
		return CG_SYSTEMD;
	return CG_CGROUPFS;
}

int plan_bundle(const struct cmd_call *c, const struct create_opts *o, enum plan_kind kind,
		const char *id, struct bundle *b, struct plan *p, struct err *e)
{
	struct plan_ask ask = { .kind = kind,
				.id = id,
				.bundle = b->path,
				.console_socket = o->console_socket,
				.pidfd_socket = o->pidfd_socket,
				.pid_file = o->pid_file,
				.no_pivot = o->no_pivot,
				.no_new_keyring = o->no_new_keyring,
				.detach = o->detach,
				.preserve_fds = o->preserve_fds,
				.manager = wanted_manager(c->global) };
	struct strv listen_env = { 0 };
	int r = state_check_id(id, e);

	if (r == 0)
		r = payload_preserve(&ask.preserve_fds, &listen_env, c->arena, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < listen_env.n; i++)
		strv_add(&b->spec.process.env, c->arena, listen_env.v[i]);
	/* A text that cannot even be read as a config has no plan: say what is wrong with it. */
	if (b->faults.errors)
		return report_faults(&b->faults, "config.json", e);
	r = plan_make(&b->spec, &ask, c->arena, p, &b->faults, e);
	return r < 0 ? r : report_faults(&b->faults, "config.json", e);
}

int open_root(const struct global *g, bool make, struct err *e)
{
	int fd = state_root(g->root, make, e);

	return fd == -ENOENT ? err_text(e, ENOENT, "container does not exist") : fd;
}

int container_open(struct container *ct, const struct cmd_call *c, const char *id, bool lock,
		   struct err *e)
{
	int r = state_check_id(id, e);

	*ct = (struct container)CONTAINER_INIT;
	if (r < 0)
		return r;
	ct->root_fd = open_root(c->global, false, e);
	if (ct->root_fd < 0)
		return ct->root_fd;
	r = state_open(&ct->dir, ct->root_fd, id, lock, e);
	if (r == 0)
		r = state_read(&ct->dir, c->arena, &ct->state, e);
	/* no record yet, or no longer: somebody creates or deletes it right now */
	return r == -ENOENT ? err_text(e, ENOENT, "container does not exist") : r;
}

void container_close(struct container *ct)
{
	state_close(&ct->dir);
	fd_drop(&ct->root_fd);
}

int catch_signals(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_set(e, errno, "block signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_set(e, errno, "signalfd") : fd;
}
