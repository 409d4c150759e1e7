/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/opt.h"

struct own {
	const char *bundle, *user;
	bool tty, detach, no_subreaper;
	unsigned fds;
	struct strv env;
	int rootless;
};
struct global {
	const char *root;
	bool debug;
};

static const struct opt own_opts[] = {
	{ 'b', "bundle", "DIR", "the bundle", OPT_STR, offsetof(struct own, bundle), false },
	{ 'u', "user", "USER", "the user", OPT_STR, offsetof(struct own, user), false },
	{ 't', "tty", NULL, "a terminal", OPT_FLAG, offsetof(struct own, tty), false },
	{ 'd', "detach", NULL, "do not wait", OPT_FLAG, offsetof(struct own, detach), false },
	{ 0, "no-subreaper", NULL, "x", OPT_FLAG, offsetof(struct own, no_subreaper), false },
	{ 0, "preserve-fds", "N", "x", OPT_UINT, offsetof(struct own, fds), false },
	{ 'e', "env", "NAME=VALUE", "x", OPT_LIST, offsetof(struct own, env), false },
	{ 0, "rootless", "true|false|auto", "x", OPT_TRISTATE, offsetof(struct own, rootless),
	  false },
	{ 0, "mode", NULL, "x", OPT_TRISTATE, offsetof(struct own, rootless), false },
	{ 0, "criu", "PATH", "x", OPT_IGNORED, 0, true },
	{ 0, "old", NULL, "x", OPT_IGNORED, 0, true },
};
static const struct opt more_opts[] = {
	{ 0, "root", "DIR", "x", OPT_STR, offsetof(struct global, root), false },
	{ 0, "debug", NULL, "x", OPT_FLAG, offsetof(struct global, debug), false },
};

/* one parse and all that comes out of it */
struct parsed {
	struct own o;
	struct global g;
	struct strv operands;
	bool dashdash;
	struct err e;
	int r;
	struct arena a;
};

static void parse(struct parsed *p, bool stop, const char *const *words)
{
	char *argv[32] = { (char *)"berth" };
	struct opt_table tables[] = {
		{ own_opts, ARRAY_SIZE(own_opts), &p->o },
		{ more_opts, ARRAY_SIZE(more_opts), &p->g },
	};
	int argc = 1;

	memset(p, 0, sizeof(*p));
	p->o.rootless = -1;
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	p->r = opt_parse(argc, argv, tables, 2, stop, &p->a, &p->operands, &p->dashdash, &p->e);
}
#define PARSE(p, ...) parse(p, false, (const char *const[]){ __VA_ARGS__, NULL })
#define PARSE_STOP(p, ...) parse(p, true, (const char *const[]){ __VA_ARGS__, NULL })

static void a_value_in_every_spelling(_unused_ void **state)
{
	static const char *const spellings[][3] = {
		{ "--bundle", "/b" }, { "--bundle=/b" }, { "-bundle", "/b" }, { "-bundle=/b" },
		{ "-b", "/b" },       { "-b/b" },        { "-b=/b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		struct parsed p;

		parse(&p, false, spellings[i]);
		assert_int_equal(p.r, 0);
		assert_string_equal(p.o.bundle, "/b");
		assert_int_equal(p.operands.n, 0);
		arena_free(&p.a);
	}
}

static void a_value_may_be_empty_or_look_like_an_option(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "--bundle=", "--user", "--tty");
	assert_int_equal(p.r, 0);
	assert_string_equal(p.o.bundle, "");
	assert_string_equal(p.o.user, "--tty");
	assert_false(p.o.tty);
	arena_free(&p.a);
	PARSE(&p, "--bundle", "");
	assert_string_equal(p.o.bundle, "");
	PARSE(&p, "--bundle=a=b");
	assert_string_equal(p.o.bundle, "a=b");
}

static void flags_alone_with_a_value_and_bundled(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "-td");
	assert_true(p.o.tty && p.o.detach);
	PARSE(&p, "-tb", "/b");
	assert_true(p.o.tty);
	assert_string_equal(p.o.bundle, "/b");
	PARSE(&p, "--tty=false", "-d=true");
	assert_true(p.r == 0 && !p.o.tty && p.o.detach);
	PARSE(&p, "-t", "--tty=0");
	assert_false(p.o.tty);
	PARSE(&p, "-no-subreaper");
	assert_true(p.o.no_subreaper);
	PARSE(&p, "--tty=perhaps");
	assert_int_equal(p.r, -EINVAL);
	assert_non_null(strstr(p.e.text, "'--tty': 'perhaps'"));
	PARSE(&p, "--tty=");
	assert_int_equal(p.r, -EINVAL);
}

