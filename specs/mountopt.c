/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/mountopt.h"

#include <errno.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/base/err.h"

/* superblock flags by their numbers in mount(2); glibc 2.36 has none for lazytime in this header */
#define SB_SYNC 0x10u
#define SB_MAND 0x40u
#define SB_DIRSYNC 0x80u
#define SB_QUIET 0x8000u
#define SB_IVERSION 0x800000u
#define SB_LAZY 0x2000000u

/* which part of struct mountopts a row changes */
enum part {
	PART_NONE, /* known, changes nothing */
	PART_ATTR,
	PART_REC,
	PART_SB,
	PART_ATIME, /* a mode of MOUNT_ATTR__ATIME */
	PART_REC_ATIME,
	PART_PROPAGATION,
	PART_FLAG,
};

static const struct row {
	const char *word;
	enum part part;
	bool off;      /* the word takes the bits away */
	uint64_t bits; /* ATTR, REC, SB: flags; ATIME: the mode; PROPAGATION: MS_*; FLAG: MOPT_* */
	uint64_t drop; /* PROPAGATION: recursive or not; FLAG: MOPT_* that the word undoes */
} rows[] = {
	{ "defaults", PART_NONE, false, 0, 0 },

	{ "bind", PART_FLAG, false, MOPT_BIND, 0 },
	{ "rbind", PART_FLAG, false, MOPT_BIND | MOPT_RBIND, 0 },
	{ "remount", PART_FLAG, false, MOPT_REMOUNT, 0 },

	{ "ro", PART_ATTR, false, MOUNT_ATTR_RDONLY, 0 },
	{ "rw", PART_ATTR, true, MOUNT_ATTR_RDONLY, 0 },
	{ "nosuid", PART_ATTR, false, MOUNT_ATTR_NOSUID, 0 },
	{ "suid", PART_ATTR, true, MOUNT_ATTR_NOSUID, 0 },
	{ "nodev", PART_ATTR, false, MOUNT_ATTR_NODEV, 0 },
	{ "dev", PART_ATTR, true, MOUNT_ATTR_NODEV, 0 },
	{ "noexec", PART_ATTR, false, MOUNT_ATTR_NOEXEC, 0 },
	{ "exec", PART_ATTR, true, MOUNT_ATTR_NOEXEC, 0 },
	{ "nodiratime", PART_ATTR, false, MOUNT_ATTR_NODIRATIME, 0 },
	{ "diratime", PART_ATTR, true, MOUNT_ATTR_NODIRATIME, 0 },
	{ "nosymfollow", PART_ATTR, false, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "symfollow", PART_ATTR, true, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "relatime", PART_ATIME, false, MOUNT_ATTR_RELATIME, 0 },
	{ "norelatime", PART_ATIME, true, MOUNT_ATTR_RELATIME, 0 },
	{ "noatime", PART_ATIME, false, MOUNT_ATTR_NOATIME, 0 },
	{ "atime", PART_ATIME, true, MOUNT_ATTR_NOATIME, 0 },
	{ "strictatime", PART_ATIME, false, MOUNT_ATTR_STRICTATIME, 0 },
	{ "nostrictatime", PART_ATIME, true, MOUNT_ATTR_STRICTATIME, 0 },

	{ "rro", PART_REC, false, MOUNT_ATTR_RDONLY, 0 },
	{ "rrw", PART_REC, true, MOUNT_ATTR_RDONLY, 0 },
	{ "rnosuid", PART_REC, false, MOUNT_ATTR_NOSUID, 0 },
	{ "rsuid", PART_REC, true, MOUNT_ATTR_NOSUID, 0 },
	{ "rnodev", PART_REC, false, MOUNT_ATTR_NODEV, 0 },
	{ "rdev", PART_REC, true, MOUNT_ATTR_NODEV, 0 },
	{ "rnoexec", PART_REC, false, MOUNT_ATTR_NOEXEC, 0 },
	{ "rexec", PART_REC, true, MOUNT_ATTR_NOEXEC, 0 },
	{ "rnodiratime", PART_REC, false, MOUNT_ATTR_NODIRATIME, 0 },
	{ "rdiratime", PART_REC, true, MOUNT_ATTR_NODIRATIME, 0 },
	{ "rnosymfollow", PART_REC, false, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "rsymfollow", PART_REC, true, MOUNT_ATTR_NOSYMFOLLOW, 0 },
	{ "rrelatime", PART_REC_ATIME, false, MOUNT_ATTR_RELATIME, 0 },
	{ "rnorelatime", PART_REC_ATIME, true, MOUNT_ATTR_RELATIME, 0 },
	{ "rnoatime", PART_REC_ATIME, false, MOUNT_ATTR_NOATIME, 0 },
	{ "ratime", PART_REC_ATIME, true, MOUNT_ATTR_NOATIME, 0 },
	{ "rstrictatime", PART_REC_ATIME, false, MOUNT_ATTR_STRICTATIME, 0 },
	{ "rnostrictatime", PART_REC_ATIME, true, MOUNT_ATTR_STRICTATIME, 0 },

	{ "sync", PART_SB, false, SB_SYNC, 0 },
	{ "async", PART_SB, true, SB_SYNC, 0 },
	{ "dirsync", PART_SB, false, SB_DIRSYNC, 0 },
	{ "lazytime", PART_SB, false, SB_LAZY, 0 },
	{ "nolazytime", PART_SB, true, SB_LAZY, 0 },
	{ "iversion", PART_SB, false, SB_IVERSION, 0 },
	{ "noiversion", PART_SB, true, SB_IVERSION, 0 },
	{ "silent", PART_SB, false, SB_QUIET, 0 },
	{ "loud", PART_SB, true, SB_QUIET, 0 },
	{ "mand", PART_SB, false, SB_MAND, 0 },
	{ "nomand", PART_SB, true, SB_MAND, 0 },

	{ "shared", PART_PROPAGATION, false, MS_SHARED, 0 },
	{ "rshared", PART_PROPAGATION, false, MS_SHARED, MS_REC },
	{ "slave", PART_PROPAGATION, false, MS_SLAVE, 0 },
	{ "rslave", PART_PROPAGATION, false, MS_SLAVE, MS_REC },
	{ "private", PART_PROPAGATION, false, MS_PRIVATE, 0 },
	{ "rprivate", PART_PROPAGATION, false, MS_PRIVATE, MS_REC },
	{ "unbindable", PART_PROPAGATION, false, MS_UNBINDABLE, 0 },
	{ "runbindable", PART_PROPAGATION, false, MS_UNBINDABLE, MS_REC },

	{ "tmpcopyup", PART_FLAG, false, MOPT_COPYUP, 0 },
	{ "idmap", PART_FLAG, false, MOPT_IDMAP, MOPT_RIDMAP },
	{ "ridmap", PART_FLAG, false, MOPT_IDMAP | MOPT_RIDMAP, 0 },
	{ "copy-symlink", PART_FLAG, false, MOPT_COPY_SYMLINK, 0 },
	{ "src-nofollow", PART_FLAG, false, MOPT_SRC_NOFOLLOW, 0 },
	{ "dest-nofollow", PART_FLAG, false, MOPT_DEST_NOFOLLOW, 0 },
};

