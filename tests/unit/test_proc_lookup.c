/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/parts.h"
#include "runtime/proc/proc.h"
#include "specs/spec.h"
#include "tests/unit/child.h"
#include "tests/unit/tree.h"

struct world {
	struct tree t;
	struct arena a;
	struct process_spec p;
	struct err e;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	tree_make(&w->t);
	process_init(&w->p);
	w->p.cwd = "/work";
	w->p.user.uid = w->p.user.gid = 4242;
	tree_file(&w->t, "bin/tool", "x", 1, 0755);
	tree_file(&w->t, "usr/bin/tool", "x", 1, 0755);
	tree_file(&w->t, "work/here", "x", 1, 0755);
	tree_dir(&w->t, "bin/dir", 0755);
	tree_file(&w->t, "bin/plain", "x", 1, 0644);
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

static int look(struct world *w, const char *path_var, const char *name, const char **path)
{
	w->p.env = (struct strv){ 0 };
	w->p.args = (struct strv){ 0 };
	w->e = (struct err){ 0 };
	if (path_var)
		strv_add(&w->p.env, &w->a, arena_printf(&w->a, "PATH=%s", path_var));
	strv_add(&w->p.args, &w->a, name);
	return proc_lookup(&w->p, w->t.fd, &w->a, path, &w->e);
}

static void finds(struct world *w, const char *path_var, const char *name, const char *want)
{
	const char *path = NULL;
	int r = look(w, path_var, name, &path);

	if (r)
		print_error("%s\n", w->e.text);
	assert_int_equal(r, 0);
	assert_string_equal(path, want);
}

static void fails(struct world *w, const char *path_var, const char *name, int exit,
		  const char *text)
{
	const char *path = NULL;

	assert_true(look(w, path_var, name, &path) < 0);
	assert_string_equal(w->e.text, text);
	assert_int_equal(w->e.exit, exit);
	assert_null(path);
}

static void the_path_of_the_container_counts(void **state)
{
	struct world *w = *state;

	finds(w, "/bin:/usr/bin", "tool", "/bin/tool");
	finds(w, "/usr/bin:/bin", "tool", "/usr/bin/tool");
	finds(w, "/none:/bin/plain:/bin/", "tool", "/bin/tool");
	finds(w, NULL, "tool", "/usr/bin/tool");
	finds(w, "work:.", "here", "./here");
	finds(w, "/none:", "here", "./here");
	finds(w, "", "here", "./here");
	finds(w, "../bin", "tool", "../bin/tool");
}

static void a_name_with_a_slash_is_taken_as_it_is(void **state)
{
	struct world *w = *state;

	finds(w, NULL, "/bin/tool", "/bin/tool");
	finds(w, NULL, "./here", "./here");
	finds(w, NULL, "../bin/tool", "../bin/tool");
	finds(w, NULL, "../../../../bin/tool", "../../../../bin/tool");
}

static void the_words_are_those_that_engines_match(void **state)
{
	struct world *w = *state;

	fails(w, "/bin", "nope", 127, "exec: \"nope\": executable file not found in $PATH");
	fails(w, "/bin", "", 127, "exec: \"\": executable file not found in $PATH");
	fails(w, "/work", "tool", 127, "exec: \"tool\": executable file not found in $PATH");
	fails(w, "/bin", "dir", 127, "exec: \"dir\": executable file not found in $PATH");
	fails(w, "/bin", "plain", 126, "exec: \"plain\": permission denied");
	fails(w, NULL, "/nope", 127, "exec: \"/nope\": stat /nope: no such file or directory");
	fails(w, NULL, "./nope", 127, "exec: \"./nope\": stat ./nope: no such file or directory");
	fails(w, NULL, "/bin/tool/x", 127,
	      "exec: \"/bin/tool/x\": stat /bin/tool/x: not a directory");
	fails(w, NULL, "/bin/plain", 126, "exec: \"/bin/plain\": permission denied");
	fails(w, NULL, "/bin", 126, "exec: \"/bin\": is a directory");
	fails(w, NULL, "/", 126, "exec: \"/\": is a directory");
}

static void no_argument_is_no_program(void **state)
{
	struct world *w = *state;
	const char *path;

	assert_int_equal(proc_lookup(&w->p, w->t.fd, &w->a, &path, &w->e), -ENOENT);
	assert_int_equal(w->e.exit, 127);
}

static void links_stay_inside(void **state)
{
	struct world *w = *state;

	tree_link(&w->t, "bin/abs", "/usr/bin/tool");
	tree_link(&w->t, "bin/out", "../../../../../../usr/bin/tool");
	tree_link(&w->t, "bin/host", w->t.path);
	tree_link(&w->t, "bin/loop", "loop");
	tree_link(&w->t, "sbin", "/bin");
	finds(w, "/bin", "abs", "/bin/abs");
	finds(w, "/bin", "out", "/bin/out");
	finds(w, "/sbin", "tool", "/sbin/tool");
	fails(w, "/bin", "host", 127, "exec: \"host\": executable file not found in $PATH");
	fails(w, NULL, "/bin/loop", 127,
	      "exec: \"/bin/loop\": stat /bin/loop: too many levels of symbolic links");
}

static void only_files_are_programs(void **state)
{
	struct world *w = *state;

	tree_fifo(&w->t, "bin/fifo");
	assert_int_equal(fchmodat(w->t.fd, "bin/fifo", 0755, 0), 0);
	fails(w, NULL, "/bin/fifo", 126, "exec: \"/bin/fifo\": permission denied");
}

static void the_rights_are_those_of_the_user(void **state)
{
	struct world *w = *state;
	gid_t mine = getegid();

	tree_file(&w->t, "bin/owner", "x", 1, 0700);
	tree_file(&w->t, "bin/group", "x", 1, 0710);
	tree_file(&w->t, "bin/notgroup", "x", 1, 0701);
	fails(w, "/bin", "owner", 126, "exec: \"owner\": permission denied");
	fails(w, "/bin", "group", 126, "exec: \"group\": permission denied");
	finds(w, "/bin", "notgroup", "/bin/notgroup");

	w->p.user.groups = &mine;
	w->p.user.ngroups = 1;
	finds(w, "/bin", "group", "/bin/group");
	fails(w, "/bin", "notgroup", 126, "exec: \"notgroup\": permission denied");

	w->p.user.uid = geteuid();
	finds(w, "/bin", "owner", "/bin/owner");

	w->p.user.uid = 4242;
	w->p.caps.effective = w->p.caps.permitted = UINT64_C(1) << CAP_DAC_OVERRIDE;
	finds(w, "/bin", "owner", "/bin/owner");
	fails(w, "/bin", "plain", 126, "exec: \"plain\": permission denied");
}

/* As execvp: a directory that the user may not search is skipped, not an answer. */
static void closed_directories_are_skipped(void **state)
{
	struct world *w = *state;

	tree_file(&w->t, "root/bin/tool", "x", 1, 0755);
	assert_int_equal(fchmodat(w->t.fd, "root", 0700, 0), 0);
	finds(w, "/root/bin:/usr/bin", "tool", "/usr/bin/tool");
	fails(w, "/root/bin", "tool", 126, "exec: \"tool\": permission denied");
	w->p.user.uid = geteuid();
	finds(w, "/root/bin:/usr/bin", "tool", "/root/bin/tool");
	w->p.user.uid = 4242;
	w->p.caps.effective = w->p.caps.permitted = UINT64_C(1) << CAP_DAC_READ_SEARCH;
	finds(w, "/root/bin:/usr/bin", "tool", "/root/bin/tool");
}

/* No mode shows a noexec mount. */
static int noexec(void *arg)
{
	struct world *w = arg;
	const char *path;

	EXPECT(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	EXPECT(chdir(w->t.path) == 0 && mount("tmpfs", "work", "tmpfs", MS_NOEXEC, NULL) == 0);

	/* the one that we have is of the mount namespace before */
	w->t.fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	int fd = open("work/tool", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	EXPECT(fd >= 0 && fchmod(fd, 0755) == 0 && close(fd) == 0);
	EXPECT(look(w, NULL, "/work/tool", &path) == -EACCES);
	EXPECT(!strcmp(w->e.text, "exec: \"/work/tool\": permission denied"));
	EXPECT(look(w, "/work:/bin", "tool", &path) == 0 && !strcmp(path, "/bin/tool"));
	return 0;
}

static void nothing_runs_from_a_noexec_mount(void **state)
{
	int r = child_run(CHILD_USERNS, noexec, *state);

	if (r >= 0)
		assert_int_equal(r, 0);
}

static int outside(const char *path)
{
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = inside_open(fd, path, O_PATH);

	if (r >= 0)
		close(r);
	close(fd);
	return r;
}

static void magic_links_are_refused(_unused_ void **state)
{
	assert_int_equal(outside("/proc/self/exe"), -ELOOP);
	assert_int_equal(outside("/proc/self/fd/0"), -ELOOP);
	assert_int_equal(outside("/proc/self/cwd/x"), -ELOOP);
}

/* ---- the working directory ---- */

struct cwd_case {
	struct world *w;
	const char *cwd;
	int code;
	const char *text; /* the error, or the directory it must end in, below the tree */
};

static int cwd_child(void *arg)
{
	const struct cwd_case *c = arg;
	char want[512], have[512];
	struct err e = { 0 };

	int r = cwd_enter(c->cwd, c->w->t.fd, &e);

	if (c->code) {
		if (r != -c->code || strcmp(e.text, c->text) != 0)
			dprintf(2, "%d %s\n", r, e.text);
		EXPECT(r == -c->code && !strcmp(e.text, c->text));
		return 0;
	}
	EXPECT(r == 0 && cwd_check(c->cwd, &e) == 0);
	snprintf(want, sizeof(want), "%s%s", c->w->t.path, c->text);
	EXPECT(getcwd(have, sizeof(have)) && !strcmp(have, want));
	return 0;
}

#define CHDIR(dir, why) "chdir to cwd (\"" dir "\") set in config.json failed: " why

static void the_cwd_is_entered_inside_the_root(void **state)
{
	struct world *w = *state;
	const struct cwd_case cases[] = {
		{ w, "/", 0, "" },
		{ w, "/work", 0, "/work" },
		{ w, "/link", 0, "/work" },
		{ w, "/up/work", 0, "/work" },
		{ w, "/../../../work", 0, "/work" },
		{ w, "/none", ENOENT, CHDIR("/none", "no such file or directory") },
		{ w, "/bin/tool", ENOTDIR, CHDIR("/bin/tool", "not a directory") },
		{ w, "/dangling", ENOENT, CHDIR("/dangling", "no such file or directory") },
		{ w, "/loop", ELOOP, CHDIR("/loop", "too many levels of symbolic links") },
	};

	tree_link(&w->t, "link", "/work");
	tree_link(&w->t, "up", "../../../../../..");
	tree_link(&w->t, "dangling", "/nowhere");
	tree_link(&w->t, "loop", "loop");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = child_run(CHILD_PLAIN, cwd_child, (void *)&cases[i]);

		if (r)
			print_error("cwd %s\n", cases[i].cwd);
		assert_int_equal(r, 0);
	}
}

static int through_fd(void *arg)
{
	struct err e = { 0 };
	char path[64];
	int fd = open(arg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT(cwd_enter(path, root_fd, &e) == -ELOOP);
	EXPECT(strstr(e.hint, "/proc"));
	return 0;
}

/* CVE-2024-21626 */
static void no_descriptor_is_a_cwd(void **state)
{
	struct world *w = *state;

	assert_int_equal(child_run(CHILD_PLAIN, through_fd, w->t.path), 0);
}

static int unreachable(void *arg)
{
	struct err e = { 0 };

	EXPECT(chdir("/") == 0 && chroot(arg) == 0);
	EXPECT(cwd_check("/x", &e) == -EXDEV);
	EXPECT(!strcmp(e.text, "cwd (\"/x\") is outside of the container's root"));
	return 0;
}

static void a_cwd_outside_of_the_root_is_noticed(void **state)
{
	struct world *w = *state;
	int r = child_run(CHILD_USERNS, unreachable, w->t.path);

	if (r >= 0)
		assert_int_equal(r, 0);
}

/* ---- exec ---- */

/* The whole text is what stands before and behind the path. */
static void exec_fails(struct world *w, const char *file, int exit, const char *before,
		       const char *behind)
{
	char path[512];
	struct strv env = { 0 };

	snprintf(path, sizeof(path), "%s/%s", w->t.path, file);
	w->p.args = (struct strv){ 0 };
	strv_add(&w->p.args, &w->a, path);
	assert_true(proc_exec(&w->p, path, &env, &w->e) < 0);
	assert_string_equal(w->e.text, arena_printf(&w->a, "%s%s%s", before, path, behind));
	assert_int_equal(w->e.exit, exit);
}

static void exec_says_what_the_kernel_says(void **state)
{
	struct world *w = *state;

	tree_file(&w->t, "bin/script", "#!/no/such/interpreter\n", 23, 0755);
	tree_file(&w->t, "bin/text", "hello, world: no program\n", 25, 0755);
	exec_fails(w, "bin/none", 127, "exec ", ": no such file or directory");
	exec_fails(w, "bin/script", 127, "exec ", ": no such file or directory");
	assert_non_null(strstr(w->e.hint, "interpreter"));
	exec_fails(w, "bin/tool/x", 127, "exec ", ": not a directory");
	exec_fails(w, "bin/text", 126, "exec: \"", "\": exec format error");
	exec_fails(w, "bin/plain", 126, "exec: \"", "\": permission denied");
	exec_fails(w, "bin/dir", 126, "exec: \"", "\": permission denied");
}

static void a_busy_program_is_named(void **state)
{
	struct world *w = *state;
	int fd = openat(w->t.fd, "bin/tool", O_WRONLY | O_CLOEXEC);

	exec_fails(w, "bin/tool", 126, "exec: \"", "\": text file busy");
	close(fd);
}

static int run_sh(void *arg)
{
	static char sh[] = "sh", c[] = "-c", cmd[] = "test \"$0 $1 $A\" = 'x y z' && exit 7";
	static char x[] = "x", y[] = "y", env_a[] = "A=z";
	char *args[] = { sh, c, cmd, x, y, NULL }, *envp[] = { env_a, NULL };
	struct process_spec p;
	struct strv env = { envp, 1 };
	struct err e = { 0 };

	(void)arg;
	process_init(&p);
	p.args = (struct strv){ args, 5 };
	proc_exec(&p, "/bin/sh", &env, &e);
	return 1;
}

static void exec_runs_with_args_and_environment(_unused_ void **state)
{
	assert_int_equal(child_run(CHILD_PLAIN, run_sh, NULL), 7);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
TEST_GROUP(proc_lookup, T(the_path_of_the_container_counts),
	   T(a_name_with_a_slash_is_taken_as_it_is), T(the_words_are_those_that_engines_match),
	   T(no_argument_is_no_program), T(links_stay_inside), T(only_files_are_programs),
	   T(nothing_runs_from_a_noexec_mount), T(the_rights_are_those_of_the_user),
	   T(closed_directories_are_skipped), cmocka_unit_test(magic_links_are_refused),
	   T(the_cwd_is_entered_inside_the_root), T(no_descriptor_is_a_cwd),
	   T(a_cwd_outside_of_the_root_is_noticed), T(exec_says_what_the_kernel_says),
	   T(a_busy_program_is_named), cmocka_unit_test(exec_runs_with_args_and_environment));