static void the_last_one_wins_and_lists_collect(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "--bundle", "/a", "-b", "/b", "-e", "A=1", "--env=B=2", "-eC=3");
	assert_string_equal(p.o.bundle, "/b");
	assert_int_equal(p.o.env.n, 3);
	assert_string_equal(p.o.env.v[0], "A=1");
	assert_string_equal(p.o.env.v[1], "B=2");
	assert_string_equal(p.o.env.v[2], "C=3");
	arena_free(&p.a);
}

static void tables_mix_with_operands_in_any_order(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "--debug", "one", "--root", "/r", "-t", "two", "-");
	assert_int_equal(p.r, 0);
	assert_true(p.g.debug && p.o.tty);
	assert_string_equal(p.g.root, "/r");
	assert_int_equal(p.operands.n, 3);
	assert_string_equal(p.operands.v[2], "-");
	arena_free(&p.a);
}

static void two_dashes_end_the_options(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "-t", "--", "-d", "--", "--nope");
	assert_int_equal(p.r, 0);
	assert_true(p.dashdash && p.o.tty && !p.o.detach);
	assert_int_equal(p.operands.n, 3);
	assert_string_equal(p.operands.v[1], "--");
	arena_free(&p.a);
}

static void the_first_operand_ends_them_where_asked(_unused_ void **state)
{
	struct parsed p;

	PARSE_STOP(&p, "-t", "id", "ls", "-l", "--help", "--", "--root");
	assert_int_equal(p.r, 0);
	assert_false(p.dashdash);
	assert_int_equal(p.operands.n, 6);
	assert_string_equal(p.operands.v[2], "-l");
	assert_null(p.g.root);
	arena_free(&p.a);
}

static void numbers_are_strict(_unused_ void **state)
{
	static const char *const bad[] = {
		"",    "-1", "+1", " 1",         "1 ",
		"0x1", "1k", "1.", "4294967295", "99999999999999999999999"
	};
	struct parsed p;

	PARSE(&p, "--preserve-fds", "4294967294");
	assert_int_equal(p.r, 0);
	assert_true(p.o.fds == 4294967294u);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		PARSE(&p, "--preserve-fds", bad[i]);
		assert_true(p.r < 0);
		assert_non_null(strstr(p.e.text, "--preserve-fds"));
	}
}

static void opt_number_has_a_limit(_unused_ void **state)
{
	unsigned long long n = 5;

	assert_int_equal(opt_number("18446744073709551615", ULLONG_MAX, &n), 0);
	assert_true(n == ULLONG_MAX);
	assert_int_equal(opt_number("18446744073709551616", ULLONG_MAX, &n), -ERANGE);
	assert_int_equal(opt_number("65536", 65535, &n), -ERANGE);
	assert_int_equal(opt_number("007", 10, &n), 0);
	assert_true(n == 7);
}

static void a_tristate_takes_the_next_word_only_if_it_is_one(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "x");
	assert_int_equal(p.o.rootless, -1);
	arena_free(&p.a);
	PARSE(&p, "--rootless", "state");
	assert_int_equal(p.o.rootless, 1);
	assert_int_equal(p.operands.n, 1);
	arena_free(&p.a);
	PARSE(&p, "--rootless", "false");
	assert_int_equal(p.o.rootless, 0);
	assert_int_equal(p.operands.n, 0);
	PARSE(&p, "--rootless", "--rootless=auto");
	assert_int_equal(p.o.rootless, -1);
	PARSE(&p, "--rootless=maybe");
	assert_int_equal(p.r, -EINVAL);
	PARSE(&p, "--mode", "false");
	assert_int_equal(p.o.rootless, 1);
	assert_int_equal(p.operands.n, 1);
	arena_free(&p.a);
}

static void ignored_options_take_their_values_along(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "--criu", "/usr/sbin/criu", "--old", "op", "--criu=/x");
	assert_int_equal(p.r, 0);
	assert_int_equal(p.operands.n, 1);
	assert_string_equal(p.operands.v[0], "op");
	arena_free(&p.a);
}

