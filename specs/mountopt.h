/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mount option words, in both directions. One row of mountopt.c is all that an
 * option needs: the parser, the printer and the features list read that table.
 * Source: runtime-spec config.md "Linux mount options", and what engines write.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/attr.h"

struct err;

/*
 * Both pairs of MOUNT_ATTR_* go to mount_setattr(2) as they are. Never a bit in both, but for
 * the access time, which the kernel holds as a number of three bits: a word that chooses one puts
 * all of MOUNT_ATTR__ATIME into clear and its value (0 is relatime) into set.
 */
struct mountopts {
	uint64_t attr_set, attr_clear; /* MOUNT_ATTR_* of the mount */
	uint64_t rec_set, rec_clear;   /* the r* words: MOUNT_ATTR_* for the whole subtree */
	uint64_t sb_set, sb_clear; /* SB_* flags of the superblock (sync, dirsync, lazytime, ...) */
	uint64_t propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, the last one wins
			       */
	bool propagation_rec; /* rshared, rslave, ... */
	unsigned flags;       /* enum mountopt_flag */
};

enum mountopt_flag {
	MOPT_BIND = 1 << 0,
	MOPT_RBIND = 1 << 1, /* with MOPT_BIND: the whole tree */
	MOPT_REMOUNT = 1 << 2,
	MOPT_COPYUP = 1 << 3,
	MOPT_IDMAP = 1 << 4,
	MOPT_RIDMAP = 1 << 5,       /* with MOPT_IDMAP: the whole tree */
	MOPT_COPY_SYMLINK = 1 << 6, /* podman: make the same symlink instead of a bind */
	MOPT_SRC_NOFOLLOW = 1 << 7,
	MOPT_DEST_NOFOLLOW = 1 << 8,
};

/*
 * Fold one word into *o; a later word wins. Words that only mount(8) and fstab know (nofail,
 * _netdev, x-..., comment=...) are taken and mean nothing. 1: the word is not ours, it goes to the
 * filesystem. An empty word is an error.
 */
_must_check_ int mountopt_add(struct mountopts *o, const char *word, struct err *e);

/* Call fn with words that, folded into an empty struct in this order, give *o again. */
void mountopt_words(const struct mountopts *o, void (*fn)(const char *word, void *arg), void *arg);

/* The known words, in table order; NULL past the end. */
const char *mountopt_name(unsigned i);
