/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "specs/faults.h"
#include "specs/json.h"
#include "specs/json_in.h"
#include "specs/oci.h"

/* ---- the writer ---- */

static void document(struct json_out *o)
{
	json_open(o, NULL, '{');
	json_str(o, "s", "a/b");
	json_open(o, "list", '[');
	json_int(o, NULL, INT64_MIN);
	json_u64(o, NULL, UINT64_MAX);
	json_close(o, ']');
	json_open(o, "empty", '{');
	json_close(o, '}');
	json_bool(o, "t", true);
	json_bool(o, "f", false);
	json_nil(o, "n");
	json_close(o, '}');
}

static void documents_are_written(_unused_ void **state)
{
	own_buf plain = BUF_INIT, pretty = BUF_INIT;
	struct json_out o = { .b = &plain }, p = { .b = &pretty, .pretty = true };

	document(&o);
	assert_string_equal(plain.data,
			    "{\"s\":\"a/b\",\"list\":[-9223372036854775808,18446744073709551615],"
			    "\"empty\":{},\"t\":true,\"f\":false,\"n\":null}");
	document(&p);
	assert_string_equal(pretty.data,
			    "{\n\t\"s\": \"a/b\",\n\t\"list\": [\n\t\t-9223372036854775808,\n"
			    "\t\t18446744073709551615\n\t],\n\t\"empty\": {},\n\t\"t\": true,\n"
			    "\t\"f\": false,\n\t\"n\": null\n}");
}

static void strings_are_escaped(_unused_ void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain", "\"plain\"" },
		{ "", "\"\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb3",
		  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb3\"" },
		/*
		 * a lone continuation, an overlong '/', a surrogate, above U+10FFFF, a cut sequence
		 */
		{ "a\x80z", "\"a\xef\xbf\xbdz\"" },
		{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		own_buf b = BUF_INIT;
		struct json_out o = { .b = &b };

		json_str(&o, NULL, rows[i].in);
		assert_string_equal(b.data, rows[i].out);
	}
}

/* ---- strict reading ---- */

static const struct bad {
	const char *text, *words;
	unsigned line, column;
} bads[] = {
	{ "", "empty", 0, 0 },
	{ "{", "not valid JSON", 1, 1 },
	{ "{\n \"a\": tru\n}", "not valid JSON", 2, 9 },
	{ "{\"a\":1,}", "not valid JSON", 1, 8 },
	{ "{\"a\" 1}", "not valid JSON", 1, 6 },
	{ "{'a':1}", "not valid JSON", 1, 2 },
	{ "{\"a\":01}", "not valid JSON", 1, 6 },
	{ "{\"a\":\"\t\"}", "not valid JSON", 1, 6 },
	{ "{\"a\":\"\xff\"}", "not valid JSON", 1, 0 },
	{ "{\"a\":1} x", "behind the end", 1, 9 },
	{ "{}{}", "behind the end", 1, 3 },
	{ "{\"a\":1,\n\"a\":2}", "once", 2, 3 },
	{ "{\"a\":{\"b\":1,\"b\":1}}", "once", 1, 15 },
	{ "{\"a\":\"x\\u0000y\"}", "NUL", 1, 15 },
	{ "{\"a\\u0000\":1}", "NUL", 1, 10 },
	{ "{\"a\":18446744073709551616}", "64 bits", 1, 25 },
	{ "{\"a\":-9223372036854775809}", "64 bits", 1, 25 },
	/* numbers that need the second look, and a fault behind them keeps its place */
	{ "{\"a\":18446744073709551615,\n\"b\":\"\\u0000\"}", "NUL", 2, 12 },
	{ "{\"b\":\"\\u0000\",\n\"a\":18446744073709551615}", "NUL", 1, 13 },
	{ "{\"a\":18446744073709551615,\n\"a\":1}", "once", 2, 3 },
};

static void bad_texts_have_one_fault_with_its_place(_unused_ void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(bads); i++) {
		struct arena a = ARENA_INIT;
		struct faults f = { .arena = &a };

		assert_null(json_read(bads[i].text, strlen(bads[i].text), &f));
		assert_int_equal(f.n, 1);
		assert_string_equal(f.v[0].pointer, "");
		if (!strstr(f.v[0].text, bads[i].words))
			fail_msg("%s: %s", bads[i].text, f.v[0].text);
		if (f.v[0].line != bads[i].line ||
		    (bads[i].column && f.v[0].column != bads[i].column))
			fail_msg("%s: %u:%u: %s", bads[i].text, f.v[0].line, f.v[0].column,
				 f.v[0].text);
		arena_free(&a);
	}
}