static void unknown_options_are_named_with_the_nearest(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "--bundel", "/b");
	assert_int_equal(p.r, -EINVAL);
	assert_string_equal(p.e.text, "unknown option '--bundel' (did you mean '--bundle'?)");
	PARSE(&p, "--rot=/r");
	assert_non_null(strstr(p.e.text, "--root"));
	PARSE(&p, "--something-else");
	assert_string_equal(p.e.text, "unknown option '--something-else'");
	PARSE(&p, "-x");
	assert_string_equal(p.e.text, "unknown option '-x'");
	PARSE(&p, "-tx");
	assert_int_equal(p.r, -EINVAL);
	PARSE(&p, "--criuu", "x");
	assert_null(strstr(p.e.text, "did you mean '--criu'"));
	PARSE(&p, "--=x");
	assert_int_equal(p.r, -EINVAL);
	PARSE(&p, "-9");
	assert_int_equal(p.r, -EINVAL);
}

static void a_missing_value_is_told_in_the_words_that_podman_probes(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "--bundle");
	assert_int_equal(p.r, -EINVAL);
	assert_non_null(strstr(p.e.text, "flag needs an argument"));
	assert_non_null(strstr(p.e.text, "--bundle DIR"));
	PARSE(&p, "-tb");
	assert_non_null(strstr(p.e.text, "flag needs an argument"));
}

static void help_is_asked_in_four_spellings(_unused_ void **state)
{
	struct parsed p;

	PARSE(&p, "--help");
	assert_int_equal(p.r, OPT_HELP_WANTED);
	PARSE(&p, "-help");
	assert_int_equal(p.r, OPT_HELP_WANTED);
	PARSE(&p, "-t", "-h", "--nope");
	assert_int_equal(p.r, OPT_HELP_WANTED);
	PARSE(&p, "-th");
	assert_int_equal(p.r, OPT_HELP_WANTED);
	PARSE(&p, "--", "--help");
	assert_int_equal(p.r, 0);
	arena_free(&p.a);
}

static void distances(_unused_ void **state)
{
	assert_int_equal(opt_distance("", ""), 0);
	assert_int_equal(opt_distance("abc", ""), 3);
	assert_int_equal(opt_distance("create", "craete"), 1);
	assert_int_equal(opt_distance("kitten", "sitting"), 3);
	assert_true(opt_distance("a-word-that-is-longer-than-any-option-can-be", "a") == UINT_MAX);
	assert_true(opt_is_slip("lsit", 1));
	assert_false(opt_is_slip("ps", 2));
}

static void help_hides_hidden_options_and_wraps(_unused_ void **state)
{
	static const struct opt v[] = {
		{ 'b', "bundle", "DIR",
		  "words and words and words and words and words and words and words and words",
		  OPT_STR, 0, false },
		{ 0, "secret", NULL, "not shown", OPT_FLAG, 0, true },
	};
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	opt_print_help(v, ARRAY_SIZE(v), f);
	fclose(f);
	assert_int_equal(strncmp(text, "  -b, --bundle DIR  words", 25), 0);
	assert_null(strstr(text, "secret"));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
	free(text);
}

TEST_GROUP(opt, cmocka_unit_test(a_value_in_every_spelling),
	   cmocka_unit_test(a_value_may_be_empty_or_look_like_an_option),
	   cmocka_unit_test(flags_alone_with_a_value_and_bundled),
	   cmocka_unit_test(the_last_one_wins_and_lists_collect),
	   cmocka_unit_test(tables_mix_with_operands_in_any_order),
	   cmocka_unit_test(two_dashes_end_the_options),
	   cmocka_unit_test(the_first_operand_ends_them_where_asked),
	   cmocka_unit_test(numbers_are_strict), cmocka_unit_test(opt_number_has_a_limit),
	   cmocka_unit_test(a_tristate_takes_the_next_word_only_if_it_is_one),
	   cmocka_unit_test(ignored_options_take_their_values_along),
	   cmocka_unit_test(unknown_options_are_named_with_the_nearest),
	   cmocka_unit_test(a_missing_value_is_told_in_the_words_that_podman_probes),
	   cmocka_unit_test(help_is_asked_in_four_spellings), cmocka_unit_test(distances),
	   cmocka_unit_test(help_hides_hidden_options_and_wraps));
