/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/parts.h"
#include "runtime/proc/proc.h"
#include "specs/faults.h"
#include "specs/spec.h"

struct world {
	struct arena a;
	struct faults f;
	struct spec s;
	struct proc_plan plan;
	struct err e;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	static char sh[] = "/bin/sh", c[] = "-c", cmd[] = "echo 'its'; exit";
	static char *args[] = { sh, c, cmd, NULL };

	assert_non_null(w);
	w->f.arena = &w->a;
	spec_init(&w->s);
	process_init(&w->s.process);
	w->s.process.cwd = "/";
	w->s.process.args = (struct strv){ args, 3 };
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	arena_free(&w->a);
	free(w);
	return 0;
}

static void plan(struct world *w)
{
	w->f.n = w->f.errors = 0;
	w->f.v = NULL;
	assert_int_equal(proc_plan(&w->s, &w->s.process, &w->a, &w->plan, &w->f, &w->e), 0);
}

/* exactly one fault, with this place and these words in it */
static void plan_faults(struct world *w, const char *pointer, const char *part)
{
	plan(w);
	assert_int_equal(w->f.errors, 1);
	assert_string_equal(w->f.v[0].pointer, pointer);
	if (!strstr(w->f.v[0].text, part))
		print_error("%s\n", w->f.v[0].text);
	assert_non_null(strstr(w->f.v[0].text, part));
}

static void an_empty_spec_asks_for_little(void **state)
{
	struct world *w = *state;

	plan(w);
	assert_int_equal(w->f.n, 0);
	assert_ptr_equal(w->plan.p, &w->s.process);
	assert_true(w->plan.new_keyring);
	assert_false(w->plan.keep_groups);
	assert_int_equal(w->plan.seccomp.len, 0);
	assert_true(w->plan.personality == UNSET_PERSONALITY);
	assert_null(w->plan.cpu_initial);
	assert_null(w->plan.cpu_final);
	assert_false(w->plan.mempolicy_set);
}

