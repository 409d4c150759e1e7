/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/proc.h"
#include "specs/spec.h"
#include "tests/unit/tree.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "1000:x:0:0::/:\n" /* CVE-2016-3697 */
			     "4294967296:x:0:0::/:\n"
			     "+1:x:0:0::/:\n"
			     "-1:x:0:0::/:\n"
			     " 1:x:0:0::/:\n"
			     "alice:x:1001:1002:Alice:/home/alice:/bin/sh\n"
			     "2fast:x:1003:1003::/:\n"
			     "big:x:4294967295:1::/:\n"
			     "neg:x:-1:1::/:\n"
			     "short:x:1004\n"
			     "broken\n"
			     "\n"
			     "alice:x:0:0:the second one never counts:/:\n"
			     "last:x:7:8::/:";
static const char group[] = "root:x:0:alice\n"
			    "staff:x:50:bob,alice,carol\n"
			    "alice:x:1002:alice\n"
			    "malice:x:60:malice,alices\n"
			    "bad:x:4294967295:alice\n"
			    "77:x:0:alice\n"
			    "wheel:x:70:alice";

/* in: a spec with uid 5, gid 6, group 7 */
struct row {
	const char *word;
	int code; /* 0 or errno */
	uid_t uid;
	gid_t gid;
	int ngroups; /* -1: left alone */
};

static const struct row table[] = {
	{ "1", 0, 1, 6, -1 },
	{ "0", 0, 0, 6, -1 },
	{ "1:2", 0, 1, 2, -1 },
	{ "0:0", 0, 0, 0, -1 },
	{ "01", 0, 1, 6, -1 },
	{ "1000", 0, 1000, 6, -1 }, /* never the name */
	{ "2147483647", 0, 2147483647, 6, -1 },
	{ "2147483648", 0, 2147483648u, 6, -1 },
	{ "4294967294", 0, 4294967294u, 6, -1 },
	{ "4294967294:4294967294", 0, 4294967294u, 4294967294u, -1 },
	{ "4294967295", ERANGE, 0, 0, 0 },
	{ "4294967296", ERANGE, 0, 0, 0 },
	{ "18446744073709551615", ERANGE, 0, 0, 0 },
	{ "18446744073709551616", ERANGE, 0, 0, 0 },
	{ "99999999999999999999999999999999", ERANGE, 0, 0, 0 },
	{ "1:4294967295", ERANGE, 0, 0, 0 },
	{ "1:4294967296", ERANGE, 0, 0, 0 },
	{ "", EINVAL, 0, 0, 0 },
	{ ":", EINVAL, 0, 0, 0 },
	{ ":2", EINVAL, 0, 0, 0 },
	{ "1:", EINVAL, 0, 0, 0 },
	{ "alice:", EINVAL, 0, 0, 0 },
	{ "1:2:3", EINVAL, 0, 0, 0 },
	{ "+1", EINVAL, 0, 0, 0 },
	{ "-1", EINVAL, 0, 0, 0 },
	{ "1:+2", EINVAL, 0, 0, 0 },
	{ "1:-2", EINVAL, 0, 0, 0 },
	{ " 1", EINVAL, 0, 0, 0 },
	{ "1 ", EINVAL, 0, 0, 0 },
	{ "1\n", EINVAL, 0, 0, 0 },
	{ "a/b", EINVAL, 0, 0, 0 },
	{ "1x", ENOENT, 0, 0, 0 },
	{ "0x10", ENOENT, 0, 0, 0 },
	{ "1.5", ENOENT, 0, 0, 0 },
	{ "1e3", ENOENT, 0, 0, 0 },
	{ "nobody", ENOENT, 0, 0, 0 },
	{ "Alice", ENOENT, 0, 0, 0 },
	{ "big", ENOENT, 0, 0, 0 },
	{ "neg", ENOENT, 0, 0, 0 },
	{ "short", ENOENT, 0, 0, 0 },
	{ "broken", ENOENT, 0, 0, 0 },
	{ "alice", 0, 1001, 1002, 4 },
	{ "2fast", 0, 1003, 1003, 1 },
	{ "last", 0, 7, 8, 1 },
	{ "root", 0, 0, 0, 1 },
	{ "alice:staff", 0, 1001, 50, 0 },
	{ "alice:9", 0, 1001, 9, 0 },
	{ "alice:77", 0, 1001, 77, 0 }, /* never the group of that name */
	{ "12:staff", 0, 12, 50, -1 },
	{ "12:nogroup", ENOENT, 0, 0, 0 },
	{ "alice:bad", ENOENT, 0, 0, 0 },
};

