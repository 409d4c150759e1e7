/* SPDX-License-Identifier: Apache-2.0 */
/* resources.unified: files of cgroup v2 by name. */
#include "cgroups/plan.h"

#include <ctype.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "runtime/base/arena.h"
#include "specs/faults.h"
#include "specs/spec.h"

/* JSON pointer: '~' is ~0 and '/' is ~1 */
static const char *pointer_of(struct arena *a, const char *key)
{
	static const char head[] = "/linux/resources/unified/";
	char *out = arena_alloc(a, sizeof(head) + 2 * strlen(key)), *to = out + sizeof(head) - 1;

	memcpy(out, head, sizeof(head));
	for (; *key; key++) {
		if (*key == '~' || *key == '/') {
			*to++ = '~';
			*to++ = *key == '~' ? '0' : '1';
		} else {
			*to++ = *key;
		}
	}
	return out;
}

/* The key becomes a file name below the container's cgroup, so it may hold no more than one. */
static bool key_shape_ok(const char *key)
{
	const char *dot = strchr(key, '.');

	if (!dot || dot == key || !dot[1] || strlen(key) > 255 || strstr(key, ".."))
		return false;
	for (; *key; key++)
		if (!isalnum((unsigned char)*key) && *key != '.' && *key != '_' && *key != '-')
			return false;
	return true;
}

/* Of the core files only these two are limits; the rest moves, kills or freezes processes. */
static bool core_ok(const char *key)
{
	return !strcmp(key, "cgroup.max.depth") || !strcmp(key, "cgroup.max.descendants");
}

/* NULL: fine */
static const char *key_wrong(const struct cg_target *t, const char *key, const char *controller)
{
	if (!key_shape_ok(key))
		return "is not the name of a cgroup file: 'CONTROLLER.NAME' and no '/'";
	if (!strcmp(controller, "cgroup") && !core_ok(key))
		return "is no limit: berth itself works with this file";
	return t ? NULL : "needs cgroup v2, which is not mounted here";
}

/* A value of several lines sets a file several times ("8:0 rbps=1\n8:16 rbps=1"). */
static void put_lines(struct cg_put *p, const char *key, const char *value)
{
	if (!*value)
		cg_put(p, key, "%s", "");
	while (*value) {
		size_t len = strcspn(value, "\n");

		if (len) {
			struct cg_write *w = cg_put(p, key, "%s", "");

			w->value = arena_strndup(p->a, value, len);
			w->flags = CGW_RETRY;
		}
		value += len + (value[len] == '\n');
	}
}

void cg_plan_unified(const struct spec *s, struct cg_plan *p, struct arena *a, struct faults *f)
{
	/* v2 is the last one where there is one */
	struct cg_target *t = p->n && p->v[p->n - 1].h->v2 ? &p->v[p->n - 1] : NULL;
	struct cg_put put = { .r = &s->resources, .t = t, .a = a, .f = f };

	for (size_t i = 0; i < s->resources.unified.n; i++) {
		const char *key = s->resources.unified.v[i].key;
		const char *controller = arena_strndup(a, key, strcspn(key, "."));
		const char *wrong = key_wrong(t, key, controller);
		bool core = !strcmp(controller, "cgroup");

		if (wrong) {
			fault_add(f, FAULT_INVALID, pointer_of(a, key), "'%s' %s", key, wrong);
			continue;
		}
		if (!core && !cg_has_word(t->h->controllers, ' ', controller)) {
			fault_add(f, FAULT_UNSUPPORTED, pointer_of(a, key),
				  "controller \"%s\" not available in cgroup v2 here", controller);
			continue;
		}
		if (!core && !strv_has(&t->need, controller))
			strv_add(&t->need, a, controller);
		put_lines(&put, key, s->resources.unified.v[i].value);
	}
}
