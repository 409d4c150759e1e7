/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>

#include "rootfs/mnt.h"
#include "rootfs/plan.h"
#include "runtime/base/arena.h"
#include "specs/faults.h"

static const struct dev defaults[] = {
	{ "/dev/null", "null", S_IFCHR | 0666, 1, 3, 0, 0, false },
	{ "/dev/zero", "zero", S_IFCHR | 0666, 1, 5, 0, 0, false },
	{ "/dev/full", "full", S_IFCHR | 0666, 1, 7, 0, 0, false },
	{ "/dev/random", "random", S_IFCHR | 0666, 1, 8, 0, 0, false },
	{ "/dev/urandom", "urandom", S_IFCHR | 0666, 1, 9, 0, 0, false },
	{ "/dev/tty", "tty", S_IFCHR | 0666, 5, 0, 0, 0, false },
};

static struct dev *find(struct rootfs_plan *p, const char *path)
{
	for (size_t i = 0; i < p->ndevs; i++)
		if (!strcmp(p->devs[i].path, path))
			return &p->devs[i];
	return NULL;
}

static void plan_listed(struct rootfs_plan *p, const struct device_spec *ds, size_t i,
			struct arena *a, struct faults *f)
{
	const char *path = ds->path && ds->path[0] == '/' ? plan_clean_path(a, ds->path) : NULL;
	const char *at = arena_printf(a, "/linux/devices/%zu", i);
	struct dev *d;

	if (!path || !strcmp(path, "/")) {
		fault_add(f, FAULT_INVALID, arena_printf(a, "%s/path", at),
			  "must be an absolute path without \"..\"");
		return;
	}
	d = find(p, path);
	if (d && (d->mode & S_IFMT) == ds->type && d->major == ds->major && d->minor == ds->minor) {
		/* a default that is listed keeps its place and takes the mode and owner */
		d->mode = ds->type | (ds->mode & 07777);
		d->uid = ds->uid;
		d->gid = ds->gid;
		return;
	}
	if (d) {
		fault_add(f, FAULT_INVALID, arena_printf(a, "%s/path", at),
			  "%s is already another device (%u:%u)", path, d->major, d->minor);
		return;
	}
	if (plan_mount_at(p, path) >= 0)
		return;
	d = &p->devs[p->ndevs++];
	d->path = path;
	d->name = !strncmp(path, "/dev/", 5) && !strchr(path + 5, '/') ? path + 5 : NULL;
	d->mode = ds->type | (ds->mode & 07777);
	d->major = ds->major;
	d->minor = ds->minor;
	d->uid = ds->uid;
	d->gid = ds->gid;
	d->listed = true;
}

/* A mount on the name of a device or link stays: the user's word goes before the default. */
void dev_plan(struct rootfs_plan *p, const struct spec *s, struct arena *a, struct faults *f)
{
	const struct mnt *dev = p->dev_mount < 0 ? NULL : &p->mounts[p->dev_mount];

	/* What the host lends as /dev is the host's: nothing is made in it. */
	p->make_devs = p->mount_ns && !(dev && dev->kind == &mnt_bind);
	p->devs = arena_array(a, ARRAY_SIZE(defaults) + s->ndevices, sizeof(*p->devs));
	if (!p->make_devs)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (plan_mount_at(p, defaults[i].path) < 0)
			p->devs[p->ndevs++] = defaults[i];
	for (size_t i = 0; i < s->ndevices; i++)
		plan_listed(p, &s->devices[i], i, a, f);
	for (size_t i = 0; i < ndev_links; i++)
		p->dev_link[i] =
			plan_mount_at(p, arena_printf(a, "/dev/%s", dev_links[i].name)) < 0 &&
			!find(p, arena_printf(a, "/dev/%s", dev_links[i].name));
}
