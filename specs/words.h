/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the specification and the numbers that they stand for, one table each. The
 * reader, the writer, the messages ("it is one of ...") and `berth features` use these.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/attr.h"

enum word_list {
	WORDS_NAMESPACES,        /* enum ns_type */
	WORDS_CAPABILITIES,      /* "CAP_CHOWN": bit number */
	WORDS_RLIMITS,           /* "RLIMIT_AS": RLIMIT_* */
	WORDS_SCHED_POLICIES,    /* SCHED_* */
	WORDS_SCHED_FLAGS,       /* SCHED_FLAG_* */
	WORDS_IOPRIO_CLASSES,    /* IOPRIO_CLASS_* */
	WORDS_PROPAGATION,       /* enum propagation */
	WORDS_PERSONALITIES,     /* PER_* */
	WORDS_SECCOMP_ACTIONS,   /* SECCOMP_RET_* */
	WORDS_SECCOMP_OPERATORS, /* enum seccomp_op */
	WORDS_SECCOMP_ARCHES,    /* AUDIT_ARCH_*, ARCH_X32 */
	WORDS_SECCOMP_FLAGS,     /* SECCOMP_FILTER_FLAG_* */
	WORDS_MEMPOLICY_MODES,   /* MPOL_* */
	WORDS_MEMPOLICY_FLAGS,   /* MPOL_F_* */
	WORDS_DEVICE_TYPES,      /* S_IFCHR, ... */
	WORDS_HOOKS,             /* enum hook_type */
	WORDS_CLOCKS,            /* enum time_clock */
	WORDS_MOUNT_OPTIONS,     /* the number is the place in the table of mountopt.c */
	WORDS_COUNT
};

/* What a word of the list is called in a message: "namespace type". */
const char *words_what(enum word_list l);

/* The i-th word, in table order; NULL past the end. */
const char *word_at(enum word_list l, unsigned i);

/* The number of a word, exactly as written. False: no such word. */
_must_check_ bool word_value(enum word_list l, const char *word, uint64_t *value);

/* The first word with that number; NULL: none. */
const char *word_of(enum word_list l, uint64_t value);
