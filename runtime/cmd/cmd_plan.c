/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "runtime/base/err.h"
#include "runtime/cmd/common.h"

static const struct opt opts[] = {
	{ 'b', "bundle", "DIR", "bundle directory; default: the current one", OPT_STR,
	  offsetof(struct create_opts, bundle) },
};

static int run(const struct cmd_call *c, struct err *e)
{
	const struct create_opts *o = c->opts;
	const char *dir = c->operands.n ? c->operands.v[0] : o->bundle;
	struct create_opts asked = { .bundle = dir, .detach = false };
	own_bundle b = { 0 };
	struct plan p;
	int r = bundle_load(&b, dir, c->arena, e);

	if (r == 0)
		r = plan_bundle(c, &asked, PLAN_RUN, "plan", &b, &p, e);
	if (r < 0)
		return r;
	plan_print(&p, c->arena, stdout);
	return 0;
}

extern const struct cmd cmd_plan;
const struct cmd cmd_plan = {
	.name = "plan",
	.args = "[BUNDLE]",
	.help = "print what a run of a bundle would do, and do nothing",
	.group = "Looking",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct create_opts),
	.max_operands = 1,
	.run = run,
};
