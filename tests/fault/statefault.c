/* SPDX-License-Identifier: Apache-2.0 */
/*
 * statefault: damage the record of a container at each of its bytes, and see what the commands make
 * of it. No command may crash or hang, no bystander may be killed, and `delete --force` either
 * leaves nothing or says why it cannot.
 *
 * usage: statefault BERTH ROOT BUNDLE DETAILS STEP cut|garble
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/attr.h"
#include "tests/fault/leak.h"
#include "tests/fault/trace.h"

#define LIMIT_MS 15000

struct damage {
	char *berth, *root, *bundle;
	char record[512];
	bool garble;
	struct tracer tracer;
	struct leak_watch watch;
	struct snapshot baseline;
	FILE *details;
	unsigned points, bad, refused;
};

/* Run `berth --root ROOT ARGS`; the exit status, or -1 for a signal or a hang. */
static int berth(struct damage *d, char *a, char *b, char *c, char *e)
{
	char flag[] = "--root";
	char *argv[] = { d->berth, flag, d->root, a, b, c, e, NULL };

	plain_command(&d->tracer, argv, LIMIT_MS);
	if (d->tracer.hung || !WIFEXITED(d->tracer.status))
		return -1;
	return WEXITSTATUS(d->tracer.status);
}

static void complain(struct damage *d, off_t at, const char *what)
{
	char *said = trace_output(&d->tracer);

	fprintf(d->details, "record %s at byte %ld: %s: %s %s\n", d->garble ? "garbled" : "cut",
		(long)at, what, said ? said : "", d->tracer.stuck);
	free(said);
	d->bad++;
}

static bool damage_record(const struct damage *d, off_t at)
{
	int fd = open(d->record, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	/* a digit is no surprise anywhere, so numbers and names change and the JSON stays whole */
	if (d->garble)
		done = pwrite(fd, at % 2 ? "7" : "\xfe", 1, at) == 1;
	else
		done = ftruncate(fd, at) == 0;
	close(fd);
	return done;
}

static void force_clean(struct damage *d)
{
	kill_descendants(&d->tracer);
	leak_scrub(&d->baseline, &d->watch);
	snapshot_take(&d->baseline, &d->watch);
}

static void judge(struct damage *d, off_t at)
{
	static char state[] = "state", list[] = "list", kill_[] = "kill", id[] = "fault-record",
		    sig[] = "0", del[] = "delete", force[] = "--force", create[] = "create";

	if (berth(d, state, id, NULL, NULL) < 0)
		complain(d, at, "state");
	if (berth(d, list, NULL, NULL, NULL) < 0)
		complain(d, at, "list");
	if (berth(d, kill_, id, sig, NULL) < 0)
		complain(d, at, "kill");
	if (berth(d, create, id, NULL, NULL) <= 0)
		complain(d, at, "create of the same ID did not refuse");
	int r = berth(d, del, force, id, NULL);
	if (r < 0)
		complain(d, at, "delete --force");
	if (r > 0) {
		char *said = trace_output(&d->tracer);

		d->refused++;
		fprintf(d->details, "record %s at byte %ld: delete --force refuses: %s",
			d->garble ? "garbled" : "cut", (long)at, said ? said : "");
		free(said);
		force_clean(d);
		return;
	}
	if (leak_check(&d->baseline, &d->watch, 1000, NULL)) {
		complain(d, at, "delete --force leaves:");
		leak_check(&d->baseline, &d->watch, 0, d->details);
		force_clean(d);
	}
}

/* A fresh container with a damaged record. False: there is no such byte. */
static bool point(struct damage *d, off_t at)
{
	static char create[] = "create", bundle[] = "--bundle", id[] = "fault-record";
	struct stat st;

	if (berth(d, create, bundle, d->bundle, id) != 0) {
		complain(d, at, "set-up");
		force_clean(d);
		return false;
	}
	bool more = stat(d->record, &st) == 0 && at < st.st_size;
	if (more && damage_record(d, at)) {
		d->points++;
		judge(d, at);
	} else {
		static char del[] = "delete", force[] = "--force";

		berth(d, del, force, id, NULL);
	}
	return more;
}

int main(int argc, char **argv)
{
	struct damage d = { .baseline = SNAPSHOT_INIT };

	if (argc != 7 || atoi(argv[5]) <= 0) {
		fputs("usage: statefault BERTH ROOT BUNDLE DETAILS STEP cut|garble\n", stderr);
		return 2;
	}
	d.berth = argv[1];
	d.root = argv[2];
	d.bundle = argv[3];
	d.details = fopen(argv[4], "ae");
	d.garble = strcmp(argv[6], "garble") == 0;
	d.watch.trees[d.watch.ntrees++] = d.root;
	snprintf(d.record, sizeof(d.record), "%s/fault-record/state.json", d.root);
	if (!d.details || trace_init(&d.tracer) < 0 || chdir(d.bundle) < 0) {
		fprintf(stderr, "statefault: %s\n", strerror(errno));
		return 125;
	}
	snapshot_take(&d.baseline, &d.watch);
	for (off_t at = 0; point(&d, at); at += atoi(argv[5]))
		;
	printf("%s - record %s: %u points, %u bad, %u times delete --force refuses\n",
	       d.bad || d.points == 0 ? "not ok" : "ok", argv[6], d.points, d.bad, d.refused);
	fclose(d.details);
	trace_done(&d.tracer);
	snapshot_done(&d.baseline);
	return d.bad > 0;
}
