/* SPDX-License-Identifier: Apache-2.0 */
/* Where the container's cgroup goes: by text only. */
#include "cgroups/plan.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "cgroups/cgroups.h"
#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/path.h"
#include "specs/faults.h"
#include "specs/spec.h"

static const char pointer[] = "/linux/cgroupsPath";

/* dir and path as one path with single slashes and no "."; "/" when nothing is left */
static const char *join(struct arena *a, const char *dir, const char *path)
{
	char *out = arena_alloc(a, strlen(dir) + strlen(path) + 3);
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		const char *p = i ? path : dir;

		while (*p) {
			size_t len = strcspn(p, "/");

			if (len && !(len == 1 && *p == '.')) {
				out[n++] = '/';
				memcpy(out + n, p, len);
				n += len;
			}
			p += len;
			p += strspn(p, "/");
		}
	}
	if (!n)
		out[n++] = '/';
	out[n] = 0;
	return out;
}

static const char *parent(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash || slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

/*
 * No kernel takes a newline in a cgroup's name, since /proc/PID/cgroup could not be read then;
 * 255 bytes is the longest name of kernfs.
 */
static bool path_ok(const char *path, struct faults *f)
{
	const char *wrong = NULL;

	if (path_has_dotdot(path))
		wrong = "must not contain '..'";
	else if (strchr(path, '\n'))
		wrong = "must not contain a newline";
	else if (strlen(path) >= PATH_MAX / 2)
		wrong = "is too long";
	for (const char *p = path; *p; p += strspn(p, "/")) {
		size_t len = strcspn(p, "/");

		if (len > NAME_MAX)
			wrong = "has a component longer than 255 bytes";
		p += len;
	}
	if (wrong)
		fault_add(f, FAULT_INVALID, pointer, "the cgroup path %s", wrong);
	return !wrong;
}

/* "a-b.slice" is /a.slice/a-b.slice, "-.slice" is the root */
static const char *slice_expand(struct arena *a, const char *slice, struct faults *f)
{
	size_t len = strlen(slice);
	own_buf out = BUF_INIT;

	if (!strcmp(slice, "-.slice"))
		return "/";
	if (len <= 6 || strcmp(slice + len - 6, ".slice") || strchr(slice, '/') ||
	    slice[0] == '-' || slice[len - 7] == '-' || strstr(slice, "--")) {
		fault_add(f, FAULT_INVALID, pointer, "'%s' is not the name of a systemd slice",
			  slice);
		return NULL;
	}
	for (size_t i = 0; i < len - 6; i++)
		if (slice[i] == '-')
			buf_printf(&out, "/%.*s.slice", (int)i, slice);
	buf_printf(&out, "/%s", slice);
	return arena_strdup(a, buf_text(&out));
}

/* The subtree of the user's own systemd, "/…/user@1000.service"; "/" when we are in none. */
static const char *user_manager(struct arena *a, const char *own)
{
	for (const char *p = own; *p; p += strspn(p, "/")) {
		size_t len = strcspn(p, "/");

		if (len > 13 && !strncmp(p, "user@", 5) && !strncmp(p + len - 8, ".service", 8) &&
		    isdigit((unsigned char)p[5]))
			return arena_strndup(a, own, (size_t)(p + len - own));
		p += len;
	}
	return "/";
}

static const char *systemd_path(const struct spec *s, const struct cg_hierarchy *h,
				const struct cg_ctx *ctx, struct arena *a, struct faults *f)
{
	const char *slice = ctx->rootless ? "user.slice" : "system.slice";
	const char *prefix = "berth", *name = ctx->id;
	const char *base = ctx->rootless ? user_manager(a, h->own) : "/";

	if (s->cgroups_path) {
		char *copy = arena_strdup(a, s->cgroups_path);
		char *second = strchr(copy, ':');
		char *third = second ? strchr(second + 1, ':') : NULL;

		if (!third || strchr(third + 1, ':') || !third[1] || strchr(copy, '/')) {
			fault_add(f, FAULT_INVALID, pointer,
				  "expected cgroupsPath to be of format \"slice:prefix:name\" for "
				  "systemd cgroups, got \"%s\" instead",
				  s->cgroups_path);
			return NULL;
		}
		*second = *third = 0;
		slice = *copy ? copy : slice;
		prefix = second + 1;
		name = third + 1;
	}

	const char *dir = slice_expand(a, slice, f);
	size_t len = strlen(name);

	if (!dir)
		return NULL;
	dir = join(a, base, dir);
	if (len > 6 && !strcmp(name + len - 6, ".slice"))
		return join(a, dir, name);
	return join(a, dir,
		    *prefix ? arena_printf(a, "%s-%s.scope", prefix, name)
			    : arena_printf(a, "%s.scope", name));
}

static const char *fs_path(const struct spec *s, const struct cg_hierarchy *h,
			   const struct cg_ctx *ctx, struct arena *a)
{
	const char *beside = h->v2 ? parent(a, h->own) : h->own;

	if (!s->cgroups_path || !*s->cgroups_path) {
		bool fits = strlen("berth-") + strlen(ctx->id) <= NAME_MAX;

		return join(a, beside, fits ? arena_printf(a, "berth-%s", ctx->id) : ctx->id);
	}
	if (*s->cgroups_path == '/')
		return join(a, "/", s->cgroups_path);
	return join(a, h->v2 && !ctx->rootless ? "/" : beside, s->cgroups_path);
}

const char *cg_path(const struct spec *s, const struct cg_hierarchy *h, const struct cg_ctx *ctx,
		    struct arena *a, struct faults *f)
{
	if (s->cgroups_path && !path_ok(s->cgroups_path, f))
		return NULL;

	const char *dir =
		ctx->manager == CG_SYSTEMD ? systemd_path(s, h, ctx, a, f) : fs_path(s, h, ctx, a);

	if (!dir || !path_ok(dir, f))
		return NULL;
	if (!strcmp(dir, "/")) {
		fault_add(f, FAULT_INVALID, pointer,
			  "the cgroup path names the root, which cannot be a container's cgroup");
		return NULL;
	}
	return dir;
}
