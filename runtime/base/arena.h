/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that lives and dies together. A spec and a plan own nothing one by one:
 * all of it hangs on one arena and goes with it.
 *
 * An allocation never returns NULL. Running out of memory while deciding ends the
 * process at once (exit 125, a line on stderr): nothing has been touched yet, and
 * what the intent record names is cleaned up by the next command on that ID.
 */
#pragma once

#include <stddef.h>

#include "runtime/base/attr.h"

struct arena_block;

struct arena {
	struct arena_block *head;
};

#define ARENA_INIT                                                                                 \
	{                                                                                          \
		.head = NULL                                                                       \
	}

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((__returns_nonnull__));

/* Zeroed room for n elements of the given size; a product that overflows is out of memory. */
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((__returns_nonnull__));

/* Copies; strndup stops at n bytes or the first NUL. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) _printf_(2, 3);

/* Free everything; the arena is empty and usable again. Accepts an empty one. */
void arena_free(struct arena *a);
