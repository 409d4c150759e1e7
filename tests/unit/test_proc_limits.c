/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/sys.h"
#include "runtime/proc/proc.h"
#include "specs/spec.h"
#include "tests/unit/child.h"

static void plain(struct process_spec *p, struct proc_plan *plan)
{
	process_init(p);
	p->cwd = "/";
	*plan = (struct proc_plan){ .p = p, .personality = UNSET_PERSONALITY };
}

static bool limit_is(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit l;

	return getrlimit((__rlimit_resource_t)resource, &l) == 0 && l.rlim_cur == soft &&
	       l.rlim_max == hard;
}

static void run(int (*fn)(void *))
{
	assert_int_equal(child_run(CHILD_PLAIN, fn, NULL), 0);
}

static int lowering(void *arg)
{
	struct rlimit_spec limits[] = { { RLIMIT_NOFILE, 3, 3 },
					{ RLIMIT_CORE, 0, 0 },
					{ RLIMIT_CPU, 100, 200 },
					{ RLIMIT_FSIZE, 0, 4096 } };
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	struct rlimit before;
	int listener = -1;

	(void)arg;
	plain(&p, &plan);
	p.rlimits = limits;
	p.nrlimits = ARRAY_SIZE(limits);
	EXPECT(getrlimit(RLIMIT_NOFILE, &before) == 0);
	/* the host's part changes nothing when nothing has to be raised */
	EXPECT(proc_rlimits(0, &plan, &e) == 0);
	EXPECT(limit_is(RLIMIT_NOFILE, before.rlim_cur, before.rlim_max));
	EXPECT(proc_seccomp(&plan, &listener, &e) == 0);
	EXPECT(limit_is(RLIMIT_NOFILE, 3, 3) && limit_is(RLIMIT_CORE, 0, 0));
	EXPECT(limit_is(RLIMIT_CPU, 100, 200) && limit_is(RLIMIT_FSIZE, 0, 4096));
	return 0;
}

static void limits_are_lowered_in_the_last_step(_unused_ void **state)
{
	run(lowering);
}

/* In a user namespace nobody may raise a hard limit: what CAP_SYS_RESOURCE is about. */
static int raising(void *arg)
{
	struct rlimit low = { 100, 100 };
	struct rlimit_spec limit = { RLIMIT_NOFILE, 50, 200 };
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	int listener = -1;

	(void)arg;
	plain(&p, &plan);
	p.rlimits = &limit;
	p.nrlimits = 1;
	EXPECT(setrlimit(RLIMIT_NOFILE, &low) == 0);
	EXPECT(proc_rlimits(0, &plan, &e) == -EPERM);
	EXPECT(!strcmp(e.text, "rlimit RLIMIT_NOFILE: raising the hard limit from 100 to 200 "
			       "needs CAP_SYS_RESOURCE"));
	EXPECT(strstr(e.hint, "nr_open"));
	EXPECT(limit_is(RLIMIT_NOFILE, 100, 100));
	EXPECT(proc_seccomp(&plan, &listener, &e) == -EPERM);
	EXPECT(strstr(e.text, "from 100 to 200"));
	limit.hard = 100;
	EXPECT(proc_rlimits(0, &plan, &e) == 0 && proc_seccomp(&plan, &listener, &e) == 0);
	EXPECT(limit_is(RLIMIT_NOFILE, 50, 100));
	return 0;
}

static void raising_without_the_right_names_the_limit(_unused_ void **state)
{
	int r = child_run(CHILD_USERNS, raising, NULL);

	if (r >= 0)
		assert_int_equal(r, 0);
}

static int gone(void *arg)
{
	struct rlimit_spec limit = { RLIMIT_CORE, 0, 0 };
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };

	(void)arg;
	plain(&p, &plan);
	p.rlimits = &limit;
	p.nrlimits = 1;
	EXPECT(proc_rlimits(1 << 30, &plan, &e) == -ESRCH);
	EXPECT(!strcmp(e.text, "rlimit RLIMIT_CORE: no such process"));
	limit.resource = 99;
	EXPECT(proc_rlimits(0, &plan, &e) == -EINVAL);
	return 0;
}

static void a_process_or_limit_that_is_not_there(_unused_ void **state)
{
	run(gone);
}

static int early(void *arg)
{
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };

	(void)arg;
	plain(&p, &plan);
	umask(0);
	EXPECT(proc_early(&plan, &e) == 0);
	EXPECT(umask(0) == 022);
	EXPECT(personality(0xffffffff) == 0);

	p.user.umask = 0077;
	p.sched = (struct sched_spec){ .set = true, .policy = SCHED_BATCH, .nice = 7 };
	p.ioprio = (struct ioprio_spec){ .set = true, .class = IOPRIO_CLASS_BE, .priority = 6 };
	plan.personality = PER_LINUX32;
	EXPECT(proc_early(&plan, &e) == 0);
	EXPECT(umask(0) == 0077);
	EXPECT(sched_getscheduler(0) == SCHED_BATCH);
	EXPECT(getpriority(PRIO_PROCESS, 0) == 7);
	EXPECT(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0) ==
	       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6));
	EXPECT(personality(0xffffffff) == PER_LINUX32);

	p.sched = (struct sched_spec){ .set = true, .policy = SCHED_FIFO, .priority = 1000 };
	EXPECT(proc_early(&plan, &e) == -EINVAL);
	EXPECT(!strcmp(e.text, "process.scheduler: sched_setattr: invalid argument"));
	p.sched.set = false;
	p.ioprio.class = 6;
	EXPECT(proc_early(&plan, &e) == -EINVAL);
	EXPECT(!strcmp(e.text, "process.ioPriority: ioprio_set: invalid argument"));
	return 0;
}