static struct user_spec before(gid_t *seven)
{
	*seven = 7;
	return (struct user_spec){ .uid = 5, .gid = 6, .groups = seven, .ngroups = 1 };
}

static void check(const struct row *t, int root_fd)
{
	struct arena a = ARENA_INIT;
	struct err e = { 0 };
	gid_t seven;
	struct user_spec u = before(&seven), untouched = u;
	int r = proc_user(t->word, root_fd, &u, &a, &e);

	if (r != -t->code)
		print_error("\"%s\": %d %s\n", t->word, r, e.text);
	assert_int_equal(r, -t->code);
	if (t->code) {
		assert_memory_equal(&u, &untouched, sizeof(u));
		assert_true(e.text[0] != 0);
	} else {
		assert_int_equal(u.uid, t->uid);
		assert_int_equal(u.gid, t->gid);
		assert_int_equal(u.ngroups, t->ngroups < 0 ? 1 : t->ngroups);
		if (t->ngroups < 0)
			assert_ptr_equal(u.groups, &seven);
	}
	arena_free(&a);
}

static void each_word_is_a_user_or_an_error(_unused_ void **state)
{
	struct tree t;

	tree_make(&t);
	tree_file(&t, "etc/passwd", passwd, sizeof(passwd) - 1, 0644);
	tree_file(&t, "etc/group", group, sizeof(group) - 1, 0644);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		check(&table[i], t.fd);
	tree_remove(&t);
}

static void a_name_brings_its_groups(_unused_ void **state)
{
	static const gid_t want[] = { 1002, 0, 50, 70 };
	struct arena a = ARENA_INIT;
	struct err e = { 0 };
	struct user_spec u = { 0 };
	struct tree t;

	tree_make(&t);
	tree_file(&t, "etc/passwd", passwd, sizeof(passwd) - 1, 0644);
	tree_file(&t, "etc/group", group, sizeof(group) - 1, 0644);
	assert_int_equal(proc_user("alice", t.fd, &u, &a, &e), 0);
	assert_int_equal(u.ngroups, 4);
	assert_memory_equal(u.groups, want, sizeof(want));
	arena_free(&a);
	tree_remove(&t);
}

static void numbers_need_no_files(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct err e = { 0 };
	struct user_spec u = { 0 };
	struct tree t;

	tree_make(&t);
	assert_int_equal(proc_user("12:34", t.fd, &u, &a, &e), 0);
	assert_int_equal(proc_user("alice", t.fd, &u, &a, &e), -ENOENT);
	assert_string_equal(e.text, "user \"alice\" is not in the container's /etc/passwd");
	assert_true(e.hint[0] != 0);
	assert_int_equal(proc_user("1:staff", t.fd, &u, &a, &e), -ENOENT);
	assert_string_equal(e.text, "group \"staff\" is not in the container's /etc/group");
	arena_free(&a);
	tree_remove(&t);
}

/* 70,000 lines with the user in each, under the 1 MiB */
static void too_many_groups_are_an_error(_unused_ void **state)
{
	enum { LINES = 70000, WIDTH = 13 };
	struct arena a = ARENA_INIT;
	struct err e = { 0 };
	struct user_spec u = { 0 };
	char *text = malloc(LINES * WIDTH + 1);
	struct tree t;

	assert_non_null(text);
	for (int i = 0; i < LINES; i++) {
		char line[32];

		assert_int_equal(snprintf(line, sizeof(line), "g:x:%d:u\n", 100000 + i), WIDTH);
		memcpy(text + (ptrdiff_t)i * WIDTH, line, WIDTH);
	}
	tree_make(&t);
	tree_file(&t, "etc/passwd", "u:x:1:1:::", 10, 0644);
	tree_file(&t, "etc/group", text, LINES * WIDTH, 0644);
	assert_int_equal(proc_user("u", t.fd, &u, &a, &e), -E2BIG);
	assert_non_null(strstr(e.text, "65536"));
	free(text);
	arena_free(&a);
	tree_remove(&t);
}

TEST_GROUP(proc_user, cmocka_unit_test(each_word_is_a_user_or_an_error),
	   cmocka_unit_test(a_name_brings_its_groups), cmocka_unit_test(numbers_need_no_files),
	   cmocka_unit_test(too_many_groups_are_an_error));
