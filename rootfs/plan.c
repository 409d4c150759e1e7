/* SPDX-License-Identifier: Apache-2.0 */
#include "rootfs/plan.h"

#include <errno.h>
#include <string.h>

#include "rootfs/mnt.h"
#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/path.h"
#include "specs/faults.h"

const char *plan_clean_path(struct arena *a, const char *path)
{
	char *out = arena_alloc(a, strlen(path) + 2), *p = out;

	while (*path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && path[0] == '.' && path[1] == '.')
			return NULL;
		if (len && !(len == 1 && path[0] == '.')) {
			*p++ = '/';
			memcpy(p, path, len);
			p += len;
		}
		path += len;
	}
	if (p == out)
		*p++ = '/';
	*p = 0;
	return out;
}

int plan_mount_at(const struct rootfs_plan *p, const char *dest)
{
	for (size_t i = p->nmounts; i-- > 0;)
		if (!strcmp(p->mounts[i].dest, dest))
			return (int)i;
	return -1;
}

static const char *plan_root(const struct spec *s, const struct rootfs_ctx *ctx, struct arena *a,
			     struct faults *f)
{
	const char *path = s->root_path;

	if (s->root_host)
		return "/";
	if (!path || !*path) {
		fault_add(f, FAULT_INVALID, "/root/path", "root must be specified");
		return "/";
	}
	if (path[0] == '/')
		return path;
	return arena_printf(a, "%s/%s", ctx->bundle, path);
}

/* Without a mount namespace of its own a container would change the one it shares. */
static void check_shared(const struct rootfs_plan *p, const struct spec *s, struct faults *f)
{
	const char *why = s->ns[NS_MOUNT].mode == NS_JOIN
				  ? "would change a joined mount namespace for all who are in it"
				  : "needs a mount namespace of the container's own";

	if (p->nmounts)
		fault_add(f, FAULT_INVALID, "/mounts", "a mount %s", why);
	if (p->nmasks)
		fault_add(f, FAULT_INVALID, "/linux/maskedPaths",
			  "unable to restrict sys entries: masking %s", why);
	if (p->nreadonly)
		fault_add(f, FAULT_INVALID, "/linux/readonlyPaths",
			  "unable to restrict sys entries: a read-only path %s", why);
	if (p->root_readonly)
		fault_add(f, FAULT_INVALID, "/root/readonly", "a read-only root %s", why);
	if (p->root_propagation != PROP_UNSET)
		fault_add(f, FAULT_INVALID, "/linux/rootfsPropagation", "propagation %s", why);
	if (p->host_view)
		fault_add(f, FAULT_INVALID, "", "a view of the host %s", why);
}

int rootfs_plan(const struct spec *s, const struct rootfs_ctx *ctx, struct arena *a,
		struct rootfs_plan **out, struct faults *f, struct err *e)
{
	struct rootfs_plan *p = arena_alloc(a, sizeof(*p));
	enum ns_mode user = s->ns[NS_USER].mode;

	if (!ctx->bundle || ctx->bundle[0] != '/')
		return err_text(e, EINVAL, "the bundle's path must be absolute");
	p->root = plan_root(s, ctx, a, f);
	p->host_view = s->root_host;
	p->mount_ns = s->ns[NS_MOUNT].mode == NS_NEW;
	/* A new user namespace turns shared mounts into slaves when it copies them (Linux 3.8). */
	p->shared_ns_root = user != NS_NEW;
	p->new_userns = ctx->new_userns;
	p->in_userns = ctx->in_userns;
	p->new_pidns = s->ns[NS_PID].mode != NS_INHERIT;
	p->cgroup_ns = s->ns[NS_CGROUP].mode != NS_INHERIT;
	p->cgroup_v1 = ctx->cgroup_v1;
	p->no_pivot = ctx->no_pivot;
	p->root_readonly = s->root_readonly;
	p->root_propagation = s->root_propagation;
	p->mount_label = s->mount_label;
	mnt_plan(p, s, ctx, a, f);
	dev_plan(p, s, a, f);
	mask_plan(p, s, a, f);
	sysctl_plan(p, s, a, f);
	if (!p->mount_ns)
		check_shared(p, s, f);
	*out = p;
	return 0;
}
