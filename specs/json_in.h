/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict reading of JSON that came from outside, for the readers in specs/ alone. The document
 * is one JSON value without duplicate keys, without NUL in strings, at most OCI_MAX_DEPTH deep
 * and OCI_MAX_SIZE long; integers are exact from INT64_MIN to UINT64_MAX.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/attr.h"
#include "specs/json.h"

struct buf;
struct faults;

enum json_kind {
	JK_NULL,
	JK_BOOL,
	JK_INT, /* fits int64_t */
	JK_U64, /* above INT64_MAX */
	JK_REAL,
	JK_STR,
	JK_ARRAY,
	JK_OBJECT,
};

/* NULL after one fault, with line and column, when the text is no such document. */
struct json_doc *json_read(const char *text, size_t len, struct faults *f);

enum json_kind json_kind(const struct json_val *v);
bool json_bool_of(const struct json_val *v);
int64_t json_int_of(const struct json_val *v);  /* JK_INT */
uint64_t json_u64_of(const struct json_val *v); /* JK_INT and JK_U64, as 64 bits */
double json_real_of(const struct json_val *v);
const char *json_str_of(const struct json_val *v, size_t *len);

/* Members in document order: for (it = json_first(v); it; it = json_next(v, it)) */
void *json_first(const struct json_val *v);
void *json_next(const struct json_val *v, void *it);
const char *json_key_of(void *it);
const struct json_val *json_value_of(void *it);

/* ---- json_scan.c: looking at the text itself ---- */

/* The offset of the first bracket that is deeper than max; len when there is none. */
size_t json_scan_depth(const char *text, size_t len, unsigned max);

/*
 * A copy of the text, of the same length and with the same places, in which every integer from
 * INT64_MAX + 1 to UINT64_MAX is a string: a NUL escape, then the value (json_u64_unpack). A user's
 * string cannot look like it: false when one holds a NUL escape itself, and then the copy
 * has a plain 0 for each of the numbers.
 */
bool json_scan_u64(const char *text, size_t len, struct buf *copy);
enum { JSON_U64_LEN = 12 }; /* NUL and 11 digits */
uint64_t json_u64_unpack(const char *s);

/*
 * Line and column (1-based, in characters) of the value that a JSON pointer names, or of the
 * nearest thing around it that exists. The text is valid JSON.
 */
void json_scan_locate(const char *text, size_t len, const char *pointer, unsigned *line,
		      unsigned *column);
void json_scan_place(const char *text, size_t offset, unsigned *line, unsigned *column);
