/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/golden/NAME.json -> tests/golden/NAME.plan, byte for byte: what a start of that config
 * would do on a host with plain cgroup v2, and NAME.v1.plan where there is one, on a hybrid host.
 * BERTH_GOLDEN=write makes the .plan files anew; the diff is then for the reviewer.
 */
#include "tests/unit/t.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/start/plan.h"
#include "specs/faults.h"
#include "specs/oci.h"

#define DIR_NAME "tests/golden"

static struct cg_layout v2_layout(struct arena *a)
{
	struct cg_layout l = { .v = arena_array(a, 1, sizeof(*l.v)), .n = 1 };

	l.v[0] = (struct cg_hierarchy){ .mount = "/sys/fs/cgroup",
					.root = "/",
					.controllers = "cpuset cpu io memory hugetlb pids rdma",
					.own = "/",
					.v2 = true };
	return l;
}

static struct cg_layout v1_layout(struct arena *a)
{
	static const char *const names[] = { "cpu",     "cpuacct", "cpuset", "memory",
					     "devices", "freezer", "blkio",  "pids" };
	struct cg_layout l = { .v = arena_array(a, ARRAY_SIZE(names) + 1, sizeof(*l.v)) };

	for (; l.n < ARRAY_SIZE(names); l.n++)
		l.v[l.n] = (struct cg_hierarchy){ .mount = arena_printf(a, "/sys/fs/cgroup/%s",
									names[l.n]),
						  .root = "/",
						  .controllers = names[l.n],
						  .own = "/" };
	l.v[l.n++] = (struct cg_hierarchy){ .mount = "/sys/fs/cgroup/unified",
					    .root = "/",
					    .controllers = "hugetlb",
					    .own = "/",
					    .v2 = true };
	return l;
}

static void read_file(const char *path, struct buf *b)
{
	own_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("%s: cannot be opened", path);
	assert_int_equal(fd_read_all(fd, 1 << 20, b), 0);
}

static char *plan_text(const char *json, struct arena *a, const struct cg_layout *l)
{
	struct faults f = { .arena = a };
	struct plan_ask ask = {
		.kind = PLAN_RUN, .id = "golden", .bundle = "/bundle", .layout = l
	};
	own_buf b = BUF_INIT;
	struct spec spec;
	struct plan p;
	struct err e = { 0 };
	char *text;
	size_t len;

	read_file(json, &b);
	oci_read_spec(buf_text(&b), b.len, a, &spec, &f);
	assert_int_equal(plan_make(&spec, &ask, a, &p, &f, &e), 0);
	if (f.errors)
		fail_msg("%s: %s: %s", json, f.v[0].pointer, f.v[0].text);

	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	plan_print(&p, a, out);
	fclose(out);
	return text;
}

static void compare(const char *json, const char *plan, struct arena *a, const struct cg_layout *l)
{
	char *text = plan_text(json, a, l);
	own_buf expected = BUF_INIT;

	if (getenv("BERTH_GOLDEN")) {
		FILE *f = fopen(plan, "w");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	read_file(plan, &expected);
	assert_string_equal(text, buf_text(&expected));
	free(text);
}

static void one(const char *name)
{
	struct arena a = ARENA_INIT;
	struct cg_layout v1 = v1_layout(&a), v2 = v2_layout(&a);
	char json[512], plan[512];

	snprintf(json, sizeof(json), DIR_NAME "/%s.json", name);
	snprintf(plan, sizeof(plan), DIR_NAME "/%s.plan", name);
	compare(json, plan, &a, &v2);
	snprintf(plan, sizeof(plan), DIR_NAME "/%s.v1.plan", name);
	if (access(plan, F_OK) == 0)
		compare(json, plan, &a, &v1);
	arena_free(&a);
}

static void every_plan_is_as_reviewed(_unused_ void **state)
{
	DIR *dir = opendir(DIR_NAME);
	size_t n = 0;

	assert_non_null(dir);
	for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
		size_t len = strlen(d->d_name);
		char name[256];

		if (len < 6 || strcmp(d->d_name + len - 5, ".json"))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(len - 5), d->d_name);
		one(name);
		n++;
	}
	closedir(dir);
	assert_true(n >= 4);
}

TEST_GROUP(golden, cmocka_unit_test(every_plan_is_as_reviewed));
