/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/cmd/common.h"
#include "runtime/start/begin.h"

static int run(const struct cmd_call *c, struct err *e)
{
	own_container ct = CONTAINER_INIT;
	int r = container_open(&ct, c, c->operands.v[0], true, e);

	if (r == 0 && ct.state.phase == PHASE_CREATING)
		r = err_text(e, EINVAL, "cannot start a container that has stopped");
	return r < 0 ? r : begin_container(&ct.dir, &ct.state, e);
}

extern const struct cmd cmd_start;
const struct cmd cmd_start = {
	.name = "start",
	.args = "ID",
	.help = "run the program of a created container",
	.group = "OCI life cycle",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
