/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/proc.h"
#include "specs/spec.h"
#include "tests/unit/tree.h"

struct world {
	struct tree t;
	struct arena a;
	struct process_spec p;
	struct strv env;
	struct err e;
};

/* An image that makes us wait must fail the test, not hang it. */
static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	tree_make(&w->t);
	process_init(&w->p);
	w->p.user.uid = 1000;
	*state = w;
	alarm(10);
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	alarm(0);
	tree_remove(&w->t);
	arena_free(&w->a);
	free(w);
	return 0;
}

static void add(struct world *w, const char *entry)
{
	strv_add(&w->p.env, &w->a, entry);
}

static void passwd(struct world *w, const char *text)
{
	tree_file(&w->t, "etc/passwd", text, strlen(text), 0644);
}

static void expect(struct world *w, const char *const *want)
{
	size_t n = 0;
	int r = proc_env(&w->p, w->t.fd, &w->a, &w->env, &w->e);

	if (r)
		print_error("%s\n", w->e.text);
	assert_int_equal(r, 0);
	for (; want[n]; n++) {
		assert_true(n < w->env.n);
		assert_string_equal(w->env.v[n], want[n]);
	}
	assert_int_equal(w->env.n, n);
	assert_null(w->env.v[n]);
}
#define EXPECT_ENV(w, ...) expect(w, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_err(struct world *w, int code, const char *part)
{
	assert_int_equal(proc_env(&w->p, w->t.fd, &w->a, &w->env, &w->e), -code);
	if (!strstr(w->e.text, part))
		print_error("%s\n", w->e.text);
	assert_non_null(strstr(w->e.text, part));
	assert_non_null(strstr(w->e.text, "/etc/passwd"));
	assert_non_null(strstr(w->e.hint, "HOME"));
}

static void home_comes_from_passwd_by_uid(void **state)
{
	struct world *w = *state;

	passwd(w, "root:x:0:0::/root:/bin/sh\nu:x:1000:1:,,:/home/u:/bin/sh\nv:x:1000:1::/v:\n");
	add(w, "A=1");
	EXPECT_ENV(w, "A=1", "HOME=/home/u");
}

static void an_empty_home_is_filled_in(void **state)
{
	struct world *w = *state;

	passwd(w, "u:x:1000:1::/home/u:");
	add(w, "HOME=");
	add(w, "A=");
	EXPECT_ENV(w, "A=", "HOME=/home/u");
}

static void without_an_entry_home_is_the_root(void **state)
{
	struct world *w = *state;

	EXPECT_ENV(w, "HOME=/");
	passwd(w, "u:x:1001:1::/home/u:\nx:x:1000\n");
	EXPECT_ENV(w, "HOME=/");
	passwd(w, "u:x:1000:1:::\n");
	EXPECT_ENV(w, "HOME=/");
	passwd(w, "");
	EXPECT_ENV(w, "HOME=/");
}

static void etc_may_be_anything(void **state)
{
	struct world *w = *state;

	tree_file(&w->t, "etc", "x", 1, 0644);
	EXPECT_ENV(w, "HOME=/");
}

static void the_last_of_two_wins(void **state)
{
	struct world *w = *state;

	add(w, "A=1");
	add(w, "HOME=/a");
	add(w, "AA=2");
	add(w, "A=3");
	add(w, "HOME=/b");
	add(w, "AB");
	EXPECT_ENV(w, "AA=2", "A=3", "HOME=/b", "AB");
}

static void many_entries_take_no_time(void **state)
{
	enum { N = 300000 };
	struct world *w = *state;

	add(w, "HOME=/h");
	for (int i = 0; i < N; i++)
		add(w, arena_printf(&w->a, "V%d=%d", i % (N / 2), i));
	assert_int_equal(proc_env(&w->p, w->t.fd, &w->a, &w->env, &w->e), 0);
	assert_int_equal(w->env.n, N / 2 + 1);
	assert_string_equal(w->env.v[1], "V0=150000");
	assert_string_equal(w->env.v[N / 2], "V149999=299999");
}

