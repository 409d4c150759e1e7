/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "tests/unit/tree.h"

/* root/ is the container's root, beside/ what nobody inside may reach */
struct fix {
	struct tree all;
	int root_fd, beside_fd;
};

static int setup(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	/* what is broken here writes outside of the tree: not with root's rights */
	if (geteuid() == 0) {
		assert_int_equal(setegid(65534), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	tree_make(&f->all);
	tree_dir(&f->all, "root", 0755);
	tree_dir(&f->all, "beside", 0755);
	tree_file(&f->all, "beside/file", "secret", 6, 0644);
	tree_dir(&f->all, "root/etc", 0755);
	tree_file(&f->all, "root/etc/file", "inside", 6, 0640);
	f->root_fd = openat(f->all.fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	f->beside_fd = openat(f->all.fd, "beside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->root_fd >= 0 && f->beside_fd >= 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	close(f->root_fd);
	close(f->beside_fd);
	tree_remove(&f->all);
	free(f);
	if (getuid() == 0) {
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(setegid(0), 0);
	}
	return 0;
}

static bool is_same(int fd, int dir_fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dir_fd, path, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Nothing was made beside the root but what the fixture put there. */
static void assert_beside_untouched(const struct fix *f)
{
	char names[PATH_MAX];
	int n = 0;

	snprintf(names, sizeof(names), "%s/beside", f->all.path);

	struct stat st;

	assert_int_equal(stat(names, &st), 0);
	/* no new sub-directory (link count) and none of the names that the tests ask for */
	assert_int_equal(st.st_nlink, 2);
	for (const char *const *p = (const char *const[]){ "new", "x", "sub", "console", NULL }; *p;
	     p++)
		n += faccessat(f->beside_fd, *p, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	assert_int_equal(n, 0);
}

static void link_out(const struct fix *f, const char *name, bool absolute)
{
	char target[PATH_MAX];

	if (absolute)
		snprintf(target, sizeof(target), "%s/beside", f->all.path);
	else
		snprintf(target, sizeof(target), "../../../beside");
	assert_int_equal(symlinkat(target, f->root_fd, name), 0);
}

static void symlinks_stay_inside(void **state)
{
	struct fix *f = *state;

	assert_int_equal(symlinkat("/etc", f->root_fd, "abs"), 0);
	assert_int_equal(symlinkat("../../../etc", f->root_fd, "up"), 0);
	for (const char *const *p = (const char *const[]){ "/abs/file", "up/file", "../etc/file",
							   "etc/../../etc/file", NULL };
	     *p; p++) {
		own_fd fd = inroot_open(f->root_fd, *p, O_PATH);

		assert_true(fd >= 0);
		assert_true(is_same(fd, f->root_fd, "etc/file"));
	}
	link_out(f, "out", true);
	link_out(f, "out2", false);
	assert_int_equal(inroot_open(f->root_fd, "out/file", O_PATH), -ENOENT);
	assert_int_equal(inroot_open(f->root_fd, "out2/file", O_PATH), -ENOENT);
}

static void every_descriptor_is_close_on_exec(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	own_fd a_fd = inroot_open(f->root_fd, "etc", O_PATH);
	own_fd b_fd = inroot_make_dir(f->root_fd, "/new/dir", 0755, &e);
	own_fd c_fd = inroot_make_file(f->root_fd, "/new/file", &e);

	assert_int_equal(fcntl(a_fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(b_fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(c_fd, F_GETFD), FD_CLOEXEC);
}

static void magic_links_are_refused(_unused_ void **state)
{
	own_fd root_fd = open("/", O_PATH | O_CLOEXEC);

	assert_int_equal(inroot_open(root_fd, "/proc/self/root", O_PATH), -ELOOP);
	assert_int_equal(inroot_open(root_fd, "/proc/self/fd/0", O_PATH), -ELOOP);
	assert_int_equal(inroot_open(root_fd, "/proc/self/cwd/x", O_PATH), -ELOOP);
}

static void plain_means_no_symlink_at_all(void **state)
{
	struct fix *f = *state;

	assert_int_equal(symlinkat("etc", f->root_fd, "l"), 0);
	assert_int_equal(inroot_open_plain(f->root_fd, "/l", O_PATH), -ELOOP);
	assert_int_equal(inroot_open_plain(f->root_fd, "/l/file", O_PATH), -ELOOP);

	own_fd fd = inroot_open_plain(f->root_fd, "/etc/file", O_PATH);

	assert_true(fd >= 0);
}

static void missing_directories_are_made(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	mode_t old = umask(0);
	own_fd fd = inroot_make_dir(f->root_fd, "/a/b//./c/", 0700, &e);
	struct stat st;

	umask(old);
	assert_true(fd >= 0);
	assert_true(is_same(fd, f->root_fd, "a/b/c"));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(fstatat(f->root_fd, "a/b", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
}

static void what_is_there_is_taken_as_it_is(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	own_fd dir_fd = inroot_make_dir(f->root_fd, "/etc", 0700, &e);
	own_fd file_fd = inroot_make_file(f->root_fd, "/etc/file", &e);
	struct stat st;

	assert_true(is_same(dir_fd, f->root_fd, "etc"));
	assert_int_equal(fstat(dir_fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_true(is_same(file_fd, f->root_fd, "etc/file"));
	assert_int_equal(fstat(file_fd, &st), 0);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void nothing_is_made_through_a_link_that_leads_out(void **state)
{
	struct fix *f = *state;
	char inside[PATH_MAX];
	struct err e = { 0 };

	link_out(f, "out", true);
	link_out(f, "up", false);

	own_fd a_fd = inroot_make_dir(f->root_fd, "/out/new/sub", 0755, &e);
	own_fd b_fd = inroot_make_file(f->root_fd, "/up/x", &e);
	own_fd c_fd = inroot_make_file(f->root_fd, "/out/file", &e);

	/* the same text, read from the container's root */
	assert_true(a_fd >= 0 && b_fd >= 0 && c_fd >= 0);
	snprintf(inside, sizeof(inside), "%s/beside/new/sub", f->all.path + 1);
	assert_true(is_same(a_fd, f->root_fd, inside));
	assert_true(is_same(b_fd, f->root_fd, "beside/x"));
	assert_beside_untouched(f);
	assert_false(is_same(c_fd, f->beside_fd, "file"));
}

static void dangling_links_are_followed_inside(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };

	tree_dir(&f->all, "root/var", 0755);
	assert_int_equal(symlinkat("/run", f->root_fd, "var/run"), 0);
	assert_int_equal(symlinkat("../missing/link", f->root_fd, "var/rel"), 0);
	assert_int_equal(symlinkat("next", f->root_fd, "missing2"), 0);
	assert_int_equal(symlinkat("/far/away", f->root_fd, "next"), 0);

	own_fd a_fd = inroot_make_dir(f->root_fd, "/var/run/lock", 0755, &e);
	own_fd b_fd = inroot_make_dir(f->root_fd, "/var/rel/x", 0755, &e);
	own_fd c_fd = inroot_make_file(f->root_fd, "/missing2", &e);

	assert_true(is_same(a_fd, f->root_fd, "run/lock"));
	assert_true(is_same(b_fd, f->root_fd, "missing/link/x"));
	assert_true(is_same(c_fd, f->root_fd, "far/away"));
}

static void loops_end(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };

	assert_int_equal(symlinkat("two", f->root_fd, "one"), 0);
	assert_int_equal(symlinkat("one", f->root_fd, "two"), 0);
	assert_int_equal(symlinkat("grow/x", f->root_fd, "grow"), 0);
	assert_int_equal(inroot_make_dir(f->root_fd, "/one/x", 0755, &e), -ELOOP);
	assert_int_equal(inroot_make_file(f->root_fd, "/one", &e), -ELOOP);
	assert_int_equal(inroot_make_dir(f->root_fd, "/grow", 0755, &e), -ELOOP);
	assert_non_null(strstr(e.text, "'/grow'"));
}

static void wrong_kinds_and_lengths_are_errors(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	char name[NAME_MAX + 3] = "/", *path = malloc(2 * PATH_MAX);

	assert_non_null(path);
	memset(name + 1, 'n', NAME_MAX + 1);
	memset(path, 0, 2 * PATH_MAX);
	for (int i = 0; i < PATH_MAX; i++)
		memcpy(path + 2 * i, "/a", i < PATH_MAX - 1 ? 2 : 1);
	assert_int_equal(inroot_make_dir(f->root_fd, "/etc/file", 0755, &e), -ENOTDIR);
	assert_int_equal(inroot_make_dir(f->root_fd, "/etc/file/x", 0755, &e), -ENOTDIR);
	assert_int_equal(inroot_make_file(f->root_fd, "/etc/file/x", &e), -ENOTDIR);
	assert_int_equal(inroot_make_file(f->root_fd, "/", &e), -EISDIR);
	assert_int_equal(inroot_make_dir(f->root_fd, name, 0755, &e), -ENAMETOOLONG);
	assert_int_equal(inroot_make_dir(f->root_fd, path, 0755, &e), -ENAMETOOLONG);
	assert_int_equal(faccessat(f->root_fd, "a", F_OK, 0), -1);
	free(path);
}

/* A name that becomes a symlink after it was found missing is not followed by what makes it. */
static void a_file_is_made_on_the_name_itself(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	own_fd fd = -1;

	tree_dir(&f->all, "root/dev", 0755);
	link_out(f, "dev/console", true);
	/* followed inside the root, as the container would: never to beside/ */
	fd = inroot_make_file(f->root_fd, "/dev/console", &e);
	assert_true(fd >= 0);
	assert_beside_untouched(f);
}

/* "d" is a directory, "l" a symlink that leads out; they change places all the time. */
static _Noreturn void flip(int root_fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		renameat2(root_fd, "d", root_fd, "l", RENAME_EXCHANGE);
}

static void a_racing_rename_never_leads_out(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	int made = 0;

	tree_dir(&f->all, "root/d", 0755);
	link_out(f, "l", true);

	pid_t pid = fork();

	if (pid == 0)
		flip(f->root_fd);
	for (int i = 0; i < 3000; i++) {
		int fd = i & 1 ? inroot_make_file(f->root_fd, "/d/x", &e)
			       : inroot_make_dir(f->root_fd, "/d/sub/new", 0755, &e);

		if (fd < 0)
			continue;
		made++;
		close(fd);
		unlinkat(f->root_fd, "d/x", 0);
		unlinkat(f->root_fd, "d/sub/new", AT_REMOVEDIR);
		unlinkat(f->root_fd, "d/sub", AT_REMOVEDIR);
		assert_int_equal(faccessat(f->beside_fd, "x", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(made > 0);
	assert_beside_untouched(f);
}

/* "s" is missing or a symlink that leads out, in turns. */
static _Noreturn void blink(const struct fix *f)
{
	char target[PATH_MAX];

	snprintf(target, sizeof(target), "%s/beside", f->all.path);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		(void)!symlinkat(target, f->root_fd, "s");
		unlinkat(f->root_fd, "s", 0);
	}
}

/* What turns into a symlink after it was found missing is not entered. */
static void a_link_that_appears_meanwhile_is_not_followed(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	pid_t pid = fork();

	if (pid == 0)
		blink(f);
	for (int i = 0; i < 20000; i++) {
		int fd = inroot_make_dir(f->root_fd, "/s/new", 0755, &e);

		fd_drop(&fd);
		(void)!unlinkat(f->root_fd, "s/new", AT_REMOVEDIR);
		(void)!unlinkat(f->root_fd, "s", AT_REMOVEDIR);
		if (faccessat(f->beside_fd, "new", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			break;
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_beside_untouched(f);
}

static void parents_are_made_and_named(void **state)
{
	struct fix *f = *state;
	struct err e = { 0 };
	const char *name = NULL;
	own_fd a_fd = inroot_make_parent(f->root_fd, "/etc/new", &name, &e);

	assert_true(is_same(a_fd, f->root_fd, "etc"));
	assert_string_equal(name, "new");

	own_fd b_fd = inroot_make_parent(f->root_fd, "/x/y/z", &name, &e);

	assert_true(is_same(b_fd, f->root_fd, "x/y"));
	assert_string_equal(name, "z");

	own_fd c_fd = inroot_make_parent(f->root_fd, "/top", &name, &e);

	assert_true(is_same(c_fd, f->all.fd, "root"));
	assert_string_equal(name, "top");
}

static void beneath_means_beneath(void **state)
{
	struct fix *f = *state;

	assert_int_equal(symlinkat("etc", f->root_fd, "l"), 0);
	assert_int_equal(inroot_open_beneath(f->root_fd, "../beside/file", O_PATH), -EXDEV);
	assert_int_equal(inroot_open_beneath(f->root_fd, "/etc/file", O_PATH), -EXDEV);
	assert_int_equal(inroot_open_beneath(f->root_fd, "l/file", O_PATH), -ELOOP);
	assert_int_equal(inroot_open_beneath(f->root_fd, "none", O_PATH), -ENOENT);
}

static void self_is_the_one_link_of_procfs(_unused_ void **state)
{
	own_fd proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	own_fd fd = inroot_open_beneath(proc_fd, "self/status", O_RDONLY);
	own_fd thread_fd = inroot_open_beneath(proc_fd, "thread-self/status", O_RDONLY);

	assert_true(fd >= 0 && thread_fd >= 0);
	assert_int_equal(inroot_open_beneath(proc_fd, "self/root", O_PATH), -ELOOP);
	assert_int_equal(inroot_open_beneath(proc_fd, "self/fd/0", O_PATH), -ELOOP);
	assert_int_equal(inroot_open_beneath(proc_fd, "self/../../etc", O_PATH), -EXDEV);
	assert_int_equal(inroot_open_beneath(proc_fd, "selfish", O_PATH), -ENOENT);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

TEST_GROUP(inroot, T(symlinks_stay_inside), T(every_descriptor_is_close_on_exec),
	   cmocka_unit_test(magic_links_are_refused), T(plain_means_no_symlink_at_all),
	   T(missing_directories_are_made), T(what_is_there_is_taken_as_it_is),
	   T(nothing_is_made_through_a_link_that_leads_out), T(dangling_links_are_followed_inside),
	   T(loops_end), T(wrong_kinds_and_lengths_are_errors),
	   T(a_file_is_made_on_the_name_itself), T(a_racing_rename_never_leads_out),
	   T(a_link_that_appears_meanwhile_is_not_followed), T(parents_are_made_and_named),
	   T(beneath_means_beneath), cmocka_unit_test(self_is_the_one_link_of_procfs));
