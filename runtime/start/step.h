/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation: starting a container is one table of steps.
 *
 * Two processes walk the same table: the host side and, once it exists, the
 * container's init. Each runs its own rows. Wherever ownership changes hands the
 * engine passes a token, so the order on the page is the order in time and there
 * is no other synchronisation. A failure travels in the token as a struct err.
 * The host then kills init and runs the undo column upwards from the last row
 * that it completed; what init did dies with its namespaces.
 *
 * BESIDE rows are host rows that run while init already walks on. A table that has them has
 * an init row with .after_beside, which waits for them.
 *
 * Rows whose .wanted says no are left out before the walk, so that nobody passes a token for
 * nothing. The last row is init's exec: its success is end-of-file on the close-on-exec link.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runtime/base/attr.h"

struct err;
struct start;

enum who { HOST, BESIDE, INIT };

struct step {
	const char *name;
	enum who who;
	bool after_beside;
	bool leaves; /* HOST: the last thing before the host goes; init does not wait for it */
	bool (*wanted)(const struct start *s); /* NULL: always */
	int (*run)(struct start *s, struct err *e);
	void (*undo)(struct start *s); /* HOST and BESIDE; NULL where nothing stays behind */
};

enum { STEPS_MAX = 48 };

struct engine {
	const struct step *row[STEPS_MAX]; /* the rows that are wanted */
	size_t n;
	int link_fd;   /* the token socket: this side's end */
	int peer_fd;   /* init's end, until the clone */
	int passed_fd; /* a descriptor to send with the next token, or that came with the last one
			*/
	long passed_number; /* travels the same way */
	pid_t init;         /* 0 until it is spawned */
	int init_fd;        /* its pidfd */
	int signal_fd; /* a signalfd: what comes there ends the wait for init; borrowed, -1: none */
	bool init_failed; /* the error came from init */
	size_t fail_at;   /* tests: fail this row instead of running it */
};

#define STEP_NONE ((size_t)-1)
#define ENGINE_INIT                                                                                \
	{                                                                                          \
		.link_fd = -1, .peer_fd = -1, .passed_fd = -1, .init_fd = -1, .signal_fd = -1,     \
		.fail_at = STEP_NONE                                                               \
	}

/* Take over the wanted rows of a table. */
void engine_select(struct engine *g, const struct step *table, size_t n, const struct start *s);

/* Make the token socket; the spawn row calls it before it clones. */
_must_check_ int engine_link(struct engine *g, struct err *e);

/*
 * Host side: walk from the first row to the row named last (or to the end, NULL). On failure init
 * is killed and reaped and everything is undone before this returns.
 */
_must_check_ int engine_run(struct engine *g, struct start *s, const char *last, struct err *e);

/* Host side of a walk that another process began (`start`): wait for the end of its table. */
_must_check_ int engine_join(struct engine *g, struct err *e);

/* In the new init: take its end of the link, walk the rows after spawn, never return. */
_Noreturn void engine_init(struct engine *g, struct start *s, const char *spawn);

/* Kill init and reap it, close the link. Also what a row's undo may call. */
void engine_reap(struct engine *g);

/* Everything the engine holds is closed; init, if any, lives on. */
void engine_close(struct engine *g);
