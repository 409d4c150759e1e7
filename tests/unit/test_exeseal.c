/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "runtime/proc/exeseal.h"

/* A child has no cmocka: each check that fails ends it with the line's number on stderr. */
#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			dprintf(2, "child: line %d: %s (errno %d)\n", __LINE__, #cond, errno);     \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static const char before[] = "constant data";
static const char *const relro = before; /* a relocation: lives in the RELRO pages */
static int data = 4711;
static char bss[100000];

static void in_child(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Root needs no user namespace, and others get their capabilities from it. */
static void own_namespaces(void)
{
	char map[32];
	uid_t uid = geteuid();

	if (uid == 0) {
		CHECK(unshare(CLONE_NEWNS) == 0);
		return;
	}
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
	snprintf(map, sizeof(map), "0 %u 1", uid);
	CHECK(fd_write_file_at(AT_FDCWD, "/proc/self/uid_map", map) == 0);
}

static int maps_with(const char *name)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[4400];
	int n = 0;

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, name))
			n++;
	fclose(f);
	return n;
}

static void exe_name(char *name, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", name, size - 1);

	CHECK(n > 0);
	name[n] = 0;
}

static void check_not_writable(void)
{
	struct mount_attr rw = { .attr_clr = MOUNT_ATTR_RDONLY };
	own_fd ro_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	own_fd path_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	struct statvfs st;
	char again[64];

	CHECK(ro_fd >= 0 && path_fd >= 0);
	CHECK(fstatvfs(path_fd, &st) == 0 && st.f_flag & ST_RDONLY);
	/* the test program itself still runs: ETXTBSY comes before EROFS here; see overwrite */
	CHECK(open("/proc/self/exe", O_WRONLY | O_CLOEXEC) < 0);
	snprintf(again, sizeof(again), "/proc/self/fd/%d", ro_fd);
	CHECK(open(again, O_WRONLY | O_CLOEXEC) < 0);
	CHECK(truncate("/proc/self/exe", 0) < 0 && (errno == EROFS || errno == EACCES));
	CHECK(chmod("/proc/self/exe", 0777) < 0 && errno == EROFS);
	/* the mount is in nobody's namespace: no flag can be cleared, no clone be made */
	CHECK(sys_mount_setattr(path_fd, "", AT_EMPTY_PATH, &rw) < 0 && errno == EINVAL);
	CHECK(sys_open_tree(path_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE) < 0 && errno == EINVAL);
}

/* Data, RELRO, bss, heap, stdio and calls still work, and RELRO is still read-only. */
static void check_alive(void)
{
	char *p = malloc(3 << 20), *small = malloc(100), text[32];
	uintptr_t at = (uintptr_t)&relro;
	FILE *f = fopen("/proc/self/maps", "re");
	char line[4400];
	int relro_prot = 0;

	CHECK(p && small && f);
	memset(p, 1, 3 << 20);
	CHECK(data == 4711 && bss[0] == 'a' && bss[sizeof(bss) - 1] == 'z');
	data++;
	bss[5000] = 'q';
	CHECK(!strcmp(relro, "constant data"));
	snprintf(text, sizeof(text), "%d", data);
	CHECK(!strcmp(text, "4712"));
	while (fgets(line, sizeof(line), f)) {
		unsigned long lo, hi;
		char prot[5];

		CHECK(sscanf(line, "%lx-%lx %4s", &lo, &hi, prot) == 3);
		if (at >= lo && at < hi)
			relro_prot = !strcmp(prot, "r--p") ? 1 : -1;
	}
	CHECK(relro_prot == 1);
	fclose(f);
	free(small);
	free(p);
}

static void seal_and_check(int exe_fd)
{
	char name[4096];
	struct err e = { 0 };
	char *end = sbrk(0);

	exe_name(name, sizeof(name));
	bss[0] = 'a';
	bss[sizeof(bss) - 1] = 'z';
	data = 4711;
	CHECK(!strcmp(name, "/") || maps_with(name) >= 3);

	int r = exe_seal(exe_fd, &e);

	if (r < 0)
		dprintf(2, "child: %s\n", e.text);
	CHECK(r == 0);
	CHECK(!strcmp(name, "/") || maps_with(name) == 0);
	CHECK((char *)sbrk(0) == end);
	CHECK(sbrk(65536) != (void *)-1);
	check_alive();
	check_not_writable();
}