/* For mount(8), fstab and systemd only: no kernel has ever seen them. */
static const char *const userland[] = {
	"auto",  "noauto",  "nofail", "_netdev", "user",  "nouser",
	"users", "nousers", "owner",  "noowner", "group", "nogroup",
};

static bool userland_only(const char *word)
{
	for (unsigned i = 0; i < ARRAY_SIZE(userland); i++)
		if (!strcmp(userland[i], word))
			return true;
	return !strncmp(word, "x-", 2) || !strncmp(word, "X-", 2) || !strncmp(word, "comment=", 8);
}

static void fold_bits(const struct row *r, uint64_t *set, uint64_t *clear)
{
	if (r->off) {
		*set &= ~r->bits;
		*clear |= r->bits;
	} else {
		*set |= r->bits;
		*clear &= ~r->bits;
	}
}

/*
 * mount_setattr(2) refuses an access time in set unless clear names the whole field, since 5.12.
 * A "no" word takes back its own mode only: "strictatime,atime" stays strict, as with mount(2).
 */
static void fold_atime(const struct row *r, uint64_t *set, uint64_t *clear)
{
	uint64_t mode = *set & MOUNT_ATTR__ATIME;

	if (!r->off)
		mode = r->bits;
	else if (mode == r->bits)
		mode = MOUNT_ATTR_RELATIME;
	*set = (*set & ~(uint64_t)MOUNT_ATTR__ATIME) | mode;
	*clear |= MOUNT_ATTR__ATIME;
}

