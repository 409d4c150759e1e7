/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <stdbool.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/detect.h"
#include "runtime/base/arena.h"

static struct cg_layout parse(struct arena *a, const char *mountinfo, const char *cgroup)
{
	struct cg_layout l = { 0 };

	cg_layout_parse(&l, mountinfo, cgroup, a);
	return l;
}

static void pure_v2(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct cg_layout l =
		parse(&a,
		      "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		      "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 "
		      "rw,nsdelegate\n",
		      "0::/user.slice/s.scope\n");

	assert_int_equal(l.n, 1);
	assert_true(l.v[0].v2);
	assert_false(l.v[0].ro);
	assert_string_equal(l.v[0].mount, "/sys/fs/cgroup");
	assert_string_equal(l.v[0].own, "/user.slice/s.scope");
	assert_string_equal(l.v[0].controllers, "");
	arena_free(&a);
}

static const char hybrid_mounts[] =
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
	"35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	"40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

static void hybrid(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct cg_layout l = parse(&a, hybrid_mounts,
				   "0::/u\n9:name=systemd:/sd\n4:memory:/m/x\n3:cpuacct,cpu:/\n"
				   "2:freezer:/f\n");

	/* v2 is last wherever it stood; freezer is mounted nowhere; the order of words is free */
	assert_int_equal(l.n, 4);
	assert_string_equal(l.v[0].controllers, "name=systemd");
	assert_string_equal(l.v[0].mount, "/sys/fs/cgroup/systemd");
	assert_string_equal(l.v[1].own, "/m/x");
	assert_string_equal(l.v[2].mount, "/sys/fs/cgroup/cpu,cpuacct");
	assert_true(l.v[3].v2);
	assert_string_equal(l.v[3].own, "/u");
	arena_free(&a);
}

static void in_a_container(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	/* v1 without a cgroup namespace: the mounts show the container's own part, read-only */
	struct cg_layout l =
		parse(&a,
		      "70 60 0:32 /docker/ab /sys/fs/cgroup/memory ro,relatime - cgroup "
		      "cgroup rw,memory\n"
		      "71 60 0:33 /docker/ab /sys/fs/cgroup/pids rw - cgroup cgroup "
		      "rw,pids\n"
		      "72 60 0:34 /docker/ab /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
		      "3:memory:/docker/ab/x\n2:pids:/docker/ab\n1:cpu:/docker/abc\n");

	assert_int_equal(l.n, 3);
	assert_true(l.v[0].ro);
	assert_string_equal(l.v[0].own, "/x");
	assert_false(l.v[1].ro);
	assert_string_equal(l.v[1].own, "/");
	/* /docker/abc is not below /docker/ab */
	assert_string_equal(l.v[2].own, "/");
	arena_free(&a);
}

static void in_a_namespace(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct cg_layout l =
		parse(&a, "30 22 0:26 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/\n");

	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].own, "/");
	l = parse(&a, "30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/../x\n");
	assert_string_equal(l.v[0].own, "/");
	l = parse(&a, "30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 ro\n", "0::/x (deleted)\n");
	assert_string_equal(l.v[0].own, "/");
	assert_true(l.v[0].ro);
	arena_free(&a);
}

static void the_usual_mount_is_preferred(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct cg_layout l =
		parse(&a,
		      "1 0 8:1 / / rw - ext4 x rw\n"
		      "20 1 0:26 /c /run/c/rootfs/sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
		      "30 1 0:26 / /mnt/cg rw - cgroup2 cgroup2 rw\n"
		      "31 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
		      "0::/x\n");

	assert_string_equal(l.v[0].mount, "/sys/fs/cgroup");
	arena_free(&a);
}

static void covered_mounts_do_not_count(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	/* a tmpfs over all of it, then one over the same place */
	struct cg_layout l = parse(&a,
				   "1 0 8:1 / / rw - ext4 x rw\n"
				   "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
				   "31 1 0:27 / /sys rw - tmpfs x rw\n",
				   "0::/x\n");

	assert_int_equal(l.n, 0);
	l = parse(&a,
		  "1 0 8:1 / / rw - ext4 x rw\n"
		  "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
		  "31 30 0:27 / /sys/fs/cgroup rw - tmpfs x rw\n"
		  "32 31 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n",
		  "1:pids:/\n0::/x\n");
	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].controllers, "pids");
	arena_free(&a);
}

static void odd_texts(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	/* a ring of parents, missing fields, escapes, no newline at the end */
	struct cg_layout l = parse(&a,
				   "5 6 0:1 / /a rw - tmpfs x rw\n6 5 0:1 / /a rw - tmpfs x rw\n"
				   "garbage\n7 1 0:2 / - x\n8 1 0:3 / /x rw -\n\n"
				   "30 1 0:26 / /my\\040cg\\134 rw - cgroup2 cgroup2 rw",
				   "0::/\nnonsense\n1:x\n2:pids:relative\n:::\n");

	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].mount, "/my cg\\");
	l = parse(&a, "", "");
	assert_int_equal(l.n, 0);
	l = parse(&a, hybrid_mounts, "");
	assert_int_equal(l.n, 0);
	arena_free(&a);
}

TEST_GROUP(cg_detect, cmocka_unit_test(pure_v2), cmocka_unit_test(hybrid),
	   cmocka_unit_test(in_a_container), cmocka_unit_test(in_a_namespace),
	   cmocka_unit_test(the_usual_mount_is_preferred),
	   cmocka_unit_test(covered_mounts_do_not_count), cmocka_unit_test(odd_texts));
