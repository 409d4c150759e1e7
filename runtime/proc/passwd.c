/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /etc/passwd and /etc/group of the container. They are the image's, so they may be anything:
 * a FIFO (peers hang on it), a device, three gigabytes, one line of a megabyte. libc's readers
 * would load NSS modules of the image (CVE-2019-14271), so this reads plain text only.
 */
#include "runtime/proc/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/opt.h"

enum { FILE_MAX = 1 << 20, LINE_MAX_ = 4096, GROUPS_MAX = 65536 };

struct lines {
	const char *file;
	struct buf text;
	char *next, *end;
	unsigned line;
};

#define LINES_INIT(path)                                                                           \
	{                                                                                          \
		.file = (path), .text = BUF_INIT                                                   \
	}

static void lines_done(struct lines *l)
{
	buf_done(&l->text);
}
#define own_lines _cleanup_(lines_done) struct lines

static const char *kind_of(mode_t mode)
{
	return S_ISFIFO(mode)   ? "a FIFO"
	       : S_ISCHR(mode)  ? "a character device"
	       : S_ISBLK(mode)  ? "a block device"
	       : S_ISDIR(mode)  ? "a directory"
	       : S_ISSOCK(mode) ? "a socket"
				: "no file";
}

static int bad_file(const char *file, int code, struct err *e)
{
	if (code == EFBIG)
		return err_text(e, EFBIG, "%s of the container is larger than 1 MiB", file);
	return err_set(e, code, "read %s of the container", file);
}

/*
 * Looked at before it is opened, because opening a device can already do something; looked at
 * again on the descriptor that is read (fd_read_all), because it may have been exchanged.
 */
static int lines_open(struct lines *l, int root_fd, struct err *e)
{
	own_fd look_fd = inside_open(root_fd, l->file, O_PATH);
	struct stat st;

	if (look_fd == -ENOENT || look_fd == -ENOTDIR)
		return ACCOUNT_NONE;
	if (look_fd < 0 || fstat(look_fd, &st) < 0)
		return bad_file(l->file, look_fd < 0 ? -look_fd : errno, e);
	if (!S_ISREG(st.st_mode))
		return err_text(e, EINVAL, "%s of the container is %s, not a regular file", l->file,
				kind_of(st.st_mode));

	own_fd fd = inside_open(root_fd, l->file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	int r = fd < 0 ? fd : fd_read_all(fd, FILE_MAX, &l->text);

	if (r < 0)
		return bad_file(l->file, -r, e);
	l->next = l->text.data;
	l->end = l->next ? l->next + l->text.len : NULL;
	return 0;
}

/* Split at ':' in place; what is missing is "". */
static void split(char *line, char **field, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *colon = i + 1 < n ? strchr(line, ':') : NULL;

		field[i] = line;
		if (!colon) {
			line += strlen(line);
			continue;
		}
		*colon = 0;
		line = colon + 1;
	}
	/* The last one ends where a further field would begin. */
	field[n - 1][strcspn(field[n - 1], ":")] = 0;
}

/* 1: the fields of the next line; 0: the end. */
static int lines_next(struct lines *l, char **field, size_t n, struct err *e)
{
	if (l->next >= l->end)
		return 0;

	char *line = l->next, *nl = memchr(line, '\n', (size_t)(l->end - line));
	size_t len = (size_t)((nl ? nl : l->end) - line);

	l->line++;
	l->next = line + len + 1;
	if (len > LINE_MAX_)
		return err_text(e, EFBIG, "%s of the container: line %u is longer than 4096 bytes",
				l->file, l->line);
	/* The buffer has a NUL behind its end, so the last line needs no newline. */
	line[len] = 0;
	split(line, field, n);
	return 1;
}

/* Ids by the same strict rule as everywhere; an entry with any other is no entry. */
static bool id_of(const char *word, uint32_t *id)
{
	unsigned long long n;

	if (opt_number(word, UINT32_MAX - 1, &n) < 0)
		return false;
	*id = (uint32_t)n;
	return true;
}

int passwd_find(int root_fd, const char *name, uid_t uid, struct arena *a, struct account *out,
		struct err *e)
{
	enum { NAME, PASSWORD, UID, GID, GECOS, HOME, SHELL, N };
	own_lines l = LINES_INIT("/etc/passwd");
	char *field[N];
	int r = lines_open(&l, root_fd, e);

	if (r != 0)
		return r;
	for (;;) {
		r = lines_next(&l, field, N, e);
		if (r <= 0)
			return r < 0 ? r : ACCOUNT_NONE;
		if (!id_of(field[UID], &out->uid) || !id_of(field[GID], &out->gid))
			continue;
		if (name ? !strcmp(field[NAME], name) : out->uid == uid)
			break;
	}
	out->name = arena_strdup(a, field[NAME]);
	out->home = arena_strdup(a, field[HOME]);
	return 0;
}

enum { GROUP_NAME, GROUP_PASSWORD, GROUP_GID, GROUP_MEMBERS, GROUP_N };

int group_find(int root_fd, const char *name, gid_t *gid, struct err *e)
{
	own_lines l = LINES_INIT("/etc/group");
	char *field[GROUP_N];
	int r = lines_open(&l, root_fd, e);

	if (r != 0)
		return r;
	for (;;) {
		r = lines_next(&l, field, GROUP_N, e);
		if (r <= 0)
			return r < 0 ? r : ACCOUNT_NONE;
		if (!strcmp(field[GROUP_NAME], name) && id_of(field[GROUP_GID], gid))
			return 0;
	}
}

/* Is user one of "a,b,c"? */
static bool member(const char *list, const char *user)
{
	size_t len = strlen(user);

	for (const char *p = list; *p; p += strspn(p, ",")) {
		size_t n = strcspn(p, ",");

		if (n == len && !memcmp(p, user, len))
			return true;
		p += n;
	}
	return false;
}

static int by_number(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return (x > y) - (x < y);
}

/* Sorted, as the kernel keeps them too, and each once. */
static size_t unique(gid_t *v, size_t n)
{
	size_t kept = 0;

	qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || v[kept - 1] != v[i])
			v[kept++] = v[i];
	return kept;
}

int group_list(int root_fd, const char *user, gid_t first, struct arena *a, gid_t **list, size_t *n,
	       struct err *e)
{
	own_lines l = LINES_INIT("/etc/group");
	own_buf gids = BUF_INIT;
	char *field[GROUP_N];
	gid_t gid;
	int r = lines_open(&l, root_fd, e);

	buf_put(&gids, &first, sizeof(first));
	while (r == 0) {
		r = lines_next(&l, field, GROUP_N, e);
		if (r <= 0)
			break;
		r = 0;
		if (!id_of(field[GROUP_GID], &gid) || gid == first ||
		    !member(field[GROUP_MEMBERS], user))
			continue;
		if (gids.len / sizeof(gid) == GROUPS_MAX)
			return err_text(e, E2BIG,
					"/etc/group of the container: user \"%s\" is in more than "
					"%d groups",
					user, GROUPS_MAX);
		buf_put(&gids, &gid, sizeof(gid));
	}
	if (r < 0)
		return r;
	*n = gids.len / sizeof(gid);
	*list = arena_array(a, *n, sizeof(gid));
	memcpy(*list, gids.data, gids.len);
	*n = 1 + unique(*list + 1, *n - 1);
	return 0;
}