static void lists(void **state)
{
	static const struct {
		const char *text;
		unsigned long mask, bits; /* bits 0: refused */
	} rows[] = {
		{ "0", 1, 1 },        { "0-3,7", 0x8f, 8 },
		{ "7,0-3", 0x8f, 8 }, { "5-5", 0x20, 6 },
		{ "1,1,1-2", 6, 3 },  { "63", 1ul << 63, 64 },
		{ "", 0, 0 },         { ",", 0, 0 },
		{ "0,", 0, 0 },       { ",0", 0, 0 },
		{ "0,,1", 0, 0 },     { "3-1", 0, 0 },
		{ "1-", 0, 0 },       { "-1", 0, 0 },
		{ "1-2-3", 0, 0 },    { " 1", 0, 0 },
		{ "1 ", 0, 0 },       { "a", 0, 0 },
		{ "1a", 0, 0 },       { "0x1", 0, 0 },
		{ "1000", 0, 0 },     { "99999999999999999999", 0, 0 },
		{ "0-1000", 0, 0 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned long *mask = NULL, bits = 0;
		bool ok = list_parse(rows[i].text, 1000, &w->a, &mask, &bits);

		if (ok != (rows[i].bits != 0))
			print_error("list \"%s\"\n", rows[i].text);
		assert_int_equal(ok, rows[i].bits != 0);
		if (ok) {
			assert_int_equal(bits, rows[i].bits);
			assert_true(mask[0] == rows[i].mask);
		}
	}
}

static void cpus_of_exec_become_masks(void **state)
{
	struct world *w = *state;

	w->s.process.cpu_initial = "0-1";
	w->s.process.cpu_final = "1,2000";
	plan(w);
	assert_int_equal(w->f.n, 0);
	assert_int_equal(CPU_COUNT_S(w->plan.cpu_initial_size, w->plan.cpu_initial), 2);
	assert_int_equal(CPU_COUNT_S(w->plan.cpu_final_size, w->plan.cpu_final), 2);
	assert_true(CPU_ISSET_S(2000, w->plan.cpu_final_size, w->plan.cpu_final));
	w->s.process.cpu_final = "1;2";
	plan_faults(w, "/process/execCPUAffinity/final", "'1;2' is no list");
	assert_null(w->plan.cpu_final);
}

/* The process file of exec is a document of its own. */
static void places_are_those_of_the_document(void **state)
{
	struct world *w = *state;
	struct process_spec p = w->s.process;

	p.cpu_initial = "x";
	assert_int_equal(proc_plan(&w->s, &p, &w->a, &w->plan, &w->f, &w->e), 0);
	assert_int_equal(w->f.errors, 1);
	assert_string_equal(w->f.v[0].pointer, "/execCPUAffinity/initial");
}

/* The same fault is not told twice. */
static void what_spec_check_found_is_not_repeated(void **state)
{
	struct world *w = *state;

	w->s.process.cpu_initial = "x";
	fault_add(&w->f, FAULT_INVALID, "/process/execCPUAffinity/initial", "no list");
	assert_int_equal(proc_plan(&w->s, &w->s.process, &w->a, &w->plan, &w->f, &w->e), 0);
	assert_int_equal(w->f.n, 1);
}

static void expect_exec(struct world *w, const struct process_spec *p, const char *pointer,
			const char *part)
{
	w->f.n = w->f.errors = 0;
	w->f.v = NULL;
	assert_int_equal(proc_plan(&w->s, p, &w->a, &w->plan, &w->f, &w->e), 0);
	assert_int_equal(w->f.errors, pointer ? 1 : 0);
	if (pointer) {
		assert_string_equal(w->f.v[0].pointer, pointer);
		assert_non_null(strstr(w->f.v[0].text, part));
	}
}

static void ids_of_exec_must_be_mapped(void **state)
{
	struct world *w = *state;
	struct id_map uids = { 0, 100000, 1000 }, gids[] = { { 0, 100000, 10 }, { 50, 7, 1 } };
	gid_t groups[] = { 5, 50, 51 };
	struct process_spec p = w->s.process;

	p.user.uid = 1000;
	p.user.gid = 50;
	w->s.uid_maps = (struct id_maps){ &uids, 1 };
	w->s.gid_maps = (struct id_maps){ gids, 2 };
	expect_exec(w, &p, NULL, NULL); /* no new namespace */
	w->s.ns[NS_USER].mode = NS_NEW;
	expect_exec(w, &p, "/user/uid", "1000 is not mapped");
	p.user.uid = 999;
	expect_exec(w, &p, NULL, NULL);
	p.user.gid = 10;
	expect_exec(w, &p, "/user/gid", "10 is not mapped");
	p.user.gid = 0;
	p.user.groups = groups;
	p.user.ngroups = 3;
	expect_exec(w, &p, "/user/additionalGids/2", "51 is not mapped");
	p.user.ngroups = 65537;
	p.user.groups = calloc(p.user.ngroups, sizeof(gid_t));
	expect_exec(w, &p, "/user/additionalGids", "65536");
	free(p.user.groups);
}

static void podman_keeps_groups_by_annotation(void **state)
{
	struct world *w = *state;
	struct kv kv = { "run.oci.keep_original_groups", "1" };

	w->s.annotations = (struct kvs){ &kv, 1 };
	plan(w);
	assert_true(w->plan.keep_groups);
	kv.value = "0";
	plan(w);
	assert_false(w->plan.keep_groups);
}

static void memory_policy_and_its_nodes(void **state)
{
	struct world *w = *state;

	w->s.mempolicy = (struct mempolicy_spec){
		.set = true, .mode = MPOL_BIND, .flags = MPOL_F_STATIC_NODES, .nodes = "0,65"
	};
	plan(w);
	assert_int_equal(w->f.n, 0);
	assert_int_equal(w->plan.mempolicy_mode, MPOL_BIND | MPOL_F_STATIC_NODES);
	assert_int_equal(w->plan.mempolicy_bits, 66);
	assert_true(w->plan.mempolicy[0] == 1 && w->plan.mempolicy[1] == 2);
	w->s.mempolicy.nodes = "0-";
	plan_faults(w, "/linux/memoryPolicy/nodes", "'0-' is no list");
}

static void a_filter_with_a_listener_is_seen(void **state)
{
	static char name[] = "getpid";
	static char *names[] = { name, NULL };
	struct world *w = *state;
	struct seccomp_rule rule = { .names = { names, 1 }, .action = SECCOMP_RET_USER_NOTIF };

	w->s.seccomp = (struct seccomp_spec){ .set = true, .default_action = SECCOMP_RET_ALLOW };
	plan(w);
	assert_false(w->plan.seccomp_notify);
	assert_int_equal(w->plan.seccomp_flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	w->s.seccomp.flags_set = true;
	w->s.seccomp.flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG;
	plan(w);
	assert_int_equal(w->plan.seccomp_flags, SECCOMP_FILTER_FLAG_LOG);
	w->s.seccomp.rules = &rule;
	w->s.seccomp.nrules = 1;
	plan(w);
	assert_true(w->plan.seccomp_notify);
	assert_int_equal(w->plan.seccomp_flags,
			 SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

static void expect_print(struct world *w, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	proc_print(&w->plan, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void a_small_plan_is_printed(void **state)
{
	struct world *w = *state;

	plan(w);
	expect_print(w, "keyring new\n"
			"user 0:0\n"
			"umask 0022\n"
			"cap bounding none\n"
			"cap permitted none\n"
			"cap effective none\n"
			"cap inheritable none\n"
			"cap ambient none\n"
			"cwd /\n"
			"exec /bin/sh -c 'echo '\\''its'\\''; exit'\n");
}

static void fill(struct world *w)
{
	static gid_t groups[] = { 1, 2 };
	static struct rlimit_spec limits[] = { { RLIMIT_NOFILE, 1024, 4096 },
					       { RLIMIT_CORE, 0, RLIM_INFINITY } };
	static char env_a[] = "A=b c", env_b[] = "B=\x01'\\\n";
	static char *env[] = { env_a, env_b, NULL };
	struct process_spec *p = &w->s.process;

	p->user = (struct user_spec){ 1000, 100, 077, groups, 2 };
	p->rlimits = limits;
	p->nrlimits = 2;
	p->env = (struct strv){ env, 2 };
	p->cwd = "/my dir";
	p->no_new_privs = true;
	p->oom_score_adj = -5;
	p->apparmor = "docker-default";
	p->sched = (struct sched_spec){ .set = true, .policy = SCHED_FIFO, .priority = 3 };
	p->ioprio = (struct ioprio_spec){ .set = true, .class = IOPRIO_CLASS_IDLE };
	p->caps.bounding = 1 << CAP_CHOWN | 1 << CAP_KILL;
	w->s.personality = PER_LINUX32;
	w->s.mempolicy = (struct mempolicy_spec){ .set = true, .mode = MPOL_BIND, .nodes = "0-1" };
}

static void a_full_plan_is_printed(void **state)
{
	struct world *w = *state;

	fill(w);
	plan(w);
	w->plan.seccomp.len = 421;
	w->plan.new_keyring = false;
	expect_print(w, "personality 0x8\n"
			"mempolicy 0x2 nodes 0,1\n"
			"scheduler SCHED_FIFO nice 0 priority 3 flags 0 runtime 0 deadline 0 "
			"period 0\n"
			"ioprio IOPRIO_CLASS_IDLE 0\n"
			"oom_score_adj -5\n"
			"apparmor docker-default\n"
			"user 1000:100 groups 1,2\n"
			"umask 0077\n"
			"cap bounding cap_chown,cap_kill\n"
			"cap permitted none\n"
			"cap effective none\n"
			"cap inheritable none\n"
			"cap ambient none\n"
			"rlimit nofile 1024:4096\n"
			"rlimit core 0:unlimited\n"
			"no_new_privs\n"
			"seccomp 421 instructions flags 0\n"
			"cwd '/my dir'\n"
			"env 'A=b c'\n"
			"env $'B=\\001\\'\\\\\\012'\n"
			"exec /bin/sh -c 'echo '\\''its'\\''; exit'\n");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
TEST_GROUP(proc_plan, T(an_empty_spec_asks_for_little), T(lists), T(cpus_of_exec_become_masks),
	   T(places_are_those_of_the_document), T(what_spec_check_found_is_not_repeated),
	   T(ids_of_exec_must_be_mapped), T(podman_keeps_groups_by_annotation),
	   T(memory_policy_and_its_nodes), T(a_filter_with_a_listener_is_seen),
	   T(a_small_plan_is_printed), T(a_full_plan_is_printed));
