/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/proc/proc.h"

#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/proc/parts.h"

/* Does a later entry have the same name? */
static bool overridden(const struct strv *env, size_t i)
{
	size_t len = strcspn(env->v[i], "=") + 1;

	for (size_t k = i + 1; k < env->n; k++)
		if (!strncmp(env->v[k], env->v[i], len))
			return true;
	return false;
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

	*env = (struct strv){ .v = arena_array(a, p->env.n + 2, sizeof(char *)) };
	for (size_t i = 0; i < p->env.n; i++) {
		bool is_home = !strncmp(p->env.v[i], "HOME=", 5);

		if ((is_home && !have_home) || overridden(&p->env, i))
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