static void early_settings_are_set(_unused_ void **state)
{
	run(early);
}

/* What needs a right must not read like a program that may not run. */
static int realtime(void *arg)
{
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };

	(void)arg;
	plain(&p, &plan);
	p.sched = (struct sched_spec){ .set = true, .policy = SCHED_FIFO, .priority = 1 };
	EXPECT(proc_early(&plan, &e) == -EPERM);
	EXPECT(!strcmp(e.text, "process.scheduler: sched_setattr: that needs CAP_SYS_NICE"));
	return 0;
}

static void a_missing_right_is_named(_unused_ void **state)
{
	int r = child_run(CHILD_USERNS, realtime, NULL);

	if (r >= 0)
		assert_int_equal(r, 0);
}

static int affinity(void *arg)
{
	cpu_set_t allowed, one, none, now;
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	int cpu = 0;

	(void)arg;
	plain(&p, &plan);
	EXPECT(proc_affinity(&plan, PROC_CPU_INITIAL, &e) == 0);
	EXPECT(sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	CPU_ZERO(&none);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	plan.cpu_initial = &one;
	plan.cpu_initial_size = sizeof(one);
	plan.cpu_final = &none;
	plan.cpu_final_size = sizeof(none);
	p.cpu_initial = p.cpu_final = "LIST";
	EXPECT(proc_affinity(&plan, PROC_CPU_INITIAL, &e) == 0);
	EXPECT(sched_getaffinity(0, sizeof(now), &now) == 0 && CPU_EQUAL(&now, &one));
	EXPECT(proc_affinity(&plan, PROC_CPU_FINAL, &e) == -EINVAL);
	EXPECT(!strcmp(e.text, "process.execCPUAffinity.final \"LIST\": invalid argument"));
	return 0;
}

static void affinity_is_set_when_asked_for(_unused_ void **state)
{
	run(affinity);
}

static int labels(void *arg)
{
	int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct process_spec p;
	struct proc_plan plan;
	struct err e = { 0 };
	char text[16] = "";

	(void)arg;
	plain(&p, &plan);
	EXPECT(proc_labels(&plan, proc_fd, &e) == 0);
	p.oom_score_adj = 1000;
	plan.new_keyring = true;
	EXPECT(proc_labels(&plan, proc_fd, &e) == 0);

	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);

	EXPECT(read(fd, text, sizeof(text) - 1) > 0 && atoi(text) == 1000);
	p.oom_score_adj = 5000;
	EXPECT(proc_labels(&plan, proc_fd, &e) == -EINVAL);
	EXPECT(!strcmp(e.text, "process.oomScoreAdj: write 5000: invalid argument"));
	/* no such profile, or no such LSM: never a success */
	p.oom_score_adj = UNSET_I32;
	p.apparmor = "berth-no-such-profile";
	EXPECT(proc_labels(&plan, proc_fd, &e) < 0);
	EXPECT(strstr(e.text, "berth-no-such-profile"));
	p.apparmor = "";
	EXPECT(proc_labels(&plan, proc_fd, &e) == 0);
	p.selinux = "u:r:berth_no_such_t:s0";
	EXPECT(proc_labels(&plan, proc_fd, &e) < 0);
	EXPECT(strstr(e.text, "berth_no_such_t"));
	return 0;
}

static void labels_are_set_or_fail(_unused_ void **state)
{
	run(labels);
}

static bool says_yes(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char c = 0;
	bool yes = fd >= 0 && read(fd, &c, 1) == 1 && c == 'Y';

	if (fd >= 0)
		close(fd);
	return yes;
}

static void a_label_needs_its_lsm(_unused_ void **state)
{
	bool apparmor = says_yes("/sys/module/apparmor/parameters/enabled");
	bool selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
	struct process_spec p;
	struct err e = { 0 };

	process_init(&p);
	assert_int_equal(proc_check_lsm(&p, &e), 0);
	p.apparmor = p.selinux = "";
	assert_int_equal(proc_check_lsm(&p, &e), 0);
	p.apparmor = "unconfined";
	assert_int_equal(proc_check_lsm(&p, &e), apparmor ? 0 : -ENOTSUP);
	if (!apparmor)
		assert_string_equal(e.text, "process.apparmorProfile: \"unconfined\" is asked for, "
					    "but AppArmor is not enabled on this host");
	p.apparmor = NULL;
	p.selinux = "u:r:t:s0";
	assert_int_equal(proc_check_lsm(&p, &e), selinux ? 0 : -ENOTSUP);
}

TEST_GROUP(proc_limits, cmocka_unit_test(limits_are_lowered_in_the_last_step),
	   cmocka_unit_test(raising_without_the_right_names_the_limit),
	   cmocka_unit_test(a_process_or_limit_that_is_not_there),
	   cmocka_unit_test(early_settings_are_set), cmocka_unit_test(a_missing_right_is_named),
	   cmocka_unit_test(affinity_is_set_when_asked_for),
	   cmocka_unit_test(labels_are_set_or_fail), cmocka_unit_test(a_label_needs_its_lsm));
