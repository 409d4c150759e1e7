/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <string.h>

#include "cgroups/cgroups.h"
#include "cgroups/plan.h"
#include "runtime/base/arena.h"
#include "specs/faults.h"
#include "specs/spec.h"

static struct arena arena;

static const struct cg_hierarchy v1 = {
	.mount = "/m", .root = "/", .controllers = "pids", .own = "/me/here"
};
static const struct cg_hierarchy v2 = {
	.mount = "/m", .root = "/", .controllers = "", .own = "/me/here", .v2 = true
};
static const struct cg_hierarchy v2_user = {
	.mount = "/m",
	.root = "/",
	.controllers = "",
	.own = "/user.slice/user-7.slice/user@7.service/app.slice/x.scope",
	.v2 = true
};

static const char *path(const char *cgroups_path, const struct cg_hierarchy *h,
			enum cg_manager manager, bool rootless)
{
	struct cg_ctx ctx = { .id = "ID", .manager = manager, .rootless = rootless };
	struct faults f = { .arena = &arena };
	struct spec s;

	spec_init(&s);
	s.cgroups_path = cgroups_path;

	const char *dir = cg_path(&s, h, &ctx, &arena, &f);

	/* a fault or a path, never both or neither */
	assert_int_equal(f.errors != 0, dir == NULL);
	if (f.n)
		assert_string_equal(f.v[0].pointer, "/linux/cgroupsPath");
	return dir;
}

static int done(_unused_ void **state)
{
	arena_free(&arena);
	return 0;
}

static void cgroupfs(_unused_ void **state)
{
	static const struct {
		const char *in, *v1, *v2, *v2_rootless;
	} t[] = {
		{ NULL, "/me/here/berth-ID", "/me/berth-ID", "/me/berth-ID" },
		{ "/a/b", "/a/b", "/a/b", "/a/b" },
		{ "//a/./b//", "/a/b", "/a/b", "/a/b" },
		{ "a/b", "/me/here/a/b", "/a/b", "/me/a/b" },
		{ "a:b:c", "/me/here/a:b:c", "/a:b:c", "/me/a:b:c" },
		{ "..a/b..", "/me/here/..a/b..", "/..a/b..", "/me/..a/b.." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		assert_string_equal(path(t[i].in, &v1, CG_CGROUPFS, false), t[i].v1);
		assert_string_equal(path(t[i].in, &v2, CG_CGROUPFS, false), t[i].v2);
		assert_string_equal(path(t[i].in, &v2, CG_CGROUPFS, true), t[i].v2_rootless);
	}
}

static void refused(_unused_ void **state)
{
	char deep[4000], wide[300];
	static const char *const t[] = { "..",    "/a/../b", "../a", "a/..", "/",
					 "//.//", "/a\nb/c", "/..",  "/../", "./../x" };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_null(path(t[i], &v1, CG_CGROUPFS, false));
	memset(wide, 'w', sizeof(wide));
	wide[256] = 0;
	assert_null(path(wide, &v1, CG_CGROUPFS, false));
	wide[255] = 0;
	assert_non_null(path(wide, &v1, CG_CGROUPFS, false));
	memset(deep, 'd', sizeof(deep));
	for (size_t i = 0; i < sizeof(deep); i += 2)
		deep[i] = '/';
	deep[sizeof(deep) - 1] = 0;
	assert_null(path(deep, &v1, CG_CGROUPFS, false));
}

static void systemd(_unused_ void **state)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ NULL, "/system.slice/berth-ID.scope" },
		{ "machine.slice:libpod:c1", "/machine.slice/libpod-c1.scope" },
		{ "a-b-c.slice:p:n", "/a.slice/a-b.slice/a-b-c.slice/p-n.scope" },
		{ "a.slice::n", "/a.slice/n.scope" },
		{ ":p:n", "/system.slice/p-n.scope" },
		{ "-.slice:p:n", "/p-n.scope" },
		{ "a.slice:p:n.slice", "/a.slice/n.slice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_string_equal(path(t[i].in, &v2, CG_SYSTEMD, false), t[i].out);
	assert_string_equal(path(NULL, &v2_user, CG_SYSTEMD, true),
			    "/user.slice/user-7.slice/user@7.service/user.slice/berth-ID.scope");
	assert_string_equal(path("app.slice:p:n", &v2_user, CG_SYSTEMD, true),
			    "/user.slice/user-7.slice/user@7.service/app.slice/p-n.scope");
}

static void systemd_refused(_unused_ void **state)
{
	static const char *const t[] = {
		"/a/b",           "a.slice",
		"a.slice:p",      "a.slice:p:",
		"a.slice:p:n:x",  "a:p:n",
		".slice:p:n",     "-a.slice:p:n",
		"a-.slice:p:n",   "a--b.slice:p:n",
		"a/b.slice:p:n",  "a.slice:p/q:n",
		"a.slice:p:../n", "",
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_null(path(t[i], &v2, CG_SYSTEMD, false));
}

TEST_GROUP(cg_path, cmocka_unit_test_teardown(cgroupfs, done),
	   cmocka_unit_test_teardown(refused, done), cmocka_unit_test_teardown(systemd, done),
	   cmocka_unit_test_teardown(systemd_refused, done));
