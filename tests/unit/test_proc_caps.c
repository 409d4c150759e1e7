/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/sys.h"
#include "runtime/proc/parts.h"
#include "runtime/proc/proc.h"
#include "specs/faults.h"
#include "specs/spec.h"
#include "tests/unit/child.h"

#define BIT(n) (UINT64_C(1) << (n))
#define SOME (BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE))
#define ALL ((BIT(CAP_LAST_CAP) << 1) - 1)

struct want {
	uid_t uid;
	gid_t gid;
	const char *what;
	struct cap_sets caps;
	bool no_new_privs, filter, notify;
	size_t ngroups;
	gid_t groups[3];
};

static const struct want root_cases[] = {
	{ 0, 0, "nothing at all", { 0 }, false, false, false, 0, { 0 } },
	{ 0, 0, "a usual set", { SOME, SOME, 0, SOME, 0 }, true, false, false, 0, { 0 } },
	{ 0, 0, "everything", { ALL, ALL, 0, ALL, 0 }, false, false, false, 0, { 0 } },
	{ 0, 0, "permitted only", { 0, SOME, 0, SOME, 0 }, false, false, false, 0, { 0 } },
	{ 0,
	  0,
	  "inheritable",
	  { SOME, SOME, BIT(CAP_KILL), SOME, 0 },
	  false,
	  false,
	  false,
	  0,
	  { 0 } },
	{ 0,
	  0,
	  "ambient",
	  { SOME, SOME, SOME, SOME, BIT(CAP_KILL) },
	  false,
	  false,
	  false,
	  0,
	  { 0 } },
	{ 0, 0, "filter", { SOME, SOME, 0, SOME, 0 }, false, true, false, 0, { 0 } },
	{ 0, 0, "filter, nnp", { SOME, SOME, 0, SOME, 0 }, true, true, false, 0, { 0 } },
	{ 0, 0, "notify", { SOME, SOME, 0, SOME, 0 }, false, true, true, 0, { 0 } },
	{ 0, 0, "notify, nnp", { SOME, SOME, 0, SOME, 0 }, true, true, true, 0, { 0 } },
};

static const struct want user_cases[] = {
	{ 1000, 1000, "nothing", { 0 }, false, false, false, 0, { 0 } },
	{ 1000, 100, "groups", { 0 }, true, false, false, 2, { 5, 1000 } },
	{ 1000, 1000, "bounding", { 0, 0, 0, SOME, 0 }, false, false, false, 0, { 0 } },
	{ 1000, 1000, "kept", { SOME, SOME, 0, SOME, 0 }, false, false, false, 0, { 0 } },
	{ 1000, 1000, "ambient", { SOME, SOME, SOME, SOME, SOME }, true, false, false, 0, { 0 } },
	{ 1000, 1000, "filter", { 0 }, false, true, false, 0, { 0 } },
	{ 1000, 1000, "filter, nnp", { 0 }, true, true, false, 0, { 0 } },
	{ 1000,
	  1000,
	  "filter, ambient",
	  { SOME, SOME, SOME, SOME, SOME },
	  false,
	  true,
	  false,
	  3,
	  { 1, 2, 3 } },
	{ 0, 7, "root of another group", { ALL, ALL, 0, ALL, 0 }, false, false, false, 1, { 9 } },
};

static struct sock_filter allow_all[] = { { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW } };

