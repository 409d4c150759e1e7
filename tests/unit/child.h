/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run a piece of a test in a process of its own, because it cannot be undone: a change of user,
 * a filter, an exec. With a user namespace it needs no root; where the kernel refuses one, the
 * test is skipped with the reason printed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum child_kind {
	CHILD_PLAIN,
	CHILD_USERNS, /* uid 0 with every capability; one id only where the tests are not root */
	CHILD_USERNS_IDS, /* the same with ids 0 to 65535; skipped where the tests are not root */
};

/*
 * fn's result is the exit status; a signal is 128 + n. A child that hangs is killed after ten
 * seconds. -1: skipped.
 */
int child_run(enum child_kind kind, int (*fn)(void *arg), void *arg);

/* The hexadecimal or decimal number behind "NAME:" in /proc/self/status; UINT64_MAX: none. */
uint64_t child_status(const char *name, int base);

/* In a child: a failed expectation is printed and ends it with 1. */
#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			dprintf(2, "%s:%d: expected %s\n", __FILE__, __LINE__, #cond);             \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)
