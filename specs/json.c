/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/json.h"

#include <jansson.h>
#include <string.h>
#include <sys/auxv.h>

#include "runtime/base/buf.h"
#include "specs/faults.h"
#include "specs/json_in.h"
#include "specs/oci.h"

/* struct json_doc and struct json_val are never defined: both are a json_t by another name */
static json_t *raw(const struct json_val *v)
{
	return (json_t *)(uintptr_t)v;
}

static const struct json_val *val(const json_t *j)
{
	return (const struct json_val *)(const void *)j;
}

/* ---- reading ---- */

/*
 * jansson 2.14 has no unsigned integers: above INT64_MAX it reports an overflow, and
 * JSON_DECODE_INT_AS_REAL would round every number of the document. Only then is the text copied
 * with such numbers packed into strings, which is exact.
 */
static json_t *load_u64(const char *text, size_t len, json_error_t *why)
{
	own_buf copy = BUF_INIT;
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;

	if (json_scan_u64(text, len, &copy))
		flags |= JSON_ALLOW_NUL;
	return json_loadb(copy.data, copy.len, flags, why);
}

/*
 * jansson would open /dev/urandom for its hash seed. The kernel gave every program 16 random bytes
 * at exec (getauxval(3)); glibc takes its canary from them, so the seed is a mixture, not a part.
 */
static void seed_hash(void)
{
	const unsigned char *bytes = (const unsigned char *)getauxval(AT_RANDOM);
	uint32_t seed = 2166136261u;

	for (int i = 0; bytes && i < 16; i++)
		seed = (seed ^ bytes[i]) * 16777619u;
	json_object_seed(seed ? seed : 1);
}

static json_t *load(const char *text, size_t len, json_error_t *why)
{
	seed_hash();

	json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, why);

	if (!j && json_error_code(why) == json_error_numeric_overflow)
		j = load_u64(text, len, why);
	return j;
}

static void fault_place(struct faults *f, size_t before, unsigned line, unsigned column)
{
	if (f->n == before)
		return;
	f->v[before].line = line;
	f->v[before].column = column;
}

static void fault_syntax(struct faults *f, const json_error_t *why)
{
	size_t before = f->n;
	enum json_error_code code = json_error_code(why);

	if (code == json_error_null_character)
		fault_add(
			f, FAULT_INVALID, "",
			"a string holds a NUL (\\u0000), which no argument, path or variable can");
	else if (code == json_error_end_of_input_expected)
		fault_add(f, FAULT_INVALID, "", "there is text behind the end of the document: %s",
			  why->text);
	else if (code == json_error_numeric_overflow)
		fault_add(f, FAULT_INVALID, "", "a number does not fit into 64 bits: %s",
			  why->text);
	else if (code == json_error_duplicate_key)
		fault_add(f, FAULT_INVALID, "", "%s: each key may be given once", why->text);
	else
		fault_add(f, FAULT_INVALID, "", "not valid JSON: %s", why->text);
	if (why->line > 0)
		fault_place(f, before, (unsigned)why->line,
			    why->column > 0 ? (unsigned)why->column : 1);
}

struct json_doc *json_read(const char *text, size_t len, struct faults *f)
{
	size_t before = f->n;
	unsigned line, column;
	json_error_t why;

	if (!len) {
		fault_add(f, FAULT_INVALID, "",
			  "the file is empty; an object ({ ... }) belongs here");
		return NULL;
	}
	if (len > OCI_MAX_SIZE) {
		fault_add(f, FAULT_INVALID, "", "%zu bytes are too large: at most %d are read", len,
			  OCI_MAX_SIZE);
		return NULL;
	}

	/* jansson recurses at every bracket: the depth is looked at before */
	size_t deep = json_scan_depth(text, len, OCI_MAX_DEPTH);

	if (deep < len) {
		fault_add(f, FAULT_INVALID, "", "nested too deeply: at most %d levels are read",
			  OCI_MAX_DEPTH);
		json_scan_place(text, deep, &line, &column);
		fault_place(f, before, line, column);
		return NULL;
	}

	json_t *j = load(text, len, &why);

	if (!j)
		fault_syntax(f, &why);
	return (struct json_doc *)(void *)j;
}