static void an_empty_home_at_the_end_counts_as_absent(void **state)
{
	struct world *w = *state;

	add(w, "HOME=/a");
	add(w, "HOME=");
	EXPECT_ENV(w, "HOME=/");
}

static void with_home_set_the_file_is_not_looked_at(void **state)
{
	struct world *w = *state;

	tree_fifo(&w->t, "etc/passwd");
	add(w, "HOME=/h");
	EXPECT_ENV(w, "HOME=/h");
}

static void a_fifo_is_refused_at_once(void **state)
{
	struct world *w = *state;

	tree_fifo(&w->t, "etc/passwd");
	expect_err(w, EINVAL, "is a FIFO, not a regular file");
}

static void a_directory_is_refused(void **state)
{
	struct world *w = *state;

	tree_dir(&w->t, "etc/passwd", 0755);
	expect_err(w, EINVAL, "is a directory");
}

static void a_device_is_refused(void **state)
{
	struct world *w = *state;

	tree_dir(&w->t, "etc", 0755);
	if (mknodat(w->t.fd, "etc/passwd", S_IFCHR | 0666, makedev(1, 5)) < 0)
		skip();
	expect_err(w, EINVAL, "is a character device");
}

/* /dev/zero of the host: absolute links stay inside */
static void links_stay_inside(void **state)
{
	struct world *w = *state;

	tree_link(&w->t, "etc/passwd", "/dev/zero");
	EXPECT_ENV(w, "HOME=/");
	tree_file(&w->t, "dev/zero", "u:x:1000:1::/in:/", 17, 0644);
	EXPECT_ENV(w, "HOME=/in");
	assert_int_equal(unlinkat(w->t.fd, "etc/passwd", 0), 0);
	tree_link(&w->t, "etc/passwd", "../../../../../../dev/zero");
	EXPECT_ENV(w, "HOME=/in");
}

static void a_loop_is_an_error(void **state)
{
	struct world *w = *state;

	tree_link(&w->t, "etc/passwd", "passwd");
	expect_err(w, ELOOP, "too many levels");
}

static void a_huge_file_is_refused_cheaply(void **state)
{
	struct world *w = *state;
	struct timespec t0, t1;

	passwd(w, "x");

	int fd = openat(w->t.fd, "etc/passwd", O_WRONLY | O_CLOEXEC);

	assert_int_equal(ftruncate(fd, 3ll << 30), 0);
	close(fd);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	expect_err(w, EFBIG, "larger than 1 MiB");
	clock_gettime(CLOCK_MONOTONIC, &t1);
	assert_true(t1.tv_sec - t0.tv_sec < 2);
}

static void a_long_line_is_refused(void **state)
{
	struct world *w = *state;
	char *text = malloc(6000);

	assert_non_null(text);
	memset(text, 'a', 6000);
	memcpy(text, "r:x:0:0::/:\n", 12);
	tree_file(&w->t, "etc/passwd", text, 12 + 4096, 0644);
	EXPECT_ENV(w, "HOME=/");
	tree_file(&w->t, "etc/passwd", text, 12 + 4097, 0644);
	free(text);
	expect_err(w, EFBIG, "line 2 is longer");
}

static void nul_bytes_end_a_field_only(void **state)
{
	static const char text[] = "a\0b:x:1000:1::/bad:\nu:x:1000:1::/good:\n";
	struct world *w = *state;

	tree_file(&w->t, "etc/passwd", text, sizeof(text) - 1, 0644);
	EXPECT_ENV(w, "HOME=/good");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
TEST_GROUP(proc_env, T(home_comes_from_passwd_by_uid), T(an_empty_home_is_filled_in),
	   T(without_an_entry_home_is_the_root), T(etc_may_be_anything), T(the_last_of_two_wins),
	   T(many_entries_take_no_time), T(an_empty_home_at_the_end_counts_as_absent),
	   T(with_home_set_the_file_is_not_looked_at), T(a_fifo_is_refused_at_once),
	   T(a_directory_is_refused), T(a_device_is_refused), T(links_stay_inside),
	   T(a_loop_is_an_error), T(a_huge_file_is_refused_cheaply), T(a_long_line_is_refused),
	   T(nul_bytes_end_a_field_only));
