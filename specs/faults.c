/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/faults.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"

/*
 * A hostile document may hold millions of faults; nobody reads more than these. The rest is
 * only counted.
 */
enum { FAULTS_KEPT = 256 };

static _printf_(2, 0) char *text_of(struct arena *a, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	return arena_strdup(a, text);
}

static struct fault *fault_new(struct faults *f)
{
	/* room doubles from 8 */
	if (!f->n || (f->n >= 8 && !(f->n & (f->n - 1)))) {
		struct fault *v = arena_array(f->arena, f->n ? 2 * f->n : 8, sizeof(*v));

		if (f->n)
			memcpy(v, f->v, f->n * sizeof(*v));
		f->v = v;
	}
	return &f->v[f->n++];
}

void faults_stage(struct faults *f)
{
	f->stage = f->n;
}

static bool known(const struct faults *f, const char *pointer)
{
	for (size_t i = 0; i < f->stage; i++)
		if (!strcmp(f->v[i].pointer, pointer))
			return true;
	return false;
}

void fault_add(struct faults *f, enum fault_kind kind, const char *pointer, const char *text, ...)
{
	va_list ap;

	if (known(f, pointer))
		return;
	if (kind != FAULT_WARNING)
		f->errors++;
	if (f->n >= FAULTS_KEPT)
		return;
	va_start(ap, text);
	*fault_new(f) = (struct fault){
		.kind = kind,
		.pointer = arena_strdup(f->arena, pointer),
		.text = text_of(f->arena, text, ap),
	};
	va_end(ap);
}

static void one_line(const struct fault *v, struct buf *b)
{
	if (*v->pointer)
		buf_printf(b, "%s: ", v->pointer);
	buf_puts(b, v->text);
	if (v->line)
		buf_printf(b, " (line %u, column %u)", v->line, v->column);
}

int faults_err(const struct faults *f, const char *file, struct err *e)
{
	own_buf b = BUF_INIT;
	size_t said = 0;

	if (!f->errors)
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind == FAULT_WARNING)
			continue;
		/* leave room for the count of those that no longer fit */
		if (said &&
		    b.len + strlen(f->v[i].pointer) + strlen(f->v[i].text) + 120 > sizeof(e->text))
			break;
		buf_puts(&b, said ? "; " : "");
		one_line(&f->v[i], &b);
		said++;
	}
	if (said < f->errors)
		buf_printf(&b, "%s%zu more fault%s", said ? "; and " : "", f->errors - said,
			   f->errors - said == 1 ? "" : "s");
	return err_text(e, EINVAL, "%s: %s", file, buf_text(&b));
}
