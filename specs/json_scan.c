/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "specs/json_in.h"

/* From behind an opening quote to behind the closing one. */
static size_t skip_string(const char *text, size_t len, size_t i)
{
	while (i < len && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	return i < len ? i + 1 : len;
}

/* The bytes that mean something to the depth; most of a document is none of them. */
static const bool shapes[256] = {
	['"'] = true, ['{'] = true, ['}'] = true, ['['] = true, [']'] = true,
};

size_t json_scan_depth(const char *text, size_t len, unsigned max)
{
	unsigned depth = 0;

	for (size_t i = 0; i < len;) {
		char c = text[i++];

		if (!shapes[(unsigned char)c])
			continue;
		if (c == '"')
			i = skip_string(text, len, i);
		else if ((c == '{' || c == '[') && ++depth > max)
			return i - 1;
		else if ((c == '}' || c == ']') && depth)
			depth--;
	}
	return len;
}

/* ---- integers above INT64_MAX ---- */

/* 64 characters that stand for themselves in a JSON string; a value takes 11 of them */
static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-";

uint64_t json_u64_unpack(const char *s)
{
	uint64_t v = 0;

	for (int i = 1; i < JSON_U64_LEN; i++)
		v = v << 6 | (uint64_t)(strchr(digits, s[i]) - digits);
	return v;
}

/* "\u0000" and 11 digits in quotes are 19 characters, as many as INT64_MAX + 1 has */
static void pack(uint64_t v, size_t room, char *at)
{
	memset(at, ' ', room);
	memcpy(at, "\"\\u0000", 7);
	for (int i = 17; i >= 7; i--, v >>= 6)
		at[i] = digits[v & 63];
	at[18] = '"';
}

/* The length of a plain integer token above INT64_MAX at this place; 0: it is none. */
static size_t big_token(const char *text, size_t len, uint64_t *v)
{
	size_t n = 0;

	*v = 0;
	for (; n < len && text[n] >= '0' && text[n] <= '9'; n++)
		if (__builtin_mul_overflow(*v, 10, v) ||
		    __builtin_add_overflow(*v, (uint64_t)(text[n] - '0'), v))
			return 0;
	if (n < 19 || *v <= INT64_MAX || text[0] == '0')
		return 0;
	if (n < len && strchr(".eE", text[n]))
		return 0;
	return n;
}

static bool has_nul_escape(const char *s, size_t len)
{
	for (size_t i = 0; i + 6 <= len; i += s[i] == '\\' ? 2 : 1)
		if (!memcmp(s + i, "\\u0000", 6))
			return true;
	return false;
}

static bool number_char(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/*
 * Walk the text; out (NULL: look only) is its copy, in which the large integers are packed or,
 * with zero, become 0. Returns whether no string holds a NUL escape.
 */
static bool walk_text(const char *text, size_t len, char *out, bool zero)
{
	bool clean = true;

	for (size_t i = 0; i < len;) {
		uint64_t v;
		size_t n = big_token(text + i, len - i, &v), from = i;

		if (n) {
			i += n;
		} else if (text[i] == '"') {
			i = skip_string(text, len, i + 1);
			clean = clean && !has_nul_escape(text + from, i - from);
		} else {
			do
				i++;
			while (number_char(text[i - 1]) && i < len && number_char(text[i]));
		}
		if (!n || !out)
			continue;
		pack(v, n, out + from);
		if (zero)
			memcpy(out + from, "0                  ", 19);
	}
	return clean;
}

bool json_scan_u64(const char *text, size_t len, struct buf *copy)
{
	bool clean = walk_text(text, len, NULL, false);

	buf_put(copy, text, len);
	walk_text(text, len, copy->data, !clean);
	return clean;
}

/* ---- places ---- */

void json_scan_place(const char *text, size_t offset, unsigned *line, unsigned *column)
{
	*line = 1;
	*column = 1;
	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

static size_t skip_blank(const char *text, size_t len, size_t i)
{
	while (i < len && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t'))
		i++;
	return i;
}

/* From the first character of a value to behind it. */
static size_t skip_value(const char *text, size_t len, size_t i)
{
	unsigned depth = 0;

	while (i < len) {
		char c = text[i];

		if (!depth && strchr(",]} \n\r\t", c))
			return i;
		if (c == '"') {
			i = skip_string(text, len, i + 1);
			if (!depth)
				return i;
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		i++;
		if (!depth && (c == '}' || c == ']'))
			return i;
	}
	return len;
}

/* Does the key (raw text, without quotes) spell this token of a pointer ("~1" is '/')? */
static bool key_is(const char *key, size_t keylen, const char *token, size_t tokenlen)
{
	size_t k = 0;

	for (size_t t = 0; t < tokenlen; t++, k++) {
		char c = token[t];

		if (c == '~' && t + 1 < tokenlen)
			c = token[++t] == '1' ? '/' : '~';
		if (k < keylen && key[k] == '\\' && k + 1 < keylen && strchr("\"\\/", key[k + 1]))
			k++;
		if (k >= keylen || key[k] != c)
			return false;
	}
	return k == keylen;
}

/* The value of a member, or of an element, of what starts at i; 0: there is none. */
static size_t step_into(const char *text, size_t len, size_t i, const char *token, size_t tokenlen)
{
	bool object = text[i] == '{';
	unsigned long want = object ? 0 : strtoul(token, NULL, 10);

	if (!object && text[i] != '[')
		return 0;
	i = skip_blank(text, len, i + 1);
	for (unsigned long n = 0; i < len && text[i] != '}' && text[i] != ']'; n++) {
		bool found = n == want;

		if (object) {
			size_t end = skip_string(text, len, i + 1);

			found = end > i + 1 && key_is(text + i + 1, end - i - 2, token, tokenlen);
			i = skip_blank(text, len, end);
			i = skip_blank(text, len, i + 1); /* the colon */
		}
		if (found)
			return i;
		i = skip_blank(text, len, skip_value(text, len, i));
		if (i < len && text[i] == ',')
			i = skip_blank(text, len, i + 1);
	}
	return 0;
}

void json_scan_locate(const char *text, size_t len, const char *pointer, unsigned *line,
		      unsigned *column)
{
	size_t at = skip_blank(text, len, 0);

	while (*pointer == '/') {
		size_t n = strcspn(++pointer, "/");
		size_t next = at < len ? step_into(text, len, at, pointer, n) : 0;

		if (!next)
			break;
		at = next;
		pointer += n;
	}
	json_scan_place(text, at < len ? at : len, line, column);
}
