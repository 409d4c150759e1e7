/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/cmd/common.h"

struct list_opts {
	const char *format;
	bool quiet;
};

static const struct opt opts[] = {
	{ 'f', "format", "table|json", "how to print", OPT_STR,
	  offsetof(struct list_opts, format) },
	{ 'q', "quiet", NULL, "print the IDs only", OPT_FLAG, offsetof(struct list_opts, quiet) },
};

struct item {
	struct state state;
	enum status status;
};

/* false: it vanished while we looked, or its record is not there yet */
static bool look(int root_fd, const char *id, struct arena *a, struct item *it)
{
	struct state_dir d = STATE_DIR_INIT;
	struct err ignored;
	bool good = state_open(&d, root_fd, id, false, &ignored) == 0 &&
		    state_read(&d, a, &it->state, &ignored) == 0;

	if (good)
		it->status = state_status(&d, &it->state);
	state_close(&d);
	return good;
}

static void print_json(const struct item *v, size_t n)
{
	own_buf b = BUF_INIT;

	buf_puts(&b, "[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_puts(&b, ",");
		state_json(&v[i].state, v[i].status, v[i].state.pid, true, false, &b);
	}
	buf_puts(&b, "]");
	puts(buf_text(&b));
}

static void print_table(const struct item *v, size_t n)
{
	size_t id_w = 11, bundle_w = 11;

	for (size_t i = 0; i < n; i++) {
		size_t id = strlen(v[i].state.id), bundle = strlen(v[i].state.bundle);

		id_w = id > id_w ? id : id_w;
		bundle_w = bundle > bundle_w ? bundle : bundle_w;
	}
	printf("%-*s %-11s %-11s %-*s %-30s %s\n", (int)id_w, "ID", "PID", "STATUS", (int)bundle_w,
	       "BUNDLE", "CREATED", "OWNER");
	for (size_t i = 0; i < n; i++) {
		const struct state *s = &v[i].state;
		const struct passwd *pw = getpwuid(s->owner);
		char number[16];

		snprintf(number, sizeof(number), "%u", s->owner);
		printf("%-*s %-11d %-11s %-*s %-30s %s\n", (int)id_w, s->id,
		       v[i].status == STATUS_STOPPED ? 0 : s->pid, status_names[v[i].status],
		       (int)bundle_w, s->bundle, s->created, pw ? pw->pw_name : number);
	}
}

static int collect(const struct cmd_call *c, struct item **v, size_t *n, struct err *e)
{
	own_fd root_fd = state_root(c->global->root, false, e);
	struct strv ids = { 0 };
	int r;

	*n = 0;
	if (root_fd == -ENOENT)
		return 0;
	r = root_fd < 0 ? root_fd : state_list(root_fd, c->arena, &ids, e);
	if (r < 0)
		return r;
	*v = arena_array(c->arena, ids.n + 1, sizeof(**v));
	for (size_t i = 0; i < ids.n; i++)
		*n += look(root_fd, ids.v[i], c->arena, &(*v)[*n]);
	return 0;
}

static int run(const struct cmd_call *c, struct err *e)
{
	const struct list_opts *o = c->opts;
	struct item *v = NULL;
	size_t n;
	int r;

	if (o->format && strcmp(o->format, "json") && strcmp(o->format, "table"))
		return err_text(e, EINVAL, "option '--format': '%s' is none of table, json",
				o->format);
	r = collect(c, &v, &n, e);
	if (r < 0)
		return r;
	if (o->quiet)
		for (size_t i = 0; i < n; i++)
			puts(v[i].state.id);
	else if (o->format && !strcmp(o->format, "json"))
		print_json(v, n);
	else
		print_table(v, n);
	return 0;
}

extern const struct cmd cmd_list;
const struct cmd cmd_list = {
	.name = "list",
	.args = "",
	.help = "list the containers of this state directory",
	.group = "Looking",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct list_opts),
	.run = run,
};
