/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/err.h"

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static_assert(sizeof(struct err) <= PIPE_BUF, "an error must cross a pipe in one write");

static _printf_(2, 0) size_t put(struct err *e, const char *fmt, va_list ap)
{
	int n = vsnprintf(e->text, sizeof(e->text), fmt, ap);

	return n < 0 ? 0 : (size_t)n < sizeof(e->text) ? (size_t)n : sizeof(e->text) - 1;
}

/* ": tail" behind the n bytes already there, cut where the room ends */
static void join(struct err *e, size_t n, const char *tail)
{
	size_t room = sizeof(e->text) - 1 - n, len = strlen(tail);

	if (room < 3)
		return;
	memcpy(e->text + n, ": ", 2);
	if (len > room - 2)
		len = room - 2;
	memcpy(e->text + n + 2, tail, len);
	e->text[n + 2 + len] = 0;
}

static void start(struct err *e, int code)
{
	e->code = code;
	e->exit = 0;
	e->hint[0] = 0;
}

int err_set(struct err *e, int code, const char *what, ...)
{
	char why[64];
	va_list ap;

	/* Engines match "no such file or directory" as Go spells it: in lower case. */
	snprintf(why, sizeof(why), "%s", strerror(code));
	if (isupper((unsigned char)why[0]) && islower((unsigned char)why[1]))
		why[0] = (char)tolower((unsigned char)why[0]);
	va_start(ap, what);
	join(e, put(e, what, ap), why);
	va_end(ap);
	start(e, code);
	return -code;
}

int err_text(struct err *e, int code, const char *text, ...)
{
	va_list ap;

	va_start(ap, text);
	put(e, text, ap);
	va_end(ap);
	start(e, code);
	return -code;
}

int err_at(struct err *e, const char *where, ...)
{
	char old[sizeof(e->text)];
	va_list ap;

	memcpy(old, e->text, sizeof(old));
	va_start(ap, where);
	join(e, put(e, where, ap), old);
	va_end(ap);
	return -e->code;
}

int err_hint(struct err *e, const char *hint, ...)
{
	va_list ap;

	if (!e->hint[0]) {
		va_start(ap, hint);
		vsnprintf(e->hint, sizeof(e->hint), hint, ap);
		va_end(ap);
	}
	return -e->code;
}

int err_exit(struct err *e, int status)
{
	e->exit = status;
	return -e->code;
}
