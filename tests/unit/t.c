/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define X(name)                                                                                    \
	extern const struct CMUnitTest name##_tests[];                                             \
	extern const size_t name##_tests_n;
#include "test.def"
#undef X

static int open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* 1 when the group left a descriptor or a child behind */
static int leaked(const char *name, int before)
{
	int after = open_fds(), bad = 0;

	if (after != before) {
		fprintf(stderr, "not ok - %s leaks descriptors: %d, then %d\n", name, before,
			after);
		bad = 1;
	}
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
		fprintf(stderr, "not ok - %s leaves a child\n", name);
		bad = 1;
	}
	return bad;
}

static int run_group(const char *name, const struct CMUnitTest *tests, size_t n)
{
	int before = open_fds();
	int failed = _cmocka_run_group_tests(name, tests, n, NULL, NULL);

	return failed + leaked(name, before);
}

/* run [GROUP...]: all groups, or those named */
static int wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return 1;
	return argc < 2;
}

int main(int argc, char **argv)
{
	int failed = 0;

#define X(name)                                                                                    \
	if (wanted(#name, argc, argv))                                                             \
		failed += run_group(#name, name##_tests, name##_tests_n);
#include "test.def"
#undef X
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
