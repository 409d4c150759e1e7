/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/strv.h"
#include "specs/json.h"
#include "specs/spec.h"
#include "specs/walk.h"

static const void *part(const void *base, size_t offset)
{
	return (const char *)base + offset;
}

static const void *pointer_at(const void *base, size_t offset)
{
	const void *p;

	memcpy(&p, part(base, offset), sizeof(p));
	return p;
}

static size_t count_at(const void *base, size_t offset)
{
	size_t n;

	memcpy(&n, part(base, offset), sizeof(n));
	return n;
}

/* The number as 64 bits, with its sign when the row allows negative ones. */
static uint64_t load(const void *at, size_t size, bool is_signed)
{
	uint64_t v64 = 0;
	uint32_t v32;
	uint16_t v16;

	if (size == sizeof(v64)) {
		memcpy(&v64, at, size);
		return v64;
	}
	if (size == sizeof(v32)) {
		memcpy(&v32, at, size);
		return is_signed ? (uint64_t)(int64_t)(int32_t)v32 : v32;
	}
	if (size == sizeof(v16)) {
		memcpy(&v16, at, size);
		return is_signed ? (uint64_t)(int64_t)(int16_t)v16 : v16;
	}
	return *(const uint8_t *)at;
}

static void write_int(struct json_out *o, const struct field *f, const void *base)
{
	bool is_signed = f->lo < 0;
	uint64_t v = load(part(base, f->offset), f->size, is_signed);

	if (!(f->flags & FIELD_REQUIRED) && v == f->unset)
		return;
	if (is_signed)
		json_int(o, f->key, (int64_t)v);
	else
		json_u64(o, f->key, v);
}

static void write_word(struct json_out *o, const struct field *f, const void *base)
{
	uint64_t v = load(part(base, f->offset), f->size, false);

	if (!(f->flags & FIELD_REQUIRED) && v == f->unset)
		return;
	if (word_of(f->words, v))
		json_str(o, f->key, word_of(f->words, v));
}

static bool there(const struct field *f, const void *base)
{
	return f->count != FIELD_NONE && *(const bool *)part(base, f->count);
}

static void write_bits(struct json_out *o, const struct field *f, const void *base)
{
	uint64_t v = load(part(base, f->offset), f->size, false), one;

	if (!v && !there(f, base))
		return;
	json_open(o, f->key, '[');
	for (unsigned i = 0; word_at(f->words, i); i++)
		if (word_value(f->words, word_at(f->words, i), &one) && (v & one))
			json_str(o, NULL, word_at(f->words, i));
	json_close(o, ']');
}

static void write_strv(struct json_out *o, const struct field *f, const void *base)
{
	const struct strv *l = part(base, f->offset);

	if (!l->n && !there(f, base) && !(f->flags & FIELD_REQUIRED))
		return;
	json_open(o, f->key, '[');
	for (size_t i = 0; i < l->n; i++)
		json_str(o, NULL, l->v[i]);
	json_close(o, ']');
}

static void write_kvs(struct json_out *o, const struct field *f, const void *base)
{
	const struct kvs *l = part(base, f->offset);

	if (!l->n)
		return;
	json_open(o, f->key, '{');
	for (size_t i = 0; i < l->n; i++)
		json_str(o, l->v[i].key, l->v[i].value);
	json_close(o, '}');
}

static void write_u32s(struct json_out *o, const struct field *f, const void *base)
{
	const uint32_t *list = pointer_at(base, f->offset);
	size_t n = count_at(base, f->count);

	if (!n)
		return;
	json_open(o, f->key, '[');
	for (size_t i = 0; i < n; i++) {
		if (f->kind == FIELD_U32S)
			json_u64(o, NULL, list[i]);
		else
			json_str(o, NULL, word_of(f->words, list[i]));
	}
	json_close(o, ']');
}

static void write_list(struct json_out *o, const struct field *f, const void *base)
{
	const char *el = pointer_at(base, f->offset);
	size_t n = count_at(base, f->count);
	bool map = f->kind == FIELD_MAP;

	if (!n)
		return;
	json_open(o, f->key, map ? '{' : '[');
	for (size_t i = 0; i < n; i++, el += f->size) {
		json_open(o, map ? pointer_at(el, 0) : NULL, '{');
		table_write(o, f->sub, el);
		json_close(o, '}');
	}
	json_close(o, map ? '}' : ']');
}

/* An object that says nothing is taken back, unless its mere presence does. */
static void write_obj(struct json_out *o, const struct field *f, const void *base)
{
	struct json_out before = *o;
	size_t len = o->b->len;

	if (f->count != FIELD_NONE && !there(f, base))
		return;
	json_open(o, f->key, '{');
	table_write(o, f->sub, part(base, f->offset));
	if (o->first && !there(f, base) && !(f->flags & FIELD_REQUIRED)) {
		*o = before;
		o->b->len = len;
		o->b->data[len] = 0;
		return;
	}
	json_close(o, '}');
}

static void write_str(struct json_out *o, const struct field *f, const void *base)
{
	const char *s = pointer_at(base, f->offset);

	if (s || (f->flags & FIELD_REQUIRED))
		json_str(o, f->key, s ? s : "");
}

static void write_truth(struct json_out *o, const struct field *f, const void *base)
{
	uint64_t v = load(part(base, f->offset), f->size, true);

	if (f->kind == FIELD_TRI ? v <= 1 : v || (f->flags & FIELD_REQUIRED))
		json_bool(o, f->key, v == 1);
}

static void write_field(struct json_out *o, const struct field *f, const void *base)
{
	switch (f->kind) {
	case FIELD_STR:
		write_str(o, f, base);
		return;
	case FIELD_BOOL:
	case FIELD_TRI:
		write_truth(o, f, base);
		return;
	case FIELD_INT:
		write_int(o, f, base);
		return;
	case FIELD_WORD:
		write_word(o, f, base);
		return;
	case FIELD_BITS:
		write_bits(o, f, base);
		return;
	case FIELD_STRV:
		write_strv(o, f, base);
		return;
	case FIELD_KVS:
		write_kvs(o, f, base);
		return;
	case FIELD_U32S:
	case FIELD_WORD32S:
		write_u32s(o, f, base);
		return;
	case FIELD_OBJ:
		write_obj(o, f, base);
		return;
	case FIELD_LIST:
	case FIELD_MAP:
		write_list(o, f, base);
		return;
	case FIELD_FN:
		f->write(o, f->key, base);
		return;
	}
}

void table_write(struct json_out *o, const struct table *t, const void *base)
{
	for (unsigned i = 0; i < t->n; i++)
		write_field(o, &t->v[i], base);
}
