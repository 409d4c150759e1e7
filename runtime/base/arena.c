/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

enum { BLOCK = 16384 };

static _Noreturn void out_of_memory(void)
{
	static const char msg[] = "berth: out of memory\n";

	(void)!write(STDERR_FILENO, msg, sizeof(msg) - 1);
	_exit(125);
}

/* A large request gets a block of its own; calloc gives it zeroed pages from the kernel. */
static struct arena_block *block_new(struct arena *a, size_t size)
{
	size_t room = size > BLOCK ? size : BLOCK;
	struct arena_block *b = room > SIZE_MAX - sizeof(*b) ? NULL : calloc(1, sizeof(*b) + room);

	if (!b)
		out_of_memory();
	b->size = room;
	b->next = a->head;
	a->head = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = sizeof(max_align_t), need;

	if (size > SIZE_MAX - align)
		out_of_memory();
	need = (size + align - 1) / align * align;

	struct arena_block *b = a->head;

	if (!b || b->size - b->used < need)
		b = block_new(a, need);
	b->used += need;
	return (char *)b->data + b->used - need;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		out_of_memory();
	return arena_alloc(a, bytes);
}

static char *copy(struct arena *a, const char *s, size_t len)
{
	char *to = arena_alloc(a, len + 1);

	memcpy(to, s, len);
	return to;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	return copy(a, s, strnlen(s, n));
}

char *arena_strdup(struct arena *a, const char *s)
{
	return copy(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);

	int n = vsnprintf(NULL, 0, fmt, ap);

	va_end(ap);
	if (n < 0)
		out_of_memory();

	char *s = arena_alloc(a, (size_t)n + 1);

	vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

void arena_free(struct arena *a)
{
	while (a->head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		free(b);
	}
}