static void fold(struct mountopts *o, const struct row *r)
{
	switch (r->part) {
	case PART_NONE:
		return;
	case PART_ATTR:
		fold_bits(r, &o->attr_set, &o->attr_clear);
		return;
	case PART_REC:
		fold_bits(r, &o->rec_set, &o->rec_clear);
		return;
	case PART_SB:
		fold_bits(r, &o->sb_set, &o->sb_clear);
		return;
	case PART_ATIME:
		fold_atime(r, &o->attr_set, &o->attr_clear);
		return;
	case PART_REC_ATIME:
		fold_atime(r, &o->rec_set, &o->rec_clear);
		return;
	case PART_PROPAGATION:
		o->propagation = r->bits;
		o->propagation_rec = r->drop & MS_REC;
		return;
	case PART_FLAG:
		o->flags = (unsigned)((o->flags | r->bits) & ~r->drop);
		return;
	}
}

int mountopt_add(struct mountopts *o, const char *word, struct err *e)
{
	if (!*word)
		return err_text(e, EINVAL, "empty mount option");
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].word[0] != word[0] || strcmp(rows[i].word, word))
			continue;
		fold(o, &rows[i]);
		return 0;
	}
	return userland_only(word) ? 0 : 1;
}

static bool atime_is(const struct row *r, uint64_t set, uint64_t clear)
{
	return !r->off && (clear & MOUNT_ATTR__ATIME) && (set & MOUNT_ATTR__ATIME) == r->bits;
}

static bool bits_are(const struct row *r, uint64_t set, uint64_t clear)
{
	return (r->off ? clear : set) & r->bits;
}

/* Is this word a part of what *o says? */
static bool says(const struct mountopts *o, const struct row *r)
{
	switch (r->part) {
	case PART_NONE:
		return false;
	case PART_ATTR:
		return bits_are(r, o->attr_set, o->attr_clear);
	case PART_REC:
		return bits_are(r, o->rec_set, o->rec_clear);
	case PART_SB:
		return bits_are(r, o->sb_set, o->sb_clear);
	case PART_ATIME:
		return atime_is(r, o->attr_set, o->attr_clear);
	case PART_REC_ATIME:
		return atime_is(r, o->rec_set, o->rec_clear);
	case PART_PROPAGATION:
		return o->propagation == r->bits && o->propagation_rec == !!(r->drop & MS_REC);
	case PART_FLAG:
		/* "bind" is said by "rbind", "idmap" by "ridmap" */
		if (r->bits == MOPT_BIND && (o->flags & MOPT_RBIND))
			return false;
		if (r->bits == MOPT_IDMAP && (o->flags & MOPT_RIDMAP))
			return false;
		return (o->flags & r->bits) == r->bits;
	}
	return false;
}

void mountopt_words(const struct mountopts *o, void (*fn)(const char *word, void *arg), void *arg)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (says(o, &rows[i]))
			fn(rows[i].word, arg);
}

const char *mountopt_name(unsigned i)
{
	return i < ARRAY_SIZE(rows) ? rows[i].word : NULL;
}