/* A user namespace of one id that a user made has no setgroups. */
static bool setgroups_denied(void)
{
	char text[8] = "";
	int fd = open("/proc/self/setgroups", O_RDONLY | O_CLOEXEC);

	EXPECT(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return text[0] == 'd';
}

static void plan_of(const struct want *w, struct process_spec *p, struct proc_plan *plan)
{
	process_init(p);
	p->cwd = "/";
	p->user.uid = w->uid;
	p->user.gid = w->gid;
	p->user.groups = (gid_t *)w->groups;
	p->user.ngroups = w->ngroups;
	p->no_new_privs = w->no_new_privs;
	*plan = (struct proc_plan){ .p = p,
				    .caps = w->caps,
				    .setgroups_denied = setgroups_denied(),
				    .seccomp_notify = w->notify };
	if (w->filter)
		plan->seccomp = (struct sock_fprog){ 1, allow_all };
	if (w->notify)
		plan->seccomp_flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

static int root_open(void)
{
	return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void check_state(const struct want *w)
{
	EXPECT(child_status("CapPrm", 16) == w->caps.permitted);
	EXPECT(child_status("CapEff", 16) == w->caps.effective);
	EXPECT(child_status("CapInh", 16) == w->caps.inheritable);
	EXPECT(child_status("CapBnd", 16) == w->caps.bounding);
	EXPECT(child_status("CapAmb", 16) == w->caps.ambient);
	EXPECT(child_status("NoNewPrivs", 10) == w->no_new_privs);
	EXPECT(child_status("Seccomp", 10) == (w->filter ? 2 : 0));
	EXPECT(getuid() == w->uid && geteuid() == w->uid);
	EXPECT(getgid() == w->gid && getegid() == w->gid);
	EXPECT(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 0);
}

/* The kernel sorts the list; the cases have theirs in order. */
static void check_groups(const struct want *w)
{
	gid_t have[64];

	EXPECT(getgroups(64, have) == (int)w->ngroups);
	EXPECT(!memcmp(have, w->groups, w->ngroups * sizeof(gid_t)));
}

static int apply(void *arg)
{
	const struct want *w = arg;
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	int listener = 77, root_fd = root_open();

	plan_of(w, &p, &plan);
	if (proc_credentials(&plan, root_fd, &listener, &e) < 0 ||
	    (w->no_new_privs && w->filter && child_status("Seccomp", 10) != 0) ||
	    proc_seccomp(&plan, &listener, &e) < 0) {
		dprintf(2, "%s: %s\n", w->what, e.text);
		return 1;
	}
	EXPECT(w->notify ? listener >= 0 && fcntl(listener, F_GETFD) == FD_CLOEXEC
			 : listener == -1);
	check_state(w);
	if (!plan.setgroups_denied)
		check_groups(w);
	if (w->uid != 0)
		EXPECT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	return 0;
}

static void run_cases(enum child_kind kind, const struct want *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = child_run(kind, apply, (void *)&w[i]);

		if (r < 0)
			return;
		if (r)
			print_error("case \"%s\" of uid %u\n", w[i].what, w[i].uid);
		assert_int_equal(r, 0);
	}
}

static void root_gets_exactly_the_sets(_unused_ void **state)
{
	run_cases(CHILD_USERNS, root_cases, ARRAY_SIZE(root_cases));
}

static void a_user_gets_exactly_the_sets(_unused_ void **state)
{
	run_cases(CHILD_USERNS_IDS, user_cases, ARRAY_SIZE(user_cases));
}

/* What berth's caller has in its ambient and inheritable set is not the payload's. */
static int inherited(void *arg)
{
	struct cap_sets all = { ALL, ALL, SOME, ALL, 0 };
	struct want w = { 0, 0, "inherited", all, false, false, false, 0, { 0 } };
	uint32_t eff[2], perm[2], inh[2];

	(void)arg;
	EXPECT(sys_capget(eff, perm, inh) == 0);
	EXPECT(sys_capset(eff, perm, perm) == 0);
	EXPECT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) == 0);
	EXPECT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) == 0);
	return apply(&w);
}

static void nothing_is_left_of_the_callers_ambient_set(_unused_ void **state)
{
	int r = child_run(CHILD_USERNS, inherited, NULL);

	if (r >= 0)
		assert_int_equal(r, 0);
}

/* Not ours to give: the start goes on without it. */
static int lacking(void *arg)
{
	struct want w = { 0,     0, "lacking", { SOME, SOME, SOME, SOME, SOME }, false, false,
			  false, 0, { 0 } };
	uint64_t less = ALL & ~BIT(CAP_KILL);
	uint32_t set[2] = { (uint32_t)less, (uint32_t)(less >> 32) }, none[2] = { 0 };
	struct process_spec p;
	struct proc_plan plan;
	struct arena a = ARENA_INIT;
	const char *missing;

	(void)arg;
	EXPECT(sys_capset(set, set, none) == 0);
	plan_of(&w, &p, &plan);
	missing = proc_caps_missing(&plan, &a);
	EXPECT(missing && !strcmp(missing, "cap_kill"));

	struct err e = { 0 };
	int listener = -1;

	EXPECT(proc_credentials(&plan, root_open(), &listener, &e) == 0);
	EXPECT(child_status("CapPrm", 16) == (SOME & ~BIT(CAP_KILL)));
	EXPECT(child_status("CapAmb", 16) == (SOME & ~BIT(CAP_KILL)));
	EXPECT(child_status("CapBnd", 16) == SOME);
	return 0;
}

