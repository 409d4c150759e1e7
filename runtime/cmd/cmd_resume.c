/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/cmd/common.h"

static int run(const struct cmd_call *c, struct err *e)
{
	own_container ct = CONTAINER_INIT;
	int r = container_open(&ct, c, c->operands.v[0], true, e);

	if (r < 0)
		return r;
	if (state_status(&ct.dir, &ct.state) == STATUS_STOPPED || cg_frozen(&ct.state.cgroup) <= 0)
		return err_text(e, EINVAL, "container not paused");
	return cg_freeze(&ct.state.cgroup, false, e);
}

extern const struct cmd cmd_resume;
const struct cmd cmd_resume = {
	.name = "resume",
	.args = "ID",
	.help = "let the processes of a paused container go on",
	.group = "Control",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
