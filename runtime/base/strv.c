/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/base/strv.h"

#include <string.h>

#include "runtime/base/arena.h"

void strv_add(struct strv *l, struct arena *a, const char *s)
{
	/* room doubles: 8, 16, 32, ... entries, the last of them always NULL */
	if (!l->v || (l->n + 1 >= 8 && ((l->n + 1) & l->n) == 0)) {
		size_t room = l->n + 1 >= 8 ? 2 * (l->n + 1) : 8;
		char **v = arena_array(a, room, sizeof(*v));

		if (l->n)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
	}
	l->v[l->n++] = (char *)s;
	l->v[l->n] = NULL;
}

bool strv_has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return true;
	return false;
}

const char *strv_getenv(const struct strv *env, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = env->n; i-- > 0;)
		if (!strncmp(env->v[i], name, len) && env->v[i][len] == '=')
			return env->v[i] + len + 1;
	return NULL;
}