struct json_doc *json_parse(const char *text, size_t len)
{
	json_error_t why;

	if (len > OCI_MAX_SIZE || json_scan_depth(text, len, OCI_MAX_DEPTH) < len)
		return NULL;

	json_t *j = load(text, len, &why);

	if (!json_is_object(j)) {
		json_decref(j);
		return NULL;
	}
	return (struct json_doc *)(void *)j;
}

void json_doc_free(struct json_doc *d)
{
	json_decref((json_t *)(void *)d);
}

const struct json_val *json_root(const struct json_doc *d)
{
	return (const struct json_val *)(const void *)d;
}

/* ---- values ---- */

static bool is_u64(const json_t *j)
{
	/* the only strings that hold a NUL are those of json_scan_u64() */
	return json_is_string(j) && json_string_length(j) == JSON_U64_LEN &&
	       !json_string_value(j)[0];
}

enum json_kind json_kind(const struct json_val *v)
{
	switch (json_typeof(raw(v))) {
	case JSON_OBJECT:
		return JK_OBJECT;
	case JSON_ARRAY:
		return JK_ARRAY;
	case JSON_STRING:
		return is_u64(raw(v)) ? JK_U64 : JK_STR;
	case JSON_INTEGER:
		return JK_INT;
	case JSON_REAL:
		return JK_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return JK_BOOL;
	case JSON_NULL:
		break;
	}
	return JK_NULL;
}

bool json_bool_of(const struct json_val *v)
{
	return json_is_true(raw(v));
}

int64_t json_int_of(const struct json_val *v)
{
	return json_integer_value(raw(v));
}

uint64_t json_u64_of(const struct json_val *v)
{
	if (is_u64(raw(v)))
		return json_u64_unpack(json_string_value(raw(v)));
	return (uint64_t)json_integer_value(raw(v));
}

double json_real_of(const struct json_val *v)
{
	return json_real_value(raw(v));
}

const char *json_str_of(const struct json_val *v, size_t *len)
{
	*len = json_string_length(raw(v));
	return json_string_value(raw(v));
}

void *json_first(const struct json_val *v)
{
	return json_object_iter(raw(v));
}

void *json_next(const struct json_val *v, void *it)
{
	return json_object_iter_next(raw(v), it);
}

const char *json_key_of(void *it)
{
	return json_object_iter_key(it);
}

const struct json_val *json_value_of(void *it)
{
	return val(json_object_iter_value(it));
}

/* ---- the flat reader ---- */

const struct json_val *json_get(const struct json_val *v, const char *key)
{
	return val(json_object_get(raw(v), key));
}

const char *json_as_str(const struct json_val *v)
{
	return v && !is_u64(raw(v)) ? json_string_value(raw(v)) : NULL;
}

const char *json_get_str(const struct json_val *v, const char *key, const char *fallback)
{
	const char *s = json_as_str(json_get(v, key));

	return s ? s : fallback;
}

int64_t json_get_int(const struct json_val *v, const char *key, int64_t fallback)
{
	const json_t *j = json_object_get(raw(v), key);

	return json_is_integer(j) ? json_integer_value(j) : fallback;
}

uint64_t json_get_u64(const struct json_val *v, const char *key, uint64_t fallback)
{
	const json_t *j = json_object_get(raw(v), key);

	if (is_u64(j))
		return json_u64_of(val(j));
	return json_is_integer(j) && json_integer_value(j) >= 0 ? (uint64_t)json_integer_value(j)
								: fallback;
}

bool json_get_bool(const struct json_val *v, const char *key, bool fallback)
{
	const json_t *j = json_object_get(raw(v), key);

	return json_is_boolean(j) ? json_is_true(j) : fallback;
}

size_t json_len(const struct json_val *v)
{
	return json_array_size(raw(v));
}

const struct json_val *json_at(const struct json_val *v, size_t i)
{
	return val(json_array_get(raw(v), i));
}

void json_each(const struct json_val *v,
	       void (*fn)(const char *key, const struct json_val *value, void *arg), void *arg)
{
	for (void *it = json_first(v); it; it = json_next(v, it))
		fn(json_key_of(it), json_value_of(it), arg);
}
