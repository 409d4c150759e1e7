/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/cmd/cmd.h"
#include "specs/oci.h"
#include "specs/spec.h"

struct spec_opts {
	const char *bundle, *file;
	bool rootless;
};

/* clang-format off */
static const struct opt opts[] = {
	{ 'b', "bundle", "DIR", "write into this directory instead of the current one",
	  OPT_STR, offsetof(struct spec_opts, bundle), false },
	{ 'f', "file", "FILE", "write this file instead of config.json",
	  OPT_STR, offsetof(struct spec_opts, file), false },
	{ 0, "rootless", NULL, "for a user without privileges: one mapped id, no cgroup limits",
	  OPT_FLAG, offsetof(struct spec_opts, rootless), false },
};
/* clang-format on */

static void init(void *into)
{
	*(struct spec_opts *)into = (struct spec_opts){ .bundle = ".", .file = "config.json" };
}

/* A file of somebody's is never overwritten, and a half-written one never left. */
static int write_new(int dir_fd, const char *dir, const char *file, const struct buf *b,
		     struct err *e)
{
	own_fd fd = openat(dir_fd, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r;

	if (fd < 0 && errno == EEXIST) {
		err_set(e, EEXIST, "'%s' in '%s'", file, dir);
		return err_hint(e, "remove it first, or write elsewhere with --file or --bundle");
	}
	if (fd < 0)
		return err_set(e, errno, "create '%s' in '%s'", file, dir);
	r = fd_write_all(fd, b->data, b->len);
	if (r == 0)
		return 0;
	unlinkat(dir_fd, file, 0);
	return err_set(e, -r, "write '%s' in '%s'", file, dir);
}

static int run(const struct cmd_call *c, struct err *e)
{
	const struct spec_opts *o = c->opts;
	own_fd dir_fd = open(o->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	own_buf text = BUF_INIT;
	struct spec s;

	if (dir_fd < 0)
		return err_set(e, errno, "bundle '%s'", o->bundle);
	spec_default(c->arena, &s, o->rootless);
	oci_write_spec(&s, true, &text);
	if (!text.len || text.data[text.len - 1] != '\n')
		buf_puts(&text, "\n");
	return write_new(dir_fd, o->bundle, o->file, &text, e);
}

extern const struct cmd cmd_spec;
const struct cmd cmd_spec = {
	.name = "spec",
	.help = "write a config.json to start from",
	.group = "About berth",
	.opts = opts,
	.nopts = ARRAY_SIZE(opts),
	.opts_size = sizeof(struct spec_opts),
	.init = init,
	.run = run,
};
