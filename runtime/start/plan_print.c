/* SPDX-License-Identifier: Apache-2.0 */
/* `berth plan`: the plan as text, one line per effect, the steps of the table first. */
#include <string.h>

#include "runtime/start/create.h"
#include "runtime/start/plan.h"
#include "runtime/start/start.h"

static void print_maps(const char *what, const struct id_maps *m, FILE *out)
{
	for (size_t i = 0; i < m->n; i++)
		fprintf(out, "%s %u %u %u\n", what, m->v[i].container_id, m->v[i].host_id,
			m->v[i].size);
}

static void print_hooks(const struct spec *s, FILE *out)
{
	for (int t = 0; t < HOOK_COUNT; t++)
		for (size_t i = 0; i < s->hooks[t].n; i++)
			fprintf(out, "hook %s %s\n", hook_names[t], s->hooks[t].v[i].path);
}

void plan_print(const struct plan *p, struct arena *a, FILE *out)
{
	const struct spec *s = p->spec;
	struct start st;

	start_init(&st, p, a, -1);
	create_print(&st, out);
	start_close(&st);
	for (int i = 0; i < NS_COUNT; i++) {
		if (s->ns[i].mode == NS_NEW)
			fprintf(out, "namespace %s new\n", ns_names[i].word);
		if (s->ns[i].mode == NS_JOIN)
			fprintf(out, "namespace %s join %s\n", ns_names[i].word, s->ns[i].path);
	}
	print_maps("uid-map", &s->uid_maps, out);
	print_maps("gid-map", &s->gid_maps, out);
	cg_print(p->cgroup, out);
	if (s->hostname)
		fprintf(out, "hostname %s\n", s->hostname);
	if (s->domainname)
		fprintf(out, "domainname %s\n", s->domainname);
	rootfs_print(p->rootfs, out);
	print_hooks(s, out);
	proc_print(&p->proc, out);
}