static void raw_nul_bytes_are_refused(_unused_ void **state)
{
	static const char inside[] = "{\"a\":\"x\0y\"}", behind[] = "{}\0";
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };

	assert_null(json_read(inside, sizeof(inside) - 1, &f));
	assert_null(json_read(behind, sizeof(behind) - 1, &f));
	assert_int_equal(f.errors, 2);
	arena_free(&a);
}

/* depth levels of brackets, all closed */
static struct json_doc *nested(unsigned depth, struct faults *f)
{
	own_buf b = BUF_INIT;

	for (unsigned i = 0; i < depth; i++)
		buf_puts(&b, "[");
	/* brackets in strings do not count */
	buf_puts(&b, "\"[[[[\\\"[[[[{{{{\"");
	for (unsigned i = 0; i < depth; i++)
		buf_puts(&b, "]");
	return json_read(b.data, b.len, f);
}

static void depth_is_limited(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct json_doc *d = nested(OCI_MAX_DEPTH, &f);

	assert_non_null(d);
	json_doc_free(d);
	assert_null(nested(OCI_MAX_DEPTH + 1, &f));
	assert_non_null(strstr(f.v[0].text, "deep"));
	assert_int_equal(f.v[0].column, OCI_MAX_DEPTH + 1);
	assert_null(nested(1000000, &f));
	arena_free(&a);
}

static void size_is_limited(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	char *text = malloc(OCI_MAX_SIZE + 1);

	memset(text, ' ', OCI_MAX_SIZE + 1);
	memcpy(text, "{}", 2);

	struct json_doc *d = json_read(text, OCI_MAX_SIZE, &f);

	assert_non_null(d);
	json_doc_free(d);
	assert_null(json_read(text, OCI_MAX_SIZE + 1, &f));
	assert_non_null(strstr(f.v[0].text, "too large"));
	free(text);
	arena_free(&a);
}

