/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/base/err.h"
#include "specs/mountopt.h"

/* "ro,nosuid": fold the words one by one */
static struct mountopts folded(const char *words)
{
	struct mountopts o = { .flags = 0 };
	char copy[256], *next = copy;
	struct err e;

	strcpy(copy, words);
	for (char *word = strsep(&next, ","); word; word = strsep(&next, ","))
		assert_int_equal(mountopt_add(&o, word, &e), 0);
	return o;
}

#define ATIME MOUNT_ATTR__ATIME
static const struct effect {
	const char *words;
	struct mountopts is;
} effects[] = {
	{ "defaults", { .flags = 0 } },
	{ "bind", { .flags = MOPT_BIND } },
	{ "rbind", { .flags = MOPT_BIND | MOPT_RBIND } },
	{ "remount", { .flags = MOPT_REMOUNT } },
	{ "ro", { .attr_set = MOUNT_ATTR_RDONLY } },
	{ "rw", { .attr_clear = MOUNT_ATTR_RDONLY } },
	{ "ro,rw", { .attr_clear = MOUNT_ATTR_RDONLY } },
	{ "rw,ro", { .attr_set = MOUNT_ATTR_RDONLY } },
	{ "nosuid", { .attr_set = MOUNT_ATTR_NOSUID } },
	{ "suid", { .attr_clear = MOUNT_ATTR_NOSUID } },
	{ "nodev", { .attr_set = MOUNT_ATTR_NODEV } },
	{ "dev", { .attr_clear = MOUNT_ATTR_NODEV } },
	{ "noexec", { .attr_set = MOUNT_ATTR_NOEXEC } },
	{ "exec", { .attr_clear = MOUNT_ATTR_NOEXEC } },
	{ "nodiratime", { .attr_set = MOUNT_ATTR_NODIRATIME } },
	{ "diratime", { .attr_clear = MOUNT_ATTR_NODIRATIME } },
	{ "nosymfollow", { .attr_set = MOUNT_ATTR_NOSYMFOLLOW } },
	{ "symfollow", { .attr_clear = MOUNT_ATTR_NOSYMFOLLOW } },
	{ "relatime", { .attr_clear = ATIME } },
	{ "norelatime", { .attr_clear = ATIME } },
	{ "noatime", { .attr_set = MOUNT_ATTR_NOATIME, .attr_clear = ATIME } },
	{ "atime", { .attr_clear = ATIME } },
	{ "strictatime", { .attr_set = MOUNT_ATTR_STRICTATIME, .attr_clear = ATIME } },
	{ "nostrictatime", { .attr_clear = ATIME } },
	{ "noatime,atime", { .attr_clear = ATIME } },
	{ "noatime,strictatime", { .attr_set = MOUNT_ATTR_STRICTATIME, .attr_clear = ATIME } },
	{ "noatime,relatime", { .attr_clear = ATIME } },
	{ "strictatime,atime", { .attr_set = MOUNT_ATTR_STRICTATIME, .attr_clear = ATIME } },
	{ "strictatime,nostrictatime", { .attr_clear = ATIME } },
	{ "noatime,nodiratime",
	  { .attr_set = MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME, .attr_clear = ATIME } },
	{ "rro", { .rec_set = MOUNT_ATTR_RDONLY } },
	{ "rrw", { .rec_clear = MOUNT_ATTR_RDONLY } },
	{ "rnosuid", { .rec_set = MOUNT_ATTR_NOSUID } },
	{ "rsuid", { .rec_clear = MOUNT_ATTR_NOSUID } },
	{ "rnodev", { .rec_set = MOUNT_ATTR_NODEV } },
	{ "rdev", { .rec_clear = MOUNT_ATTR_NODEV } },
	{ "rnoexec", { .rec_set = MOUNT_ATTR_NOEXEC } },
	{ "rexec", { .rec_clear = MOUNT_ATTR_NOEXEC } },
	{ "rnodiratime", { .rec_set = MOUNT_ATTR_NODIRATIME } },
	{ "rdiratime", { .rec_clear = MOUNT_ATTR_NODIRATIME } },
	{ "rnosymfollow", { .rec_set = MOUNT_ATTR_NOSYMFOLLOW } },
	{ "rsymfollow", { .rec_clear = MOUNT_ATTR_NOSYMFOLLOW } },
	{ "rrelatime", { .rec_clear = ATIME } },
	{ "rnorelatime", { .rec_clear = ATIME } },
	{ "rnoatime", { .rec_set = MOUNT_ATTR_NOATIME, .rec_clear = ATIME } },
	{ "ratime", { .rec_clear = ATIME } },
	{ "rstrictatime", { .rec_set = MOUNT_ATTR_STRICTATIME, .rec_clear = ATIME } },
	{ "rnostrictatime", { .rec_clear = ATIME } },
	{ "sync", { .sb_set = MS_SYNCHRONOUS } },
	{ "async", { .sb_clear = MS_SYNCHRONOUS } },
	{ "dirsync", { .sb_set = MS_DIRSYNC } },
	{ "lazytime", { .sb_set = 1 << 25 } },
	{ "nolazytime", { .sb_clear = 1 << 25 } },
	{ "iversion", { .sb_set = MS_I_VERSION } },
	{ "noiversion", { .sb_clear = MS_I_VERSION } },
	{ "silent", { .sb_set = MS_SILENT } },
	{ "loud", { .sb_clear = MS_SILENT } },
	{ "mand", { .sb_set = MS_MANDLOCK } },
	{ "nomand", { .sb_clear = MS_MANDLOCK } },
	{ "shared", { .propagation = MS_SHARED } },
	{ "rshared", { .propagation = MS_SHARED, .propagation_rec = true } },
	{ "slave", { .propagation = MS_SLAVE } },
	{ "rslave", { .propagation = MS_SLAVE, .propagation_rec = true } },
	{ "private", { .propagation = MS_PRIVATE } },
	{ "rprivate", { .propagation = MS_PRIVATE, .propagation_rec = true } },
	{ "unbindable", { .propagation = MS_UNBINDABLE } },
	{ "runbindable", { .propagation = MS_UNBINDABLE, .propagation_rec = true } },
	{ "rshared,slave", { .propagation = MS_SLAVE } },
	{ "tmpcopyup", { .flags = MOPT_COPYUP } },
	{ "idmap", { .flags = MOPT_IDMAP } },
	{ "ridmap", { .flags = MOPT_IDMAP | MOPT_RIDMAP } },
	{ "ridmap,idmap", { .flags = MOPT_IDMAP } },
	{ "copy-symlink", { .flags = MOPT_COPY_SYMLINK } },
	{ "src-nofollow", { .flags = MOPT_SRC_NOFOLLOW } },
	{ "dest-nofollow", { .flags = MOPT_DEST_NOFOLLOW } },
	/* of mount(8) alone */
	{ "nofail,_netdev,user,nouser,users,nousers,auto,noauto", { .flags = 0 } },
	{ "owner,noowner,group,nogroup,x-systemd.automount,X-mount.mkdir,comment=a b",
	  { .flags = 0 } },
};

