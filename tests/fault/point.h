/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One point of a sweep: set up, run the victim with a fault in it, judge what it said, clean up,
 * compare the host with what it was.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "tests/fault/leak.h"
#include "tests/fault/trace.h"

#define SWEEP_COMMANDS 8

struct sweep {
	const char *name; /* of the victim's verb, in reports and in the list of tolerated calls */
	char **setup[SWEEP_COMMANDS]; /* each must exit 0 */
	char **victim;
	char **after;   /* run when the victim succeeded with a failing call: starts what it created
			 */
	char **cleanup; /* must exit 0, twice */
	char **check[SWEEP_COMMANDS]; /* must exit 0 after the clean-up, at some points */
	size_t nsetup, ncheck;
	const char *attach; /* pid file of a process to trace along */
	bool clean_fail;    /* a victim that fails must itself leave nothing */
	unsigned check_every, limit_ms;
	const char *tolerated; /* text of the list; NULL: nothing is */
	struct leak_watch watch;

	struct tracer tracer;
	struct snapshot baseline;
	int good_status; /* what the undisturbed victim ended with, and what it wrote */
	char *good_output;
	FILE *details;
	unsigned points, bad, missed, tolerated_n;
};

/* Run the victim undisturbed; tracer.procs holds the calls afterwards. 0, or -1 with a report. */
int sweep_baseline(struct sweep *s);

/* Try one fault. What is wrong goes to the details; the counters tell how many. */
void sweep_point(struct sweep *s, const struct fault *f);

/* The name of a system call, in a buffer of the caller. */
const char *call_name(int nr, char *name, size_t size);