static void integers_are_exact(_unused_ void **state)
{
	static const struct {
		const char *text;
		enum json_kind kind;
		uint64_t v;
	} rows[] = {
		{ "[0]", JK_INT, 0 },
		{ "[-1]", JK_INT, UINT64_MAX },
		{ "[9223372036854775807]", JK_INT, INT64_MAX },
		{ "[-9223372036854775808]", JK_INT, (uint64_t)INT64_MIN },
		{ "[9223372036854775808]", JK_U64, 1ull << 63 },
		{ "[9999999999999999999]", JK_U64, 9999999999999999999ull },
		{ "[10000000000000000000]", JK_U64, 10000000000000000000ull },
		{ "[18446744073709551614]", JK_U64, UINT64_MAX - 1 },
		{ "[18446744073709551615]", JK_U64, UINT64_MAX },
		{ "[18446744073709551615.0, 18446744073709551615]", JK_REAL, 0 },
		{ "[1.5]", JK_REAL, 0 },
		{ "[1e3]", JK_REAL, 0 },
		{ "[\"18446744073709551615\", 18446744073709551615]", JK_STR, 0 },
		{ "[\"18446744073709551615]\"]", JK_STR, 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena a = ARENA_INIT;
		struct faults f = { .arena = &a };
		struct json_doc *d = json_read(rows[i].text, strlen(rows[i].text), &f);

		assert_non_null(d);

		const struct json_val *v = json_at(json_root(d), 0);

		assert_int_equal(json_kind(v), rows[i].kind);
		if (rows[i].kind == JK_INT || rows[i].kind == JK_U64)
			assert_true(json_u64_of(v) == rows[i].v);
		json_doc_free(d);
		arena_free(&a);
	}
}

/* ---- places ---- */

static void pointers_are_found_in_the_text(_unused_ void **state)
{
	static const char text[] = "{\n"
				   " \"a\": {\"b\": [1, {\"c\": \"}\\\"]\"}, 3]},\n"
				   " \"x/y~z\": 5,\n"
				   " \"\xc3\xa4\": [], \"q\\\"\": 6\n"
				   "}";
	static const struct {
		const char *pointer;
		unsigned line, column;
	} rows[] = {
		{ "", 1, 1 },
		{ "/a", 2, 7 },
		{ "/a/b", 2, 13 },
		{ "/a/b/0", 2, 14 },
		{ "/a/b/1", 2, 17 },
		{ "/a/b/1/c", 2, 23 },
		{ "/a/b/2", 2, 32 },
		{ "/x~1y~0z", 3, 11 },
		{ "/\xc3\xa4", 4, 7 },
		{ "/q\"", 4, 18 },
		/* what is not there is at the nearest thing around it */
		{ "/nope", 1, 1 },
		{ "/a/nope", 2, 7 },
		{ "/a/b/3", 2, 13 },
		{ "/a/b/0/c", 2, 14 },
		{ "/a/b/1/d/e", 2, 17 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned line, column;

		json_scan_locate(text, sizeof(text) - 1, rows[i].pointer, &line, &column);
		if (line != rows[i].line || column != rows[i].column)
			fail_msg("%s is at %u:%u", rows[i].pointer, line, column);
	}
}

/* ---- the flat reader ---- */

static void count_member(const char *key, const struct json_val *value, void *arg)
{
	assert_non_null(key);
	assert_non_null(value);
	++*(int *)arg;
}

static void flat_records_are_read(_unused_ void **state)
{
	static const char text[] = "{\"s\":\"x\",\"i\":-5,\"u\":18446744073709551615,\"b\":true,"
				   "\"n\":null,\"l\":[\"p\",2,\"q\"]}";
	struct json_doc *d = json_parse(text, sizeof(text) - 1);
	int members = 0;

	assert_non_null(d);

	const struct json_val *r = json_root(d);

	assert_string_equal(json_get_str(r, "s", "no"), "x");
	assert_string_equal(json_get_str(r, "i", "no"), "no");
	assert_string_equal(json_get_str(r, "u", "no"), "no");
	assert_string_equal(json_get_str(r, "absent", "no"), "no");
	assert_int_equal(json_get_int(r, "i", 1), -5);
	assert_int_equal(json_get_int(r, "s", 1), 1);
	assert_true(json_get_u64(r, "u", 1) == UINT64_MAX);
	assert_true(json_get_u64(r, "i", 7) == 7);
	assert_true(json_get_bool(r, "b", false));
	assert_false(json_get_bool(r, "n", false));
	assert_int_equal(json_len(json_get(r, "l")), 3);
	assert_int_equal(json_len(json_get(r, "s")), 0);
	assert_int_equal(json_len(NULL), 0);
	assert_string_equal(json_as_str(json_at(json_get(r, "l"), 2)), "q");
	assert_null(json_as_str(json_at(json_get(r, "l"), 1)));
	assert_null(json_at(json_get(r, "l"), 3));
	assert_null(json_at(NULL, 0));
	assert_null(json_get(NULL, "x"));
	json_each(r, count_member, &members);
	assert_int_equal(members, 6);
	json_each(NULL, count_member, &members);
	assert_int_equal(members, 6);
	json_doc_free(d);

	assert_null(json_parse("[]", 2));
	assert_null(json_parse("{", 1));
	assert_null(json_parse("", 0));
	json_doc_free(NULL);
}

/* ---- faults ---- */

static void faults_become_one_line(_unused_ void **state)
{
	struct arena a = ARENA_INIT;
	struct faults f = { .arena = &a };
	struct err e = { 0 };

	fault_add(&f, FAULT_WARNING, "/w", "only a warning");
	assert_int_equal(faults_err(&f, "config.json", &e), 0);
	fault_add(&f, FAULT_INVALID, "/a/b", "text %d", 1);
	f.v[1].line = 3;
	f.v[1].column = 7;
	fault_add(&f, FAULT_UNSUPPORTED, "", "more");
	assert_true(faults_err(&f, "config.json", &e) < 0);
	assert_string_equal(e.text, "config.json: /a/b: text 1 (line 3, column 7); more");

	/* too many for one line, and for anyone to read */
	for (int i = 0; i < 1000; i++)
		fault_add(&f, FAULT_INVALID, "/x", "number %d", i);
	assert_int_equal(f.errors, 1002);
	assert_true(f.n < 500);
	assert_true(faults_err(&f, "config.json", &e) < 0);
	assert_non_null(strstr(e.text, "more faults"));
	arena_free(&a);
}

TEST_GROUP(json, cmocka_unit_test(documents_are_written), cmocka_unit_test(strings_are_escaped),
	   cmocka_unit_test(bad_texts_have_one_fault_with_its_place),
	   cmocka_unit_test(raw_nul_bytes_are_refused), cmocka_unit_test(depth_is_limited),
	   cmocka_unit_test(size_is_limited), cmocka_unit_test(integers_are_exact),
	   cmocka_unit_test(pointers_are_found_in_the_text),
	   cmocka_unit_test(flat_records_are_read), cmocka_unit_test(faults_become_one_line));
