/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/cmd/common.h"
#include "runtime/start/create.h"
#include "runtime/start/start.h"

static const struct opt opts[] = {
	CREATE_OPTS,
};

static int create(struct start *s, struct err *e)
{
	own_fd signal_fd = catch_signals(e);
	int r;

	if (signal_fd < 0)
		return signal_fd;
	s->engine.signal_fd = signal_fd;
	r = create_container(s, e);
	start_close(s);
	return r < 0 ? oci_exit(e) : r;
}

static int run(const struct cmd_call *c, struct err *e)
{
	const struct create_opts *o = c->opts;
	own_bundle b = { 0 };
	struct plan p;
	struct start s;
	int r = bundle_load(&b, o->bundle, c->arena, e);

	if (r == 0)
		r = plan_bundle(c, o, PLAN_CREATE, c->operands.v[0], &b, &p, e);
	if (r < 0)
		return r;

	own_fd root_fd = open_root(c->global, true, e);

	if (root_fd < 0)
		return root_fd;
	start_init(&s, &p, c->arena, root_fd);
	s.config = b.text.data;
	s.config_len = b.text.len;
	return create(&s, e);
}

extern const struct cmd cmd_create;
const struct cmd cmd_create = {
	.name = "create",
	.args = "ID",
	.help = "create a container from a bundle; start runs its program",
	.group = "OCI life cycle",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct create_opts),
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
