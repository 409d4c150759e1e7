/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "specs/json.h"

static void newline(struct json_out *o)
{
	if (!o->pretty)
		return;
	buf_put(o->b, "\n", 1);
	for (unsigned i = 0; i < o->depth; i++)
		buf_put(o->b, "\t", 1);
}

/* The length of the UTF-8 sequence at s; 0: it is not valid (overlong, surrogate, too large). */
static size_t utf8_len(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
		return 0;
	if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void put_escape(struct buf *b, unsigned char c)
{
	static const char letters[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *l = strchr(letters, c);

	if (l)
		buf_printf(b, "\\%c", names[l - letters]);
	else
		buf_printf(b, "\\u%04x", c);
}

static void put_string(struct buf *b, const char *s)
{
	const unsigned char *p = (const unsigned char *)s, *from = p;

	buf_put(b, "\"", 1);
	while (*p) {
		size_t n = utf8_len(p);

		if (n && *p >= 0x20 && *p != '"' && *p != '\\') {
			p += n;
			continue;
		}
		buf_put(b, from, (size_t)(p - from));
		if (n)
			put_escape(b, *p);
		else
			buf_puts(b, "\xef\xbf\xbd");
		from = ++p;
	}
	buf_put(b, from, (size_t)(p - from));
	buf_put(b, "\"", 1);
}

/* What stands before a value: the comma, the line, the key. */
static void lead(struct json_out *o, const char *key)
{
	if (o->depth) {
		if (!o->first)
			buf_put(o->b, ",", 1);
		newline(o);
	}
	o->first = false;
	if (!key)
		return;
	put_string(o->b, key);
	buf_puts(o->b, o->pretty ? ": " : ":");
}

void json_open(struct json_out *o, const char *key, char bracket)
{
	lead(o, key);
	buf_put(o->b, &bracket, 1);
	o->depth++;
	o->first = true;
}

void json_close(struct json_out *o, char bracket)
{
	o->depth--;
	if (!o->first)
		newline(o);
	buf_put(o->b, &bracket, 1);
	o->first = false;
}

void json_str(struct json_out *o, const char *key, const char *v)
{
	if (!v) {
		json_nil(o, key);
		return;
	}
	lead(o, key);
	put_string(o->b, v);
}

void json_int(struct json_out *o, const char *key, int64_t v)
{
	lead(o, key);
	buf_printf(o->b, "%" PRId64, v);
}

void json_u64(struct json_out *o, const char *key, uint64_t v)
{
	lead(o, key);
	buf_printf(o->b, "%" PRIu64, v);
}

void json_bool(struct json_out *o, const char *key, bool v)
{
	lead(o, key);
	buf_puts(o->b, v ? "true" : "false");
}

void json_nil(struct json_out *o, const char *key)
{
	lead(o, key);
	buf_puts(o->b, "null");
}
