/* SPDX-License-Identifier: Apache-2.0 */
/* Who is inside. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroups.h"
#include "cgroups/tree.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

void cg_pidset_done(struct cg_pidset *s)
{
	free(s->v);
	*s = (struct cg_pidset){ 0 };
}

static int add(struct cg_pidset *s, pid_t pid)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		pid_t *v = realloc(s->v, room * sizeof(*v));

		if (!v)
			return -ENOMEM;
		s->v = v;
		s->room = room;
	}
	s->v[s->n++] = pid;
	return 0;
}

/* Numbers, one a line; 0 is a process of a pid namespace that we cannot see into. */
static int parse(struct cg_pidset *s, const char *text, ssize_t len, pid_t *part)
{
	for (ssize_t i = 0; i < len; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			*part = *part * 10 + (text[i] - '0');
			continue;
		}

		int r = *part ? add(s, *part) : 0;

		*part = 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_procs(int dir_fd, void *arg)
{
	own_fd fd = openat(dir_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char text[4096];
	pid_t part = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	for (;;) {
		ssize_t n = TEMP_FAILURE_RETRY(read(fd, text, sizeof(text)));

		/* A threaded cgroup lists nobody: its processes are with the thread root. */
		if (n < 0)
			return errno == ENODEV || errno == EOPNOTSUPP ? 0 : -errno;
		if (n == 0)
			return 0;

		int r = parse(arg, text, n, &part);

		if (r < 0)
			return r;
	}
}

int cg_pids_below(int dir_fd, struct cg_pidset *s)
{
	struct cg_walk w = { .enter = read_procs, .arg = s };

	return cg_walk(dir_fd, &w);
}

static int compare(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

void cg_pids_sort(struct cg_pidset *s)
{
	size_t to = 0;

	if (!s->n)
		return;
	qsort(s->v, s->n, sizeof(*s->v), compare);
	for (size_t i = 1; i < s->n; i++)
		if (s->v[i] != s->v[to])
			s->v[++to] = s->v[i];
	s->n = to + 1;
}

int cg_place_open(const struct cg_place *place)
{
	int fd = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

/* Each hierarchy knows all of them: v2, the last one, is as good as any, and the first to ask. */
int cg_pids(const struct cg_record *r, struct arena *a, pid_t **pids, size_t *n, struct err *e)
{
	_cleanup_(cg_pidset_done) struct cg_pidset set = { 0 };

	*n = 0;
	*pids = NULL;
	for (size_t i = r->n; i-- > 0;) {
		own_fd fd = cg_place_open(&r->v[i]);
		int rc = fd < 0 ? fd : cg_pids_below(fd, &set);

		if (rc == -ENOENT)
			continue;
		if (rc < 0)
			return cg_fail(e, -rc, "list the processes of cgroup %s", r->v[i].path);
		break;
	}
	cg_pids_sort(&set);
	*pids = arena_array(a, set.n, sizeof(**pids));
	if (set.n)
		memcpy(*pids, set.v, set.n * sizeof(**pids));
	*n = set.n;
	return 0;
}
