/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/cmd/common.h"

static int run(const struct cmd_call *c, struct err *e)
{
	own_container ct = CONTAINER_INIT;
	int r = container_open(&ct, c, c->operands.v[0], true, e);
	enum status status;

	if (r < 0)
		return r;
	status = state_status(&ct.dir, &ct.state);
	if (status != STATUS_RUNNING && status != STATUS_CREATED)
		return err_text(e, EINVAL, "container not running");
	return cg_freeze(&ct.state.cgroup, true, e);
}

extern const struct cmd cmd_pause;
const struct cmd cmd_pause = {
	.name = "pause",
	.args = "ID",
	.help = "stop all processes of a container until resume",
	.group = "Control",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
