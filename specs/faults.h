/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is wrong with an input, collected before anything is touched:
 * a user sees all faults of a file at once, each with its place.
 */
#pragma once

#include <stddef.h>

#include "runtime/base/attr.h"

struct arena;
struct err;

enum fault_kind {
	FAULT_INVALID,     /* the specification forbids it */
	FAULT_UNSUPPORTED, /* valid, but this berth cannot */
	FAULT_WARNING,     /* valid, but ignored or probably not meant; never fails a command */
};

struct fault {
	enum fault_kind kind;
	const char *pointer; /* JSON pointer, "/linux/resources/cpu/shares"; "" for the document */
	unsigned line, column; /* 1-based place in the text; 0: unknown */
	const char *text;      /* what is wrong, and what would be right */
};

struct faults {
	struct arena *arena;
	struct fault *v;
	size_t n;
	size_t errors; /* of them not FAULT_WARNING */
	size_t stage;  /* faults before this one came from an earlier stage */
};

/*
 * What is checked from here on may find again what was found before: a fault with the pointer
 * of an earlier stage's is dropped.
 */
void faults_stage(struct faults *f);

/* Record one; the strings are copied. */
void fault_add(struct faults *f, enum fault_kind kind, const char *pointer, const char *text, ...)
	_printf_(4, 5);

/*
 * All faults that are not warnings as one error on one line:
 * "FILE: /a/b: text (line 3, column 7); /c: text". 0 when there are none.
 */
int faults_err(const struct faults *f, const char *file, struct err *e);
