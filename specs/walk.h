/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON objects as field tables: one row says where a member of config.json lies in its struct,
 * what it may be, and how it is written back. One walker reads by them, one writes by them.
 *
 * While all is well the reader builds no strings for places: a place is a chain of stack
 * records, made into a JSON pointer only for a fault.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/attr.h"
#include "specs/faults.h"
#include "specs/words.h"

struct arena;
struct json_out;
struct json_val;

struct walk {
	struct arena *a;
	struct faults *f;
};

struct place {
	const struct place *up; /* NULL: the document */
	const char *key;        /* NULL: an element of an array */
	size_t index;
};

enum field_kind {
	FIELD_STR, /* const char *; an optional "" is NULL, as Go callers mean it */
	FIELD_BOOL,
	FIELD_TRI,     /* int: -1 unset, 0, 1 */
	FIELD_INT,     /* any integer type, lo to hi */
	FIELD_WORD,    /* any integer type, a word of the list */
	FIELD_BITS,    /* any integer type: array of words, or-ed */
	FIELD_STRV,    /* struct strv */
	FIELD_KVS,     /* struct kvs: object of strings */
	FIELD_U32S,    /* uint32_t array and count: numbers */
	FIELD_WORD32S, /* uint32_t array and count: words of the list */
	FIELD_OBJ,  /* object: another table over the bytes from offset; count: relative to base */
	FIELD_LIST, /* array of objects: array of structs and count */
	FIELD_MAP,  /* object of objects: the same, the key is the first member of the struct */
	FIELD_FN,   /* by hand */
};

enum field_flag {
	FIELD_REQUIRED = 1, /* must be there; is always written */
};

struct field {
	const char *key;
	enum field_kind kind;
	unsigned flags;
	size_t offset;
	size_t size;  /* of the number, or of an element */
	size_t count; /* FIELD_U32S, LIST, MAP: where the count is; else a bool "was there"; or NONE
		       */
	int64_t lo;
	uint64_t hi;
	uint64_t unset; /* not written when it has this value */
	enum word_list words;
	const struct table *sub;
	/* FIELD_FN; base is the struct that the table is for; v is never null. */
	void (*read)(struct walk *w, const struct json_val *v, void *base, const struct place *at);
	void (*write)(struct json_out *o, const char *key, const void *base);
};
#define FIELD_NONE SIZE_MAX

struct table {
	const struct field *v;
	unsigned n;
	bool closed; /* other keys are faults; only where the specification names all */
	void (*init)(void *base); /* before reading an element that zeroes do not fit */
	/* after reading: checks over several members, values that depend on each other */
	void (*done)(struct walk *w, const struct json_val *v, void *base, const struct place *at);
};
#define TABLE(rows) .v = (rows), .n = ARRAY_SIZE(rows)

/* ---- rows: the struct, the JSON key, the member ---- */
#define MEMBER(s, m) .offset = offsetof(s, m), .size = sizeof(((s *)0)->m)
#define ROW_STR(s, k, m, fl)                                                                       \
	{                                                                                          \
		.key = k, .kind = FIELD_STR, MEMBER(s, m), .count = FIELD_NONE, .flags = fl        \
	}
#define ROW_BOOL(s, k, m, fl)                                                                      \
	{                                                                                          \
		.key = k, .kind = FIELD_BOOL, MEMBER(s, m), .count = FIELD_NONE, .flags = fl       \
	}
#define ROW_TRI(s, k, m)                                                                           \
	{                                                                                          \
		.key = k, .kind = FIELD_TRI, MEMBER(s, m), .count = FIELD_NONE                     \
	}
#define ROW_INT(s, k, m, min, max, none, fl)                                                       \
	{                                                                                          \
		.key = k, .kind = FIELD_INT, MEMBER(s, m), .count = FIELD_NONE, .lo = min,         \
		.hi = max, .unset = (uint64_t)(none), .flags = fl                                  \
	}
