/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/spec.h"

#include <string.h>

const char *spec_annotation(const struct spec *s, const char *key)
{
	for (size_t i = 0; i < s->annotations.n; i++)
		if (!strcmp(s->annotations.v[i].key, key))
			return s->annotations.v[i].value;
	return NULL;
}

void process_init(struct process_spec *p)
{
	*p = (struct process_spec){
		.user.umask = UNSET_U32,
		.oom_score_adj = UNSET_I32,
		.sched.policy = -1,
	};
}

static void memory_init(struct memory_spec *m)
{
	*m = (struct memory_spec){
		.limit = UNSET_I64,
		.reservation = UNSET_I64,
		.swap = UNSET_I64,
		.kernel = UNSET_I64,
		.kernel_tcp = UNSET_I64,
		.swappiness = UNSET_U64,
		.use_hierarchy = -1,
	};
}

static void cpu_init(struct cpu_spec *c)
{
	*c = (struct cpu_spec){
		.shares = UNSET_U64,
		.period = UNSET_U64,
		.rt_period = UNSET_U64,
		.quota = UNSET_I64,
		.rt_runtime = UNSET_I64,
		.burst = UNSET_U64,
		.idle = UNSET_I64,
	};
}

void resources_init(struct resources *r)
{
	*r = (struct resources){
		.pids_limit = UNSET_I64,
		.net_class = UNSET_U32,
	};
	memory_init(&r->memory);
	cpu_init(&r->cpu);
}

void spec_init(struct spec *s)
{
	*s = (struct spec){ .mempolicy.mode = -1, .personality = UNSET_PERSONALITY };
	process_init(&s->process);
	resources_init(&s->resources);
}