static void what_we_lack_is_left_out(_unused_ void **state)
{
	int r = child_run(CHILD_USERNS, lacking, NULL);

	if (r >= 0)
		assert_int_equal(r, 0);
}

static int unmapped(void *arg)
{
	struct want w = { 70000, 0, "unmapped", { 0 }, false, false, false, 0, { 0 } };
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	int listener = -1;

	(void)arg;
	plan_of(&w, &p, &plan);
	EXPECT(proc_credentials(&plan, root_open(), &listener, &e) == -EINVAL);
	EXPECT(!strcmp(e.text, "cannot setuid to unmapped uid 70000 in user namespace"));
	return 0;
}

static void an_unmapped_id_is_an_error(_unused_ void **state)
{
	int r = child_run(CHILD_USERNS, unmapped, NULL);

	if (r >= 0)
		assert_int_equal(r, 0);
}

/*
 * Without CAP_SETPCAP nothing can be dropped from the bounding set: no start with more than asked.
 */
static int cannot_drop(void *arg)
{
	struct want w = { 0, 0, "cannot drop", { 0 }, false, false, false, 0, { 0 } };
	uint32_t none[2] = { 0 };
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	int listener = -1;

	(void)arg;
	plan_of(&w, &p, &plan);
	EXPECT(sys_capset(none, none, none) == 0);
	EXPECT(proc_credentials(&plan, root_open(), &listener, &e) == -EPERM);
	EXPECT(strstr(e.text, "bounding set") && !strstr(e.text, "not permitted"));
	return 0;
}

static void a_bounding_set_that_stays_is_an_error(_unused_ void **state)
{
	int r = child_run(CHILD_USERNS, cannot_drop, NULL);

	if (r >= 0)
		assert_int_equal(r, 0);
}

static int filter_unprivileged(void *arg)
{
	struct want w = { 0, 0, "filter", { 0 }, false, true, false, 0, { 0 } };
	uint64_t less = ALL & ~BIT(CAP_SYS_ADMIN);
	uint32_t set[2] = { (uint32_t)less, (uint32_t)(less >> 32) }, none[2] = { 0 };
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	int listener = -1;

	(void)arg;
	plan_of(&w, &p, &plan);
	EXPECT(sys_capset(set, set, none) == 0);
	EXPECT(proc_credentials(&plan, root_open(), &listener, &e) == -EACCES);
	EXPECT(strstr(e.text, "noNewPrivileges") && !strstr(e.text, "permission denied"));
	return 0;
}

static void a_filter_without_the_right_to_it_is_an_error(_unused_ void **state)
{
	int r = child_run(CHILD_USERNS, filter_unprivileged, NULL);

	if (r >= 0)
		assert_int_equal(r, 0);
}

/* Sets that no kernel grants together become smaller; what the reader cannot know is a warning. */
static void plans_leave_out_what_cannot_be(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct cap_sets out, want = { .effective = SOME,
				      .permitted = BIT(CAP_KILL) | BIT(63),
				      .inheritable = SOME,
				      .bounding = BIT(CAP_KILL) | BIT(CAP_CHOWN),
				      .ambient = BIT(CAP_CHOWN) };

	caps_plan(&want, "/process", &a, &out, &f);
	assert_true(out.permitted == BIT(CAP_KILL));
	assert_true(out.effective == BIT(CAP_KILL));
	assert_true(out.inheritable == (BIT(CAP_KILL) | BIT(CAP_CHOWN)));
	assert_true(out.ambient == 0);
	assert_int_equal(f.errors, 0);
	assert_int_equal(f.n, 2);
	assert_string_equal(f.v[0].pointer, "/process/capabilities");
	assert_non_null(strstr(f.v[0].text, "cap_63"));
	assert_string_equal(f.v[1].pointer, "/process/capabilities/inheritable");
	assert_non_null(strstr(f.v[1].text, ": cap_net_bind_service"));
	arena_free(&a);
}

TEST_GROUP(proc_caps, cmocka_unit_test(root_gets_exactly_the_sets),
	   cmocka_unit_test(a_user_gets_exactly_the_sets),
	   cmocka_unit_test(nothing_is_left_of_the_callers_ambient_set),
	   cmocka_unit_test(what_we_lack_is_left_out), cmocka_unit_test(an_unmapped_id_is_an_error),
	   cmocka_unit_test(a_bounding_set_that_stays_is_an_error),
	   cmocka_unit_test(a_filter_without_the_right_to_it_is_an_error),
	   cmocka_unit_test(plans_leave_out_what_cannot_be));