static void assert_same(const struct mountopts *a, const struct mountopts *b, const char *words)
{
	if (a->attr_set != b->attr_set || a->attr_clear != b->attr_clear ||
	    a->rec_set != b->rec_set || a->rec_clear != b->rec_clear || a->sb_set != b->sb_set ||
	    a->sb_clear != b->sb_clear || a->propagation != b->propagation ||
	    a->propagation_rec != b->propagation_rec || a->flags != b->flags)
		fail_msg("'%s' means something else", words);
}

static void every_word_means_what_the_specification_says(_unused_ void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(effects); i++) {
		struct mountopts o = folded(effects[i].words);

		assert_same(&o, &effects[i].is, effects[i].words);
	}
}

static void every_row_of_the_table_is_tested_here(_unused_ void **state)
{
	for (unsigned i = 0; mountopt_name(i); i++) {
		bool found = false;

		for (unsigned j = 0; j < ARRAY_SIZE(effects); j++)
			found = found || !strcmp(effects[j].words, mountopt_name(i));
		if (!found)
			fail_msg("'%s' has no test", mountopt_name(i));
	}
}

static void names_are_unique(_unused_ void **state)
{
	for (unsigned i = 0; mountopt_name(i); i++)
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(mountopt_name(i), mountopt_name(j));
	assert_null(mountopt_name(10000));
}

static void refold(const char *word, void *arg)
{
	struct err e;

	assert_int_equal(mountopt_add(arg, word, &e), 0);
}

static void words_come_back(_unused_ void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(effects); i++)
		for (unsigned j = 0; j < ARRAY_SIZE(effects); j++) {
			char both[256];
			struct mountopts again = { .flags = 0 };

			strcpy(both, effects[i].words);
			strcat(both, ",");
			strcat(both, effects[j].words);

			struct mountopts o = folded(both);

			mountopt_words(&o, refold, &again);
			assert_same(&o, &again, both);
		}
}

/* the access time apart, which is a number */
static void no_bit_is_set_and_cleared(_unused_ void **state)
{
	for (unsigned i = 0; mountopt_name(i); i++)
		for (unsigned j = 0; mountopt_name(j); j++) {
			struct mountopts o = { .flags = 0 };
			struct err e;

			assert_int_equal(mountopt_add(&o, mountopt_name(i), &e), 0);
			assert_int_equal(mountopt_add(&o, mountopt_name(j), &e), 0);
			assert_int_equal(o.attr_set & o.attr_clear & ~ATIME, 0);
			assert_int_equal(o.rec_set & o.rec_clear & ~ATIME, 0);
			assert_int_equal(o.sb_set & o.sb_clear, 0);
			if ((o.attr_set | o.attr_clear) & ATIME)
				assert_int_equal(o.attr_clear & ATIME, ATIME);
			if ((o.rec_set | o.rec_clear) & ATIME)
				assert_int_equal(o.rec_clear & ATIME, ATIME);
		}
}

static void other_words_go_to_the_file_system(_unused_ void **state)
{
	static const char *const words[] = {
		"mode=755",
		"size=64m",
		"acl",
		"noacl",
		"z",
		"Z",
		"U",
		"O",
		"RO",
		" ro",
		"ro ",
		"ro=1",
		"rsync",
		"rmand",
		"user=bob",
		"x",
		"comment",
		"ro,rw",
		"idmap=uids=0-1-1",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		struct mountopts o = { .flags = 0 }, none = { .flags = 0 };
		struct err e;

		assert_int_equal(mountopt_add(&o, words[i], &e), 1);
		assert_same(&o, &none, words[i]);
	}
}

static void an_empty_word_is_an_error(_unused_ void **state)
{
	struct mountopts o = { .flags = 0 };
	struct err e;

	assert_true(mountopt_add(&o, "", &e) < 0);
	assert_non_null(strstr(e.text, "empty"));
}

TEST_GROUP(mountopt, cmocka_unit_test(every_word_means_what_the_specification_says),
	   cmocka_unit_test(every_row_of_the_table_is_tested_here),
	   cmocka_unit_test(names_are_unique), cmocka_unit_test(words_come_back),
	   cmocka_unit_test(no_bit_is_set_and_cleared),
	   cmocka_unit_test(other_words_go_to_the_file_system),
	   cmocka_unit_test(an_empty_word_is_an_error));
