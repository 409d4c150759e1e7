/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/base/log.h"
#include "runtime/cmd/common.h"
#include "runtime/start/destroy.h"

struct delete_opts {
	bool force;
};

static const struct opt opts[] = {
	{ 'f', "force", NULL, "kill it first if it runs; no error if it does not exist", OPT_FLAG,
	  offsetof(struct delete_opts, force) },
};

/* What a create that died left behind, or a record that cannot be read. */
static int delete_remains(struct container *ct, struct err *e)
{
	int r = destroy_remains(&ct->dir, e);

	return r < 0 ? r : state_remove(&ct->dir, e);
}

static int open_it(struct container *ct, const struct cmd_call *c, bool force, bool *remains,
		   struct err *e)
{
	int r = container_open(ct, c, c->operands.v[0], true, e);

	*remains = ct->dir.dir_fd >= 0 && (r < 0 || ct->state.phase == PHASE_CREATING);
	if (*remains && (force || r == 0 || r == -ENOENT))
		return 0;
	return r;
}

static int run(const struct cmd_call *c, struct err *e)
{
	const struct delete_opts *o = c->opts;
	own_container ct = CONTAINER_INIT;
	enum status status;
	bool remains;
	int r = open_it(&ct, c, o->force, &remains, e);

	if (r == -ENOENT && o->force)
		return 0;
	if (r < 0)
		return r;
	if (remains)
		return delete_remains(&ct, e);
	status = state_status(&ct.dir, &ct.state);
	if (!o->force && status != STATUS_STOPPED && status != STATUS_CREATED) {
		err_text(e, EBUSY, "cannot delete container %s that is not stopped: %s",
			 ct.state.id, status_names[status]);
		return err_hint(e, "berth kill %s KILL, or berth delete --force %s", ct.state.id,
				ct.state.id);
	}
	return destroy_container(&ct.dir, &ct.state, e);
}

extern const struct cmd cmd_delete;
const struct cmd cmd_delete = {
	.name = "delete",
	.args = "ID",
	.help = "delete a stopped container and everything that belongs to it",
	.group = "OCI life cycle",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct delete_opts),
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
