/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/strv.h"
#include "specs/json_in.h"
#include "specs/spec.h"

/* ---- faults ---- */

static void put_pointer(struct buf *b, const struct place *at)
{
	if (!at)
		return;
	put_pointer(b, at->up);
	if (!at->key) {
		buf_printf(b, "/%zu", at->index);
		return;
	}
	buf_puts(b, "/");
	for (const char *c = at->key; *c; c++)
		buf_printf(b, *c == '~' ? "~0" : *c == '/' ? "~1" : "%c", *c);
}

void walk_fault(struct walk *w, enum fault_kind kind, const struct place *at, const char *text, ...)
{
	own_buf pointer = BUF_INIT;
	char line[1024];
	va_list ap;

	va_start(ap, text);
	vsnprintf(line, sizeof(line), text, ap);
	va_end(ap);
	put_pointer(&pointer, at);
	fault_add(w->f, kind, buf_text(&pointer), "%s", line);
}

void walk_unknown_word(struct walk *w, enum word_list l, const char *word, const struct place *at)
{
	own_buf names = BUF_INIT;

	for (unsigned i = 0; word_at(l, i); i++)
		buf_printf(&names, "%s%s", i ? ", " : "", word_at(l, i));
	walk_fault(w, FAULT_INVALID, at, "unknown %s '%.64s'; it is one of %s", words_what(l), word,
		   buf_text(&names));
}

static const char *kind_text(int kind)
{
	static const char *const texts[] = {
		[JK_NULL] = "null",      [JK_BOOL] = "true or false", [JK_INT] = "a number",
		[JK_U64] = "a number",   [JK_REAL] = "a fraction",    [JK_STR] = "a string",
		[JK_ARRAY] = "an array", [JK_OBJECT] = "an object",
	};
	return texts[kind];
}

bool walk_kind(struct walk *w, const struct json_val *v, int kind, const struct place *at)
{
	int is = (int)json_kind(v);

	if (is == kind)
		return true;
	walk_fault(w, FAULT_INVALID, at, "expected %s, found %s", kind_text(kind), kind_text(is));
	return false;
}

/* ---- single values ---- */

bool walk_str(struct walk *w, const struct json_val *v, const char **out, const struct place *at)
{
	size_t len;

	if (!walk_kind(w, v, JK_STR, at))
		return false;

	const char *s = json_str_of(v, &len);

	*out = arena_strndup(w->a, s, len);
	return true;
}

bool walk_bool(struct walk *w, const struct json_val *v, bool *out, const struct place *at)
{
	if (!walk_kind(w, v, JK_BOOL, at))
		return false;
	*out = json_bool_of(v);
	return true;
}

static void fault_range(struct walk *w, const struct json_val *v, int64_t lo, uint64_t hi,
			const struct place *at)
{
	if (json_kind(v) == JK_U64)
		walk_fault(w, FAULT_INVALID, at,
			   "%" PRIu64 " is out of range: %" PRId64 " to %" PRIu64 " are allowed",
			   json_u64_of(v), lo, hi);
	else
		walk_fault(w, FAULT_INVALID, at,
			   "%" PRId64 " is out of range: %" PRId64 " to %" PRIu64 " are allowed",
			   json_int_of(v), lo, hi);
}

bool walk_int(struct walk *w, const struct json_val *v, int64_t lo, uint64_t hi, uint64_t *out,
	      const struct place *at)
{
	enum json_kind kind = json_kind(v);

	if (kind == JK_REAL) {
		walk_fault(w, FAULT_INVALID, at, "expected a whole number, found %.17g",
			   json_real_of(v));
		return false;
	}
	if (kind != JK_U64 && !walk_kind(w, v, JK_INT, at))
		return false;
	*out = json_u64_of(v);

	bool negative = kind == JK_INT && json_int_of(v) < 0;
	bool fits =
		negative ? json_int_of(v) >= lo : *out <= hi && (lo <= 0 || *out >= (uint64_t)lo);

	if (!fits)
		fault_range(w, v, lo, hi, at);
	return fits;
}

bool walk_word(struct walk *w, const struct json_val *v, enum word_list l, uint64_t *out,
	       const struct place *at)
{
	size_t len;

	if (!walk_kind(w, v, JK_STR, at))
		return false;
	if (word_value(l, json_str_of(v, &len), out))
		return true;
	walk_unknown_word(w, l, json_str_of(v, &len), at);
	return false;
}

