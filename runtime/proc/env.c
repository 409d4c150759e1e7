/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <stdint.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/parts.h"

static size_t name_len(const char *entry)
{
	return strcspn(entry, "=");
}

static bool same_name(const char *a, const char *b)
{
	size_t len = name_len(a);

	return len == name_len(b) && !memcmp(a, b, len);
}

static size_t name_hash(const char *entry)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (size_t i = name_len(entry); i-- > 0;)
		h = (h ^ (unsigned char)entry[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/*
 * Which entries have no later one of the same name? A table, since a configuration may hold
 * hundreds of thousands.
 */
static const bool *last_ones(const struct strv *env, struct arena *a)
{
	bool *last = arena_array(a, env->n + 1, sizeof(*last));
	size_t room = 16;

	while (room < 2 * env->n)
		room *= 2;

	const char **slot = arena_array(a, room, sizeof(*slot));

	for (size_t i = env->n; i-- > 0;) {
		size_t h = name_hash(env->v[i]) & (room - 1);

		while (slot[h] && !same_name(slot[h], env->v[i]))
			h = (h + 1) & (room - 1);
		last[i] = !slot[h];
		slot[h] = env->v[i];
	}
	return last;
}

static int home_of(const struct process_spec *p, int root_fd, struct arena *a, const char **home,
		   struct err *e)
{
	struct account found;
	int r = passwd_find(root_fd, NULL, p->user.uid, a, &found, e);

	if (r < 0) {
		err_hint(e, "it is read because HOME is not set; set HOME in process.env");
		return err_at(e, "find HOME of uid %u", p->user.uid);
	}
	*home = r == 0 && *found.home ? found.home : "/";
	return 0;
}

/* Only what is there once or last is kept: programs differ in which of two they take. */
int proc_env(const struct process_spec *p, int root_fd, struct arena *a, struct strv *env,
	     struct err *e)
{
	const char *home = strv_getenv(&p->env, "HOME");
	bool have_home = home && *home;
	const bool *last = last_ones(&p->env, a);

	*env = (struct strv){ .v = arena_array(a, p->env.n + 2, sizeof(char *)) };
	for (size_t i = 0; i < p->env.n; i++) {
		bool is_home = !strncmp(p->env.v[i], "HOME=", 5);

		if ((is_home && !have_home) || !last[i])
			continue;
		env->v[env->n++] = p->env.v[i];
	}
	if (have_home)
		return 0;

	int r = home_of(p, root_fd, a, &home, e);

	if (r == 0)
		env->v[env->n++] = arena_printf(a, "HOME=%s", home);
	return r;
}