static void child_seal(void)
{
	struct err e = { 0 };
	struct statvfs st;
	int exe_fd = exe_open(&e);

	if (exe_fd < 0)
		dprintf(2, "child: %s\n", e.text);
	CHECK(exe_fd >= 0);
	CHECK(!(fcntl(exe_fd, F_GETFL) & O_ACCMODE) && fcntl(exe_fd, F_GETFD) == FD_CLOEXEC);
	CHECK(fstatvfs(exe_fd, &st) == 0 && st.f_flag & ST_RDONLY);
	own_namespaces();
	seal_and_check(exe_fd);
}

/* In the young namespace the mount of the exe is foreign: exe_open has to find it by name. */
static void child_open_inside(void)
{
	struct err e = { 0 };

	own_namespaces();

	int exe_fd = exe_open(&e);

	if (exe_fd < 0)
		dprintf(2, "child: %s\n", e.text);
	CHECK(exe_fd >= 0);
	seal_and_check(exe_fd);
}

/*
 * PR_SET_MM_MAP fails with EBUSY while the old file is mapped: a second seal, by another mount,
 * proves that nothing of the first is. One descriptor serves many children.
 */
static void child_twice(void)
{
	struct err e = { 0 };

	own_namespaces();

	int exe_fd = exe_open(&e), other_fd = exe_open(&e);

	CHECK(exe_fd >= 0 && other_fd >= 0);
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			seal_and_check(exe_fd);
			_exit(0);
		}
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
	seal_and_check(exe_fd);
	CHECK(exe_seal(exe_fd, &e) == -EBUSY);
	CHECK(exe_seal(other_fd, &e) == 0);
	check_not_writable();
}

/* The environment and arguments of the host are gone from /proc. */
static void child_proc_text(void)
{
	char text[256];
	struct err e = { 0 };

	own_namespaces();

	int exe_fd = exe_open(&e);

	CHECK(exe_fd >= 0 && exe_seal(exe_fd, &e) == 0);
	CHECK(fd_read_file_at(AT_FDCWD, "/proc/self/environ", text, sizeof(text)) == 0);
	CHECK(fd_read_file_at(AT_FDCWD, "/proc/self/cmdline", text, sizeof(text)) > 0);
	CHECK(!strcmp(text, program_invocation_name));
}

/* What the attack does: the payload's program is #!/proc/self/exe or a link to it. */
static void child_exec(void)
{
	struct err e = { 0 };

	own_namespaces();

	int exe_fd = exe_open(&e);

	CHECK(exe_fd >= 0 && exe_seal(exe_fd, &e) == 0);
	setenv("_TEST_EXESEAL", "1", 1);
	execl("/proc/self/exe", "run", "exeseal_second", NULL);
	CHECK(0);
}

/* A descriptor that exe_open did not make is an error, not a process without a program. */
static void child_wrong_file(void)
{
	struct err e = { 0 };
	own_fd ro_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	/* of the original, writable mount: the kernel sees that it is still mapped */
	CHECK(ro_fd >= 0);
	own_namespaces();
	CHECK(exe_seal(ro_fd, &e) == -EBUSY && strstr(e.text, "PR_SET_MM_MAP"));
}

/* Without the capability: described, and not in the words that engines take for exit 126. */
static void child_no_privilege(void)
{
	uint32_t none[2] = { 0, 0 };
	struct err e = { 0 };

	CHECK(sys_capset(none, none, none) == 0);
	CHECK(exe_open(&e) == -EPERM);
	CHECK(strstr(e.text, "open_tree") && !strstr(e.text, "not permitted"));
}

/* The second life: execveat of the read-only mount, told by the environment. */
static void child_reexec(void)
{
	char *argv[] = { (char *)"run", (char *)"exeseal_second", NULL };
	struct err e = { 0 };

	own_namespaces();
	setenv("_TEST_EXESEAL", "2", 1);
	CHECK(exe_can_seal());
	CHECK(exe_reexec(argv, &e) == EXE_SEALED); /* does not return at all */
	CHECK(0);
}