static void store(void *at, size_t size, uint64_t v)
{
	uint32_t v32 = (uint32_t)v;
	uint16_t v16 = (uint16_t)v;
	uint8_t v8 = (uint8_t)v;

	if (size == sizeof(v))
		memcpy(at, &v, size);
	else if (size == sizeof(v32))
		memcpy(at, &v32, size);
	else if (size == sizeof(v16))
		memcpy(at, &v16, size);
	else
		memcpy(at, &v8, sizeof(v8));
}

/* ---- fields ---- */

static void *part(void *base, size_t offset)
{
	return (char *)base + offset;
}

static void read_str(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		     const struct place *at)
{
	const char *s;

	if (!walk_str(w, v, &s, at))
		return;
	if (!*s && !(f->flags & FIELD_REQUIRED))
		s = NULL;
	memcpy(part(base, f->offset), &s, sizeof(s));
}

static void read_scalar(struct walk *w, const struct json_val *v, const struct field *f, void *base,
			const struct place *at)
{
	uint64_t n = 0;
	bool b = false, ok;

	if (f->kind == FIELD_INT)
		ok = walk_int(w, v, f->lo, f->hi, &n, at);
	else if (f->kind == FIELD_WORD)
		ok = walk_word(w, v, f->words, &n, at);
	else
		ok = walk_bool(w, v, &b, at);
	if (ok)
		store(part(base, f->offset), f->size, b ? 1 : n);
}

static void read_bits(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		      const struct place *at)
{
	uint64_t bits = 0, one;

	if (!walk_kind(w, v, JK_ARRAY, at))
		return;
	for (size_t i = 0; i < json_len(v); i++)
		if (walk_word(w, json_at(v, i), f->words, &one,
			      &(struct place){ .up = at, .index = i }))
			bits |= one;
	store(part(base, f->offset), f->size, bits);
}

static void read_strv(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		      const struct place *at)
{
	struct strv *l = part(base, f->offset);

	if (!walk_kind(w, v, JK_ARRAY, at))
		return;

	size_t n = json_len(v);

	l->v = arena_array(w->a, n + 1, sizeof(*l->v));
	for (size_t i = 0; i < n; i++) {
		const char *s = "";

		/* a faulty element keeps its place: later faults count elements as the file does */
		(void)!walk_str(w, json_at(v, i), &s, &(struct place){ .up = at, .index = i });
		l->v[l->n++] = (char *)(uintptr_t)s;
	}
}

static void read_kvs(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		     const struct place *at)
{
	struct kvs *l = part(base, f->offset);
	size_t n = 0;

	if (!walk_kind(w, v, JK_OBJECT, at))
		return;
	for (void *it = json_first(v); it; it = json_next(v, it))
		n++;
	l->v = arena_array(w->a, n, sizeof(*l->v));
	for (void *it = json_first(v); it; it = json_next(v, it)) {
		const char *key = json_key_of(it);

		if (!walk_str(w, json_value_of(it), &l->v[l->n].value,
			      &(struct place){ .up = at, .key = key }))
			continue;
		l->v[l->n++].key = arena_strdup(w->a, key);
	}
}

static void read_u32s(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		      const struct place *at)
{
	size_t kept = 0;

	if (!walk_kind(w, v, JK_ARRAY, at))
		return;

	size_t n = json_len(v);
	uint32_t *list = arena_array(w->a, n, sizeof(*list));

	for (size_t i = 0; i < n; i++) {
		struct place el = { .up = at, .index = i };
		uint64_t one;
		bool ok = f->kind == FIELD_U32S ? walk_int(w, json_at(v, i), 0, f->hi, &one, &el)
						: walk_word(w, json_at(v, i), f->words, &one, &el);

		if (ok)
			list[kept++] = (uint32_t)one;
	}
	memcpy(part(base, f->offset), &list, sizeof(list));
	memcpy(part(base, f->count), &kept, sizeof(kept));
}

static void read_element(struct walk *w, const struct json_val *v, const struct table *t, void *el,
			 const struct place *at)
{
	if (t->init)
		t->init(el);
	walk_object(w, v, t, el, at);
}

static void read_list(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		      const struct place *at)
{
	if (!walk_kind(w, v, JK_ARRAY, at))
		return;

	size_t n = json_len(v);
	char *list = arena_array(w->a, n, f->size);

	for (size_t i = 0; i < n; i++)
		read_element(w, json_at(v, i), f->sub, list + i * f->size,
			     &(struct place){ .up = at, .index = i });
	memcpy(part(base, f->offset), &list, sizeof(list));
	memcpy(part(base, f->count), &n, sizeof(n));
}