#define ROW_WORD(s, k, m, list, none, fl)                                                          \
	{                                                                                          \
		.key = k, .kind = FIELD_WORD, MEMBER(s, m), .count = FIELD_NONE, .words = list,    \
		.unset = (uint64_t)(none), .flags = fl                                             \
	}
#define ROW_BITS(s, k, m, list, flag)                                                              \
	{                                                                                          \
		.key = k, .kind = FIELD_BITS, MEMBER(s, m), .count = flag, .words = list           \
	}
#define ROW_STRV(s, k, m, flag, fl)                                                                \
	{                                                                                          \
		.key = k, .kind = FIELD_STRV, MEMBER(s, m), .count = flag, .flags = fl             \
	}
#define ROW_KVS(s, k, m)                                                                           \
	{                                                                                          \
		.key = k, .kind = FIELD_KVS, MEMBER(s, m), .count = FIELD_NONE                     \
	}
#define ROW_U32S(s, k, m, nm, max)                                                                 \
	{                                                                                          \
		.key = k, .kind = FIELD_U32S, .offset = offsetof(s, m), .size = sizeof(uint32_t),  \
		.count = offsetof(s, nm), .hi = max                                                \
	}
#define ROW_WORD32S(s, k, m, nm, list)                                                             \
	{                                                                                          \
		.key = k, .kind = FIELD_WORD32S, .offset = offsetof(s, m),                         \
		.size = sizeof(uint32_t), .count = offsetof(s, nm), .words = list                  \
	}
#define ROW_OBJ(s, k, off, flag, table, fl)                                                        \
	{                                                                                          \
		.key = k, .kind = FIELD_OBJ, .offset = off, .count = flag, .sub = &(table),        \
		.flags = fl                                                                        \
	}
#define ROW_LIST(s, k, m, nm, table)                                                               \
	{                                                                                          \
		.key = k, .kind = FIELD_LIST, .offset = offsetof(s, m),                            \
		.size = sizeof(*((s *)0)->m), .count = offsetof(s, nm), .sub = &(table)            \
	}
#define ROW_MAP(s, k, m, nm, table)                                                                \
	{                                                                                          \
		.key = k, .kind = FIELD_MAP, .offset = offsetof(s, m),                             \
		.size = sizeof(*((s *)0)->m), .count = offsetof(s, nm), .sub = &(table)            \
	}
#define ROW_FN(k, rd, wr, fl)                                                                      \
	{                                                                                          \
		.key = k, .kind = FIELD_FN, .read = rd, .write = wr, .flags = fl                   \
	}

/* ---- reading ---- */

/* Whether v was an object at all; base is filled as far as it was right. */
bool walk_object(struct walk *w, const struct json_val *v, const struct table *t, void *base,
		 const struct place *at);

/* Single values, for rows done by hand: false after a fault at that place. */
_must_check_ bool walk_str(struct walk *w, const struct json_val *v, const char **out,
			   const struct place *at);
_must_check_ bool walk_bool(struct walk *w, const struct json_val *v, bool *out,
			    const struct place *at);
_must_check_ bool walk_int(struct walk *w, const struct json_val *v, int64_t lo, uint64_t hi,
			   uint64_t *out, const struct place *at);
_must_check_ bool walk_word(struct walk *w, const struct json_val *v, enum word_list l,
			    uint64_t *out, const struct place *at);

/* kind is an enum json_kind. */
_must_check_ bool walk_kind(struct walk *w, const struct json_val *v, int kind,
			    const struct place *at);

void walk_fault(struct walk *w, enum fault_kind kind, const struct place *at, const char *text, ...)
	_printf_(4, 5);

/* "unknown seccomp action 'X'; it is one of A, B, C" */
void walk_unknown_word(struct walk *w, enum word_list l, const char *word, const struct place *at);

/* ---- writing ---- */

/* The members, without the braces. */
void table_write(struct json_out *o, const struct table *t, const void *base);
