/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/start/step.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/base/sys.h"

/* The error is cut off when there is none: most tokens are 16 bytes. */
struct token {
	size_t step;
	long number;
	struct err err;
};

void engine_select(struct engine *g, const struct step *table, size_t n, const struct start *s)
{
	g->n = 0;
	for (size_t i = 0; i < n; i++) {
		if (table[i].wanted && !table[i].wanted(s))
			continue;
		assert(g->n < STEPS_MAX);
		g->row[g->n++] = &table[i];
	}
}

int engine_link(struct engine *g, struct err *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "socketpair");
	g->link_fd = pair[0];
	g->peer_fd = pair[1];
	return 0;
}

static int token_send(struct engine *g, size_t step, const struct err *why)
{
	struct token t = { .step = step, .number = g->passed_number };
	size_t len = offsetof(struct token, err);

	if (why) {
		t.err = *why;
		len = sizeof(t);
	}

	int r = fd_send(g->link_fd, &t, len, &g->passed_fd, g->passed_fd >= 0 ? 1 : 0);

	fd_drop(&g->passed_fd);
	return r;
}

/*
 * The tokens of the last row have a number that fits any table: `start` takes over a walk
 * without knowing how many rows it has.
 */
#define STEP_LAST (STEP_NONE - 1)

static const char *row_name(const struct engine *g, size_t step)
{
	return step < STEPS_MAX && step < g->n ? g->row[step]->name : "exec";
}

