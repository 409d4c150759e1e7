/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run several commands in turn, many rounds, and compare their times. What disturbs the machine
 * disturbs all contenders alike, which runs of one after the other do not give.
 *
 * usage: pair [-n ROUNDS] [-w WARMUP] [-r REFERENCE] [-t TITLE] [-o TSV] NAME=CMD ...
 * A CMD is split at spaces; " ; " stands between commands that are timed as one.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONTENDERS 16
#define MAX_STEPS 8

extern char **environ;

struct contender {
	const char *name;
	char **steps[MAX_STEPS];
	size_t nsteps;
	double *us;
	long rss_kib;
	bool broken;
};

struct stats {
	double median, p95, mean, least;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void *room_for(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p) {
		fputs("pair: out of memory\n", stderr);
		exit(125);
	}
	return p;
}

static bool contender_read(struct contender *c, char *text, unsigned rounds)
{
	char *equals = strchr(text, '='), *save = NULL;
	size_t n = 0;

	if (!equals)
		return false;
	*equals = '\0';
	*c = (struct contender){ .name = text, .us = room_for(rounds, sizeof(double)) };
	char **words = room_for(strlen(equals + 1) + 2, sizeof(*words));
	c->steps[c->nsteps++] = words;
	for (char *w = strtok_r(equals + 1, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		if (strcmp(w, ";") != 0) {
			words[n++] = w;
		} else if (c->nsteps < MAX_STEPS) {
			words[n++] = NULL;
			c->steps[c->nsteps++] = words + n;
		}
	}
	return words[0] != NULL;
}

/* Time from before the fork to after the wait. Negative: it failed. */
static double run_once(struct contender *c, const posix_spawn_file_actions_t *quiet)
{
	double started = now_us();

	for (size_t i = 0; i < c->nsteps; i++) {
		struct rusage usage;
		int status = 0;
		pid_t pid;
		int r = posix_spawnp(&pid, c->steps[i][0], quiet, NULL, c->steps[i], environ);

		if (r != 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0) {
			fprintf(stderr, "pair: %s: '%s ...' fails (%s %d)\n", c->name,
				c->steps[i][0], r ? "errno" : "wait status", r ? r : status);
			return -1;
		}
		if (usage.ru_maxrss > c->rss_kib)
			c->rss_kib = usage.ru_maxrss;
	}
	return now_us() - started;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct stats stats_of(double *us, unsigned n)
{
	struct stats s = { .mean = 0 };

	qsort(us, n, sizeof(*us), compare);
	for (unsigned i = 0; i < n; i++)
		s.mean += us[i] / n;
	s.median = n % 2 ? us[n / 2] : (us[n / 2 - 1] + us[n / 2]) / 2;
	s.p95 = us[(size_t)(0.95 * (n - 1))];
	s.least = us[0];
	return s;
}

static void report(struct contender *c, size_t n, unsigned rounds, const char *reference,
		   const char *title, FILE *tsv)
{
	struct stats s[MAX_CONTENDERS];
	double base = 0, base_rss = 0;

	for (size_t i = 0; i < n; i++) {
		if (c[i].broken)
			continue;
		s[i] = stats_of(c[i].us, rounds);
		if (reference && strcmp(c[i].name, reference) == 0) {
			base = s[i].median;
			base_rss = (double)c[i].rss_kib;
		}
	}
	printf("\n%s (%u rounds in turn; times in ms)\n", title, rounds);
	printf("%-10s %8s %8s %8s %8s %9s  %s\n", "", "median", "p95", "mean", "least", "RSS KiB",
	       base > 0 ? "reference takes, of its time and memory" : "");
	for (size_t i = 0; i < n; i++) {
		if (c[i].broken) {
			printf("%-10s fails\n", c[i].name);
			continue;
		}
		printf("%-10s %8.3f %8.3f %8.3f %8.3f %9ld", c[i].name, s[i].median / 1e3,
		       s[i].p95 / 1e3, s[i].mean / 1e3, s[i].least / 1e3, c[i].rss_kib);
		if (base > 0)
			printf("  %5.2f %5.2f", base / s[i].median,
			       base_rss / (double)c[i].rss_kib);
		putchar('\n');
		if (tsv)
			fprintf(tsv, "%s\t%s\t%u\t%.1f\t%.1f\t%.1f\t%.1f\t%ld\n", title, c[i].name,
				rounds, s[i].median, s[i].p95, s[i].mean, s[i].least, c[i].rss_kib);
	}
}

static void run_rounds(struct contender *c, size_t n, unsigned rounds, unsigned warmup)
{
	posix_spawn_file_actions_t quiet;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	for (unsigned round = 0; round < warmup + rounds; round++) {
		for (size_t j = 0; j < n; j++) {
			/* another one first each time, so that nobody always follows the same */
			struct contender *x = &c[(j + round) % n];
			double us = x->broken ? 0 : run_once(x, &quiet);

			if (us < 0)
				x->broken = true;
			if (round >= warmup)
				x->us[round - warmup] = us;
		}
	}
	posix_spawn_file_actions_destroy(&quiet);
}

int main(int argc, char **argv)
{
	struct contender c[MAX_CONTENDERS];
	const char *title = "times", *reference = NULL;
	unsigned rounds = 200, warmup = 5;
	FILE *tsv = NULL;
	size_t n = 0;
	bool failed = false;

	for (int o = getopt(argc, argv, "n:w:r:t:o:"); o != -1;
	     o = getopt(argc, argv, "n:w:r:t:o:")) {
		if (o == 'n')
			rounds = (unsigned)atoi(optarg);
		else if (o == 'w')
			warmup = (unsigned)atoi(optarg);
		else if (o == 'r')
			reference = optarg;
		else if (o == 't')
			title = optarg;
		else if (o == 'o')
			tsv = fopen(optarg, "ae");
		else
			return 2;
	}
	for (int i = optind; i < argc && n < MAX_CONTENDERS; i++) {
		if (!contender_read(&c[n++], argv[i], rounds + 1)) {
			fprintf(stderr, "pair: '%s' is not NAME=CMD\n", argv[i]);
			return 2;
		}
	}
	if (n == 0 || rounds == 0) {
		fputs("usage: pair [-n ROUNDS] [-w WARMUP] [-r REFERENCE] [-t TITLE] [-o TSV] "
		      "NAME=CMD ...\n",
		      stderr);
		return 2;
	}
	run_rounds(c, n, rounds, warmup);
	report(c, n, rounds, reference, title, tsv);
	if (tsv)
		fclose(tsv);
	for (size_t i = 0; i < n; i++)
		failed |= c[i].broken;
	return failed;
}
