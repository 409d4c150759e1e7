/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/cmd/common.h"

static int run(const struct cmd_call *c, struct err *e)
{
	own_container ct = CONTAINER_INIT;
	own_buf b = BUF_INIT;
	int r = container_open(&ct, c, c->operands.v[0], false, e);

	if (r < 0)
		return r;
	state_json(&ct.state, state_status(&ct.dir, &ct.state), ct.state.pid, true, true, &b);
	puts(buf_text(&b));
	return 0;
}

extern const struct cmd cmd_state;
const struct cmd cmd_state = {
	.name = "state",
	.args = "ID",
	.help = "print the state of a container as JSON",
	.group = "OCI life cycle",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
