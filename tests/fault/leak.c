/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/leak.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

/* Skip the repeats of a line that stand for one thing seen many times (a namespace). */
static size_t next_line(const struct snapshot *s, size_t i)
{
	bool folded = strncmp(s->lines[i], "namespace ", 10) == 0;
	size_t next = i + 1;

	while (folded && next < s->n && strcmp(s->lines[next], s->lines[i]) == 0)
		next++;
	return next;
}

size_t snapshot_diff(const struct snapshot *before, const struct snapshot *after, FILE *out)
{
	size_t a = 0, b = 0, n = 0;

	while (a < before->n || b < after->n) {
		int c = 0;

		if (a == before->n)
			c = 1;
		else if (b == after->n)
			c = -1;
		else
			c = strcmp(before->lines[a], after->lines[b]);
		if (c != 0) {
			n++;
			if (out)
				fprintf(out, "%c %s\n", c < 0 ? '-' : '+',
					c < 0 ? before->lines[a] : after->lines[b]);
		}
		if (c <= 0)
			a = next_line(before, a);
		if (c >= 0)
			b = next_line(after, b);
	}
	return n;
}

size_t leak_check(const struct snapshot *before, const struct leak_watch *w, unsigned settle_ms,
		  FILE *out)
{
	struct snapshot now = SNAPSHOT_INIT;
	unsigned waited = 0, pause = 1;
	size_t n;

	for (;;) {
		struct timespec t = { .tv_nsec = 0 };

		snapshot_take(&now, w);
		n = snapshot_diff(before, &now, NULL);
		if (n == 0 || waited >= settle_ms)
			break;
		t.tv_nsec = (long)pause * 1000000;
		nanosleep(&t, NULL);
		waited += pause;
		pause = pause < 64 ? pause * 2 : pause;
	}
	if (n)
		snapshot_diff(before, &now, out);
	snapshot_done(&now);
	return n;
}

static void scrub_line(const char *line)
{
	char target[PATH_MAX];
	const char *path = strchr(line, '/');

	if (strncmp(line, "cgroup ", 7) == 0 && path)
		rmdir(path);
	else if (strncmp(line, "file ", 5) == 0 && path)
		remove(path);
	else if (sscanf(line, "mount %*s %*s %4095s", target) == 1)
		umount2(target, MNT_DETACH);
}

void leak_scrub(const struct snapshot *before, const struct leak_watch *w)
{
	struct snapshot now = SNAPSHOT_INIT;

	/*
	 * Backwards, so that what is below goes before what it is in; and again for what was busy.
	 */
	for (unsigned round = 0; round < 8; round++) {
		size_t a = before->n;

		snapshot_take(&now, w);
		for (size_t b = now.n; b-- > 0;) {
			while (a > 0 && strcmp(before->lines[a - 1], now.lines[b]) > 0)
				a--;
			if (a == 0 || strcmp(before->lines[a - 1], now.lines[b]) != 0)
				scrub_line(now.lines[b]);
		}
		if (snapshot_diff(before, &now, NULL) == 0)
			break;
	}
	snapshot_done(&now);
}

int snapshot_save(const struct snapshot *s, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	for (size_t i = 0; i < s->n; i++)
		fprintf(f, "%s%c", s->lines[i], '\0');
	return fclose(f) == 0 ? 0 : -errno;
}

int snapshot_load(struct snapshot *s, const char *path)
{
	char *line = NULL;
	size_t room = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return -errno;
	s->len = 0;
	s->n = 0;
	while (getdelim(&line, &room, '\0', f) > 0)
		snapshot_put(s, "%s", line);
	free(line);
	fclose(f);
	snapshot_sort(s);
	return 0;
}

void snapshot_done(struct snapshot *s)
{
	free(s->text);
	free(s->lines);
	*s = (struct snapshot)SNAPSHOT_INIT;
}