/* A loop guard that is set while the exe is on a writable mount is an error. */
static void child_loop(void)
{
	char *argv[] = { (char *)"run", NULL };
	struct err e = { 0 };
	struct statvfs st;

	CHECK(statvfs("/proc/self/exe", &st) == 0);
	setenv("_BERTH_REEXEC", "1", 1);
	CHECK(exe_reexec(argv, &e) == (st.f_flag & ST_RDONLY ? EXE_SEALED : -ELOOP));
	CHECK(!getenv("_BERTH_REEXEC"));
}

/*
 * The whole attack, on a copy of this program so that nobody else runs it: seal, keep a descriptor
 * of /proc/self/exe, execute something else, and open that descriptor for writing.
 */
static void child_overwrite(void)
{
	char copy[] = "/tmp/exeseal-XXXXXX", chunk[65536], orig[4096];
	own_fd to_fd = mkostemp(copy, O_CLOEXEC), from_fd = open("/proc/self/exe", O_RDONLY);
	int status;

	CHECK(to_fd >= 0 && from_fd >= 0 && fchmod(to_fd, 0755) == 0);
	for (;;) {
		ssize_t n = read(from_fd, chunk, sizeof(chunk));

		if (n <= 0)
			break;
		CHECK(fd_write_all(to_fd, chunk, (size_t)n) == 0);
	}
	fd_drop(&to_fd);

	pid_t pid = fork();

	if (pid == 0) {
		own_namespaces();
		exe_name(orig, sizeof(orig));
		setenv("_TEST_EXESEAL_ORIG", orig, 1);
		setenv("_TEST_EXESEAL", "3", 1);
		execl(copy, "run", NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	unlink(copy);
	CHECK(status == 0);
}

static void overwrite_first(void)
{
	struct err e = { 0 };
	char number[16];
	int exe_fd = exe_open(&e);

	CHECK(exe_fd >= 0 && exe_seal(exe_fd, &e) == 0);

	int keep_fd = open("/proc/self/exe", O_RDONLY);

	CHECK(keep_fd >= 0);
	snprintf(number, sizeof(number), "%d", keep_fd);
	setenv("_TEST_EXESEAL", number, 1);
	setenv("_TEST_EXESEAL_FD", number, 1);
	execl(getenv("_TEST_EXESEAL_ORIG"), "run", NULL);
	CHECK(0);
}

static void overwrite_second(const char *number)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%s", number);
	CHECK(access(path, R_OK) == 0);
	CHECK(open(path, O_WRONLY | O_CLOEXEC) < 0 && errno == EROFS);
	_exit(0);
}

/* Runs in the programs that child_exec and child_reexec execute, before main. */
__attribute__((__constructor__)) static void second(void)
{
	const char *mode = getenv("_TEST_EXESEAL");
	const char *number = getenv("_TEST_EXESEAL_FD");
	char *argv[] = { (char *)"run", NULL };
	struct err e = { 0 };

	if (!mode)
		return;
	if (number)
		overwrite_second(number);
	if (!strcmp(mode, "3"))
		overwrite_first();
	if (!strcmp(mode, "2"))
		CHECK(exe_reexec(argv, &e) == EXE_SEALED && !getenv("_BERTH_REEXEC"));
	bss[0] = 'a';
	bss[sizeof(bss) - 1] = 'z';
	check_alive();
	check_not_writable();
	_exit(0);
}

#define CASE(name)                                                                                 \
	static void name(void **s)                                                                 \
	{                                                                                          \
		(void)s;                                                                           \
		in_child(child_##name);                                                            \
	}
CASE(open_inside)
CASE(twice)
CASE(proc_text)
CASE(exec)
CASE(wrong_file)
CASE(no_privilege)
CASE(reexec)
CASE(loop)
CASE(overwrite)

static void seal(void **s)
{
	(void)s;
	if (geteuid())
		skip();
	in_child(child_seal);
}

TEST_GROUP(exeseal, cmocka_unit_test(seal), cmocka_unit_test(open_inside), cmocka_unit_test(twice),
	   cmocka_unit_test(proc_text), cmocka_unit_test(exec), cmocka_unit_test(wrong_file),
	   cmocka_unit_test(no_privilege), cmocka_unit_test(reexec), cmocka_unit_test(loop),
	   cmocka_unit_test(overwrite));