/* A signal that is meant for us ends the start, and everything is undone. */
static int interrupted(struct engine *g, struct err *e)
{
	struct pollfd p[] = { { .fd = g->link_fd, .events = POLLIN },
			      { .fd = g->signal_fd, .events = POLLIN } };
	struct signalfd_siginfo info;

	if (g->signal_fd < 0 || TEMP_FAILURE_RETRY(poll(p, 2, -1)) < 0 || !p[1].revents ||
	    p[0].revents)
		return 0;
	if (read(g->signal_fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	err_text(e, EINTR, "interrupted by signal %u", info.ssi_signo);
	return err_exit(e, 128 + (int)info.ssi_signo);
}

/* 1: end of file */
static int token_wait(struct engine *g, size_t step, struct err *e)
{
	struct token t = { 0 };
	int r = interrupted(g, e);

	if (r < 0)
		return r;

	ssize_t n = fd_recv(g->link_fd, &t, sizeof(t), &g->passed_fd);

	if (n == 0 || n == -ECONNRESET)
		return 1;
	if (n < (ssize_t)offsetof(struct token, err))
		return err_set(e, n < 0 ? (int)-n : EPROTO, "%s: token", row_name(g, step));
	if (n == sizeof(t) && t.err.code) {
		*e = t.err;
		g->init_failed = true;
		return -e->code;
	}
	g->passed_number = t.number;
	if (t.step != step)
		return err_set(e, EPROTO, "%s: token for row %zu", row_name(g, step), t.step);
	return 0;
}

static int gone(struct engine *g, size_t step, struct err *e)
{
	g->init_failed = true;
	return err_text(e, EPIPE, "%s: container init died unexpectedly", row_name(g, step));
}

static int step_run(struct engine *g, size_t i, struct start *s, struct err *e)
{
	int r;

	log_debug("%s", g->row[i]->name);
	if (i == g->fail_at)
		r = err_set(e, EIO, "injected");
	else
		r = g->row[i]->run(s, e);
	/* What is wrong with the payload's program is said in the words that engines match. */
	return r < 0 && !e->exit ? err_at(e, "%s", g->row[i]->name) : r < 0 ? r : 0;
}

static bool run_ends(const struct engine *g, size_t i)
{
	return i + 1 == g->n || g->row[i + 1]->who != g->row[i]->who;
}

/* The two tokens of the end: "about to exec", then end-of-file (or exec's error). */
static int exec_wait(struct engine *g, struct err *e)
{
	int r = token_wait(g, STEP_LAST, e);

	if (r == 1)
		return gone(g, STEP_LAST, e);
	if (r < 0)
		return r;
	r = token_wait(g, STEP_LAST, e);
	if (r == 0)
		return err_text(e, EPROTO, "exec: a token too many");
	return r == 1 ? 0 : r;
}

static int host_row(struct engine *g, size_t i, struct start *s, struct err *e)
{
	int r;

	if (g->row[i]->who == INIT) {
		if (!run_ends(g, i))
			return 0;
		if (i + 1 == g->n)
			return exec_wait(g, e);
		r = token_wait(g, i, e);
		return r == 1 ? gone(g, i, e) : r;
	}
	bool spawned = g->link_fd >= 0;

	r = step_run(g, i, s, e);
	if (r < 0 || !spawned || !run_ends(g, i) || g->row[i]->leaves)
		return r; /* init begins right behind its spawn: it waits for no token of that row
			   */
	return token_send(g, i, NULL) < 0 ? gone(g, i, e) : 0;
}

static size_t find(const struct engine *g, const char *name)
{
	for (size_t i = 0; i < g->n; i++)
		if (!strcmp(g->row[i]->name, name))
			return i;
	return g->n - 1;
}

/* An init that failed on its own says why; that is a better reason than ours. */
static void prefer_inits_error(struct engine *g, struct err *e)
{
	struct pollfd p = { .fd = g->link_fd, .events = POLLIN };
	struct token t = { 0 };
	int fd;

	while (g->link_fd >= 0 && poll(&p, 1, 0) > 0) {
		ssize_t n = fd_recv(g->link_fd, &t, sizeof(t), &fd);

		fd_drop(&fd);
		if (n <= 0)
			return;
		if (n != sizeof(t) || !t.err.code)
			continue;
		*e = t.err;
		g->init_failed = true;
	}
}

int engine_run(struct engine *g, struct start *s, const char *last, struct err *e)
{
	size_t end = last ? find(g, last) + 1 : g->n, i;
	int r = 0;

	for (i = 0; i < end; i++) {
		r = host_row(g, i, s, e);
		if (r < 0)
			break;
	}
	if (r == 0)
		return 0;
	prefer_inits_error(g, e);
	r = -e->code;
	engine_reap(g);
	while (i-- > 0)
		if (g->row[i]->undo)
			g->row[i]->undo(s);
	return r;
}

int engine_join(struct engine *g, struct err *e)
{
	return exec_wait(g, e);
}

/* The host sent its BESIDE token before any later one, so it has to be taken first. */
static int beside_wait(struct engine *g, size_t i, bool *beside, struct err *e)
{
	if (!*beside)
		return 0;
	*beside = false;
	while (g->row[i]->who != BESIDE)
		i--;
	return token_wait(g, i, e);
}

static int init_row(struct engine *g, size_t i, struct start *s, bool *beside, struct err *e)
{
	int r = 0;

	if (g->row[i]->who == BESIDE) {
		*beside = true;
		return 0;
	}
	if (g->row[i]->leaves)
		return 0;
	if (g->row[i]->who == HOST) {
		r = beside_wait(g, i, beside, e);
		return r == 0 && run_ends(g, i) ? token_wait(g, i, e) : r;
	}
	if (g->row[i]->after_beside)
		r = beside_wait(g, i, beside, e);
	if (r == 0 && i + 1 == g->n)
		r = token_send(g, STEP_LAST, NULL);
	if (r == 0)
		r = step_run(g, i, s, e);
	if (r < 0)
		(void)token_send(g, i, e);
	else if (r == 0 && run_ends(g, i))
		r = token_send(g, i, NULL);
	return r;
}

void engine_init(struct engine *g, struct start *s, const char *spawn)
{
	fd_drop(&g->signal_fd);
	fd_drop(&g->link_fd);
	g->link_fd = take_fd(g->peer_fd);
	g->init = 0;

	struct err e = { 0 };
	bool beside = false;
	int r = 0;

	for (size_t i = find(g, spawn) + 1; i < g->n && r == 0; i++)
		r = init_row(g, i, s, &beside, &e);
	_exit(e.exit ? e.exit : 1);
}

void engine_reap(struct engine *g)
{
	if (g->init > 0) {
		if (g->init_fd >= 0)
			(void)sys_pidfd_send_signal(g->init_fd, SIGKILL);
		else
			kill(g->init, SIGKILL);
		(void)TEMP_FAILURE_RETRY(waitpid(g->init, NULL, 0));
	}
	g->init = 0;
	engine_close(g);
}

void engine_close(struct engine *g)
{
	fd_drop(&g->init_fd);
	fd_drop(&g->link_fd);
	fd_drop(&g->peer_fd);
	fd_drop(&g->passed_fd);
}
