/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte string, for building JSON, maps and messages. It is always
 * NUL-terminated, so .data can be read as text; .len does not count that NUL.
 */
#pragma once

#include <stddef.h>

#include "runtime/base/attr.h"

struct buf {
	char *data; /* owned; NULL while empty */
	size_t len, room;
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		.data = NULL                                                                       \
	}

/* Append. Out of memory ends the process, as in the arena. */
void buf_put(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) _printf_(2, 3);

/* The text so far, "" when nothing was put. Borrowed until the next change. */
const char *buf_text(const struct buf *b);

/* Free; the buffer is empty and usable again. */
void buf_done(struct buf *b);

#define own_buf _cleanup_(buf_done) struct buf
