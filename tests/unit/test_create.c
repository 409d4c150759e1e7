/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real table of a start, every row of it failed in turn on the real kernel: whatever had been
 * done by then must be undone. Needs root; the payload is Debian's static busybox.
 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/start/create.h"
#include "runtime/start/start.h"
#include "specs/faults.h"
#include "specs/oci.h"

#define ID "berth-unit-create"

struct bed {
	char dir[64]; /* bundle; the rootfs and the state root are below */
	struct arena arena;
	struct spec spec;
	struct faults faults;
	struct plan plan;
	int root_fd;
};

static void sh(const char *dir, const char *what)
{
	char cmd[512];

	snprintf(cmd, sizeof(cmd), "cd %s && %s", dir, what);
	assert_int_equal(system(cmd), 0);
}

/* Everything that a start may leave on the host, as text. */
static void look(const struct bed *b, struct buf *out)
{
	char line[4096], cmd[512];

	snprintf(cmd, sizeof(cmd),
		 "cut -d' ' -f3- /proc/self/mountinfo | sort; ls -A %s/state; "
		 "find /sys/fs/cgroup -name '*" ID "*'",
		 b->dir);

	FILE *f = popen(cmd, "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		buf_puts(out, line);
	pclose(f);
}

static bool ready(void)
{
	if (geteuid() == 0 && access("/bin/busybox", X_OK) == 0)
		return true;
	fprintf(stderr, "skip: needs root and /bin/busybox\n");
	return false;
}

static void bed_init(struct bed *b, const char *edit)
{
	struct err e = { 0 };
	struct plan_ask ask = { .id = ID };

	*b = (struct bed){ .arena = ARENA_INIT, .root_fd = -1 };
	snprintf(b->dir, sizeof(b->dir), "/tmp/berth-unit-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	sh(b->dir, "chmod 755 . && mkdir -p rootfs/bin state && chmod 700 state && cp /bin/busybox "
		   "rootfs/bin/ && "
		   "ln -s busybox rootfs/bin/true");
	b->faults.arena = &b->arena;
	spec_default(&b->arena, &b->spec, false);
	b->spec.process.terminal = !strcmp(edit, "terminal");
	b->spec.process.args.n = 0;
	strv_add(&b->spec.process.args, &b->arena, "/bin/true");
	b->spec.process.nrlimits = 0;
	if (!strcmp(edit, "userns")) {
		static struct id_map map = { 0, 100000, 65536 };

		sh(b->dir, "chown -R 100000:100000 rootfs");
		b->spec.ns[NS_USER].mode = NS_NEW;
		b->spec.uid_maps = b->spec.gid_maps = (struct id_maps){ &map, 1 };
	}
	ask.bundle = b->dir;
	ask.kind = !strcmp(edit, "create") ? PLAN_CREATE : PLAN_RUN;
	assert_int_equal(plan_make(&b->spec, &ask, &b->arena, &b->plan, &b->faults, &e), 0);
	assert_int_equal(b->faults.errors, 0);
	snprintf(b->dir + strlen(b->dir), 8, "/state");
	b->root_fd = open(b->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*strrchr(b->dir, '/') = 0;
	assert_true(b->root_fd >= 0);
}

static void bed_done(struct bed *b)
{
	fd_drop(&b->root_fd);
	arena_free(&b->arena);
	sh(b->dir, "rm -rf rootfs state && rmdir $PWD");
}

/* How many rows the caller's process walks: in a create up to "handover", else all. */
static size_t fail_row(struct bed *b, size_t row, const char *before)
{
	struct start s;
	struct err e = { 0 };
	own_buf after = BUF_INIT;
	size_t n;

	start_init(&s, &b->plan, &b->arena, b->root_fd);
	s.config = "{}";
	s.config_len = 2;
	s.engine.fail_at = row;
	assert_int_equal(create_container(&s, &e), -EIO);
	assert_non_null(strstr(e.text, "injected"));
	n = s.engine.n;
	for (size_t i = 0; i < s.engine.n && b->plan.ask.kind == PLAN_CREATE; i++)
		if (!strcmp(s.engine.row[i]->name, "handover"))
			n = i + 1;
	start_close(&s);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	look(b, &after);
	assert_string_equal(buf_text(&after), before);
	return n;
}

static void every_row_is_undone(const char *edit)
{
	own_buf before = BUF_INIT;
	struct bed b;

	if (!ready())
		skip();
	bed_init(&b, edit);
	look(&b, &before);

	size_t n = fail_row(&b, 0, buf_text(&before));

	for (size_t i = 1; i < n; i++)
		fail_row(&b, i, buf_text(&before));
	bed_done(&b);
}

static void run_is_undone(_unused_ void **state)
{
	every_row_is_undone("run");
}

static void create_is_undone(_unused_ void **state)
{
	every_row_is_undone("create");
}

static void user_namespace_is_undone(_unused_ void **state)
{
	every_row_is_undone("userns");
}

static void terminal_is_undone(_unused_ void **state)
{
	every_row_is_undone("terminal");
}

/* After "handover" the host of a create has left: no row may need it. */
static void only_init_rows_follow_the_handover(_unused_ void **state)
{
	size_t last = 0;

	for (size_t i = 0; i < create_table_n; i++)
		if (!strcmp(create_table[i].name, "handover"))
			last = i;
	assert_true(last > 0);
	for (size_t i = last + 1; i < create_table_n; i++)
		assert_int_equal(create_table[i].who, INIT);
}

static void the_table_is_sound(_unused_ void **state)
{
	bool beside = false, waits = false;

	for (size_t i = 0; i < create_table_n; i++) {
		const struct step *s = &create_table[i];

		assert_non_null(s->run);
		assert_true(s->who != INIT || !s->undo);
		assert_true(!s->leaves || s->who == HOST);
		beside = beside || s->who == BESIDE;
		waits = waits || s->after_beside;
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(s->name, create_table[j].name) ||
				    s->wanted != create_table[j].wanted);
	}
	assert_true(!beside || waits);
}

TEST_GROUP(create, cmocka_unit_test(the_table_is_sound),
	   cmocka_unit_test(only_init_rows_follow_the_handover), cmocka_unit_test(run_is_undone),
	   cmocka_unit_test(create_is_undone), cmocka_unit_test(user_namespace_is_undone),
	   cmocka_unit_test(terminal_is_undone));
