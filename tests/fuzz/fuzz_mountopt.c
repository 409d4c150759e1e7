/* SPDX-License-Identifier: Apache-2.0 */
/* Words, one a line: any list folds, keeps its promises, and comes back from its own words. */
#include <linux/mount.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "specs/mountopt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

static void refold(const char *word, void *arg)
{
	struct err e;

	must(mountopt_add(arg, word, &e) == 0);
}

static void sound(uint64_t set, uint64_t clear)
{
	const uint64_t atime = MOUNT_ATTR__ATIME;

	must(!(set & clear & ~atime));
	must(!((set | clear) & atime) || (clear & atime) == atime);
	must((set & atime) != atime);
}

static int same(const struct mountopts *a, const struct mountopts *b)
{
	return a->attr_set == b->attr_set && a->attr_clear == b->attr_clear &&
	       a->rec_set == b->rec_set && a->rec_clear == b->rec_clear && a->sb_set == b->sb_set &&
	       a->sb_clear == b->sb_clear && a->propagation == b->propagation &&
	       a->propagation_rec == b->propagation_rec && a->flags == b->flags;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mountopts o = { .flags = 0 }, again = { .flags = 0 };
	char *text = malloc(size + 1), *next = text;
	struct err e;

	memcpy(text, data, size);
	text[size] = 0;
	for (char *word = strsep(&next, "\n,"); word; word = strsep(&next, "\n,")) {
		int r = mountopt_add(&o, word, &e);

		must(r == 0 || r == 1 || (r < 0 && !*word));
	}
	sound(o.attr_set, o.attr_clear);
	sound(o.rec_set, o.rec_clear);
	must(!(o.sb_set & o.sb_clear));
	mountopt_words(&o, refold, &again);
	must(same(&o, &again));
	free(text);
	return 0;
}
