/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/start/step.h"

/* What the rows of these tests work on. */
struct start {
	struct engine engine;
	char trail[64]; /* host rows run, then undone */
	const char *program;
	int *shared; /* a pipe, to see what order the two sides ran in */
};

static void mark(struct start *s, char c)
{
	size_t n = strlen(s->trail);

	assert_true(n + 1 < sizeof(s->trail));
	s->trail[n] = c;
}

#define ROW(up, down)                                                                              \
	static int run_##up(struct start *s, _unused_ struct err *e)                               \
	{                                                                                          \
		mark(s, #up[0]);                                                                   \
		return 0;                                                                          \
	}                                                                                          \
	static void undo_##up(struct start *s)                                                     \
	{                                                                                          \
		mark(s, #down[0]);                                                                 \
	}
ROW(A, a)
ROW(B, b)
ROW(C, c)
ROW(D, d)

static int in_init(_unused_ struct start *s, _unused_ struct err *e)
{
	return 0;
}

static int spawn(struct start *s, struct err *e)
{
	struct engine *g = &s->engine;
	int r = engine_link(g, e);

	if (r < 0)
		return r;
	g->init = fork();
	if (g->init == 0)
		engine_init(g, s, "spawn");
	fd_drop(&g->peer_fd);
	return 0;
}

static void undo_spawn(struct start *s)
{
	mark(s, 's');
	assert_int_equal(s->engine.init, 0); /* the engine reaped it already */
}

static int do_exec(struct start *s, struct err *e)
{
	execl(s->program, s->program, "-c", "exit 7", NULL);
	return err_set(e, errno, "%s", s->program);
}

static bool never(_unused_ const struct start *s)
{
	return false;
}

static const struct step table[] = {
	{ "cgroup", HOST, .run = run_A, .undo = undo_A },
	{ "left-out", HOST, .wanted = never, .run = run_D, .undo = undo_D },
	{ "state", HOST, .run = run_B, .undo = undo_B },
	{ "spawn", HOST, .run = spawn, .undo = undo_spawn },
	{ "attach", BESIDE, .run = run_C, .undo = undo_C },
	{ "hostname", INIT, .run = in_init },
	{ "mounts", INIT, .after_beside = true, .run = in_init },
	{ "network", HOST, .run = run_D, .undo = undo_D },
	{ "pivot", INIT, .run = in_init },
	{ "exec", INIT, .run = do_exec },
};

static void start_init(struct start *s, const char *program)
{
	*s = (struct start){ .engine = ENGINE_INIT, .program = program };
	engine_select(&s->engine, table, ARRAY_SIZE(table), s);
}

static void rows_that_are_not_wanted_are_left_out(_unused_ void **state)
{
	struct start s;

	start_init(&s, "/bin/sh");
	assert_int_equal(s.engine.n, ARRAY_SIZE(table) - 1);
}

static void every_row_can_fail_and_is_undone(_unused_ void **state)
{
	/* rows in order: cgroup state spawn attach hostname mounts network pivot exec */
	static const char *const expect[] = { "",        "Aa",        "ABba",
					      "ABsba",   "ABCcsba",   "ABCcsba",
					      "ABCcsba", "ABCDdcsba", "ABCDdcsba" };

	for (size_t i = 0; i < ARRAY_SIZE(expect); i++) {
		struct start s;
		struct err e = { 0 };

		start_init(&s, "/bin/sh");
		s.engine.fail_at = i;
		assert_int_equal(engine_run(&s.engine, &s, NULL, &e), -EIO);
		assert_ptr_equal(strstr(e.text, s.engine.row[i]->name), e.text);
		assert_string_equal(s.trail, expect[i]);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		assert_int_equal(errno, ECHILD);
	}
}

static void exec_errors_arrive_as_text(_unused_ void **state)
{
	struct start s;
	struct err e = { 0 };

	start_init(&s, "/nope");
	assert_int_equal(engine_run(&s.engine, &s, NULL, &e), -ENOENT);
	assert_string_equal(e.text, "exec: /nope: no such file or directory");
	assert_string_equal(s.trail, "ABCDdcsba");
}

static void success_is_end_of_file_after_exec(_unused_ void **state)
{
	struct start s;
	struct err e = { 0 };
	int status;

	start_init(&s, "/bin/sh");
	assert_int_equal(engine_run(&s.engine, &s, NULL, &e), 0);
	assert_string_equal(s.trail, "ABCD");
	assert_int_equal(waitpid(s.engine.init, &status, 0), s.engine.init);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	engine_close(&s.engine);
}

static int die(_unused_ struct start *s, _unused_ struct err *e)
{
	raise(SIGKILL);
	return 0;
}

static void an_init_that_is_killed_is_a_failure(_unused_ void **state)
{
	static const struct step mortal[] = {
		{ "spawn", HOST, .run = spawn, .undo = undo_spawn },
		{ "die", INIT, .run = die },
		{ "exec", INIT, .run = do_exec },
	};
	struct start s = { .engine = ENGINE_INIT, .program = "/bin/sh" };
	struct err e = { 0 };

	engine_select(&s.engine, mortal, ARRAY_SIZE(mortal), &s);
	assert_int_equal(engine_run(&s.engine, &s, NULL, &e), -EPIPE);
	assert_string_equal(e.text, "exec: container init died unexpectedly");
}

static int pass(struct start *s, struct err *e)
{
	s->engine.passed_fd = dup(STDERR_FILENO);
	return s->engine.passed_fd < 0 ? err_set(e, errno, "dup") : 0;
}

static int take(struct start *s, struct err *e)
{
	own_fd fd = take_fd(s->engine.passed_fd);

	return fd < 0 ? err_text(e, EPROTO, "no descriptor came") : run_A(s, e);
}

static void a_descriptor_travels_with_the_token(_unused_ void **state)
{
	static const struct step passing[] = {
		{ "spawn", HOST, .run = spawn, .undo = undo_spawn },
		{ "pass", INIT, .run = pass },
		{ "take", HOST, .run = take, .undo = undo_A },
		{ "exec", INIT, .run = do_exec },
	};
	struct start s = { .engine = ENGINE_INIT, .program = "/bin/sh" };
	struct err e = { 0 };

	engine_select(&s.engine, passing, ARRAY_SIZE(passing), &s);
	assert_int_equal(engine_run(&s.engine, &s, NULL, &e), 0);
	assert_string_equal(s.trail, "A");
	engine_reap(&s.engine);
}

/* A host row between the BESIDE rows and whoever waits for them must not take their token. */
static void tokens_stay_in_order(_unused_ void **state)
{
	static const struct step mixed[] = {
		{ "spawn", HOST, .run = spawn, .undo = undo_spawn },
		{ "beside", BESIDE, .run = run_A },
		{ "early", INIT, .run = in_init },
		{ "host", HOST, .run = run_B },
		{ "late", INIT, .after_beside = true, .run = in_init },
		{ "exec", INIT, .run = do_exec },
	};
	struct start s = { .engine = ENGINE_INIT, .program = "/bin/sh" };
	struct err e = { 0 };

	engine_select(&s.engine, mixed, ARRAY_SIZE(mixed), &s);
	assert_int_equal(engine_run(&s.engine, &s, NULL, &e), 0);
	assert_string_equal(s.trail, "AB");
	engine_reap(&s.engine);
}

TEST_GROUP(step, cmocka_unit_test(tokens_stay_in_order),
	   cmocka_unit_test(rows_that_are_not_wanted_are_left_out),
	   cmocka_unit_test(every_row_can_fail_and_is_undone),
	   cmocka_unit_test(exec_errors_arrive_as_text),
	   cmocka_unit_test(success_is_end_of_file_after_exec),
	   cmocka_unit_test(an_init_that_is_killed_is_a_failure),
	   cmocka_unit_test(a_descriptor_travels_with_the_token));
