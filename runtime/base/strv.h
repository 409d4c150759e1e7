/* SPDX-License-Identifier: Apache-2.0 */
/* A list of strings: argv, envp, mount options. Borrowed from an arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct strv {
	char **v; /* NULL-terminated; may be NULL when n is 0 */
	size_t n;
};

/* Append; the list is copied into the arena when it has to grow, the string is not copied. */
void strv_add(struct strv *l, struct arena *a, const char *s);

/* Is s one of them? */
bool strv_has(const struct strv *l, const char *s);

/* The value of NAME=value, the last one where there are several; NULL when absent. */
const char *strv_getenv(const struct strv *env, const char *name);
