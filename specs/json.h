/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only place that sees jansson: strict reading with places, and writing that is
 * exact over the whole uint64 range and never escapes '/'.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/attr.h"

struct buf;

/*
 * Writer: call in document order; commas and indentation come by themselves. A key is
 * NULL inside an array. Strings are UTF-8 and escaped as JSON wants; invalid bytes become U+FFFD.
 */
struct json_out {
	struct buf *b;
	bool pretty;
	unsigned depth;
	bool first;
};

void json_open(struct json_out *o, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_out *o, char bracket);                 /* '}' or ']' */
void json_str(struct json_out *o, const char *key, const char *v);
void json_int(struct json_out *o, const char *key, int64_t v);
void json_u64(struct json_out *o, const char *key, uint64_t v);
void json_bool(struct json_out *o, const char *key, bool v);
void json_nil(struct json_out *o, const char *key); /* null; jansson owns the symbol json_null */

/*
 * Flat reader for our own small records: one object whose members are strings, numbers and
 * booleans, or arrays and objects of those. Opaque; freed with json_doc_free().
 */
struct json_doc;
struct json_val;

/* NULL when the text is not one JSON object. */
struct json_doc *json_parse(const char *text, size_t len);
void json_doc_free(struct json_doc *d);
const struct json_val *json_root(const struct json_doc *d);

/* Members by key; the fallback when absent or of another type. */
const char *json_get_str(const struct json_val *v, const char *key, const char *fallback);
int64_t json_get_int(const struct json_val *v, const char *key, int64_t fallback);
uint64_t json_get_u64(const struct json_val *v, const char *key, uint64_t fallback);
bool json_get_bool(const struct json_val *v, const char *key, bool fallback);
const struct json_val *json_get(const struct json_val *v, const char *key);

/* Array elements; 0 and NULL for anything else. */
size_t json_len(const struct json_val *v);
const struct json_val *json_at(const struct json_val *v, size_t i);
const char *json_as_str(const struct json_val *v);

/* Walk an object: call fn for each member in order. */
void json_each(const struct json_val *v,
	       void (*fn)(const char *key, const struct json_val *value, void *arg), void *arg);
