/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void grow(struct buf *b, size_t more)
{
	size_t need, room = b->room ? b->room : 256;
	char *data = NULL;

	if (!__builtin_add_overflow(b->len, more, &need) && ++need) {
		while (room < need)
			room *= 2;
		if (room <= b->room)
			return;
		data = realloc(b->data, room);
	}
	if (!data) {
		static const char msg[] = "berth: out of memory\n";

		(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
		_exit(125);
	}
	b->data = data;
	b->room = room;
}

void buf_put(struct buf *b, const void *data, size_t len)
{
	grow(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = 0;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);

	int n = vsnprintf(NULL, 0, fmt, ap);

	va_end(ap);
	if (n > 0) {
		grow(b, (size_t)n);
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

void buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf)BUF_INIT;
}