static void read_map(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		     const struct place *at)
{
	size_t n = 0;

	if (!walk_kind(w, v, JK_OBJECT, at))
		return;
	for (void *it = json_first(v); it; it = json_next(v, it))
		n++;

	char *list = arena_array(w->a, n, f->size), *el = list;

	for (void *it = json_first(v); it; it = json_next(v, it), el += f->size) {
		const char *key = arena_strdup(w->a, json_key_of(it));

		if (f->sub->init)
			f->sub->init(el);
		memcpy(el, &key, sizeof(key));
		walk_object(w, json_value_of(it), f->sub, el,
			    &(struct place){ .up = at, .key = key });
	}
	memcpy(part(base, f->offset), &list, sizeof(list));
	memcpy(part(base, f->count), &n, sizeof(n));
}

/* null is "not there" for what Go callers leave empty; never for a number or a truth value */
static bool may_be_null(enum field_kind k)
{
	return k != FIELD_INT && k != FIELD_BOOL && k != FIELD_TRI;
}

static void mark_there(const struct field *f, void *base)
{
	bool there = true;

	if (f->count == FIELD_NONE || f->kind == FIELD_FN)
		return;
	memcpy(part(base, f->count), &there, sizeof(there));
}

static void read_field(struct walk *w, const struct json_val *v, const struct field *f, void *base,
		       const struct place *at)
{
	switch (f->kind) {
	case FIELD_STR:
		read_str(w, v, f, base, at);
		return;
	case FIELD_BOOL:
	case FIELD_TRI:
	case FIELD_INT:
	case FIELD_WORD:
		read_scalar(w, v, f, base, at);
		return;
	case FIELD_BITS:
		read_bits(w, v, f, base, at);
		mark_there(f, base);
		return;
	case FIELD_STRV:
		read_strv(w, v, f, base, at);
		mark_there(f, base);
		return;
	case FIELD_KVS:
		read_kvs(w, v, f, base, at);
		return;
	case FIELD_U32S:
	case FIELD_WORD32S:
		read_u32s(w, v, f, base, at);
		return;
	case FIELD_OBJ:
		if (walk_object(w, v, f->sub, part(base, f->offset), at))
			mark_there(f, base);
		return;
	case FIELD_LIST:
		read_list(w, v, f, base, at);
		return;
	case FIELD_MAP:
		read_map(w, v, f, base, at);
		return;
	case FIELD_FN:
		f->read(w, v, base, at);
		return;
	}
}

static void fault_unknown_key(struct walk *w, const struct table *t, const struct place *at)
{
	own_buf names = BUF_INIT;

	for (unsigned i = 0; i < t->n; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", t->v[i].key);
	walk_fault(w, FAULT_INVALID, at, "unknown key; it is one of %s", buf_text(&names));
}

/* Read one member; the bit of its row when it was there. */
static uint64_t read_member(struct walk *w, const struct table *t, void *it, void *base,
			    const struct place *at)
{
	struct place here = { .up = at, .key = json_key_of(it) };
	const struct json_val *v = json_value_of(it);

	for (unsigned i = 0; i < t->n; i++) {
		const struct field *f = &t->v[i];

		if (f->key[0] != here.key[0] || strcmp(f->key, here.key))
			continue;
		if (may_be_null(f->kind) && json_kind(v) == JK_NULL)
			return 0;
		read_field(w, v, f, base, &here);
		return 1ull << i;
	}
	if (t->closed)
		fault_unknown_key(w, t, &here);
	return 0;
}

bool walk_object(struct walk *w, const struct json_val *v, const struct table *t, void *base,
		 const struct place *at)
{
	uint64_t seen = 0;

	if (!walk_kind(w, v, JK_OBJECT, at))
		return false;
	for (void *it = json_first(v); it; it = json_next(v, it))
		seen |= read_member(w, t, it, base, at);
	for (unsigned i = 0; i < t->n; i++)
		if ((t->v[i].flags & FIELD_REQUIRED) && !(seen >> i & 1))
			walk_fault(w, FAULT_INVALID,
				   &(struct place){ .up = at, .key = t->v[i].key }, "is required");
	if (t->done)
		t->done(w, v, base, at);
	return true;
}
