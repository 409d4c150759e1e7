/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "rootfs/hostview.h"
#include "rootfs/mnt.h"
#include "rootfs/rootfs.h"

struct words {
	FILE *out;
	int n;
};

static void print_word(const char *word, void *arg)
{
	struct words *w = arg;

	/* what the line's first words say already */
	if (!strcmp(word, "bind") || !strcmp(word, "rbind") || !strcmp(word, "remount") ||
	    !strcmp(word, "copy-symlink"))
		return;
	fprintf(w->out, "%c%s", w->n++ ? ',' : ' ', word);
}

static void print_maps(FILE *out, const char *what, const struct id_maps *maps)
{
	for (size_t i = 0; i < maps->n; i++)
		fprintf(out, " %s %u:%u:%u", what, maps->v[i].container_id, maps->v[i].host_id,
			maps->v[i].size);
}

static void print_mount(const struct mnt *m, FILE *out)
{
	struct words w = { .out = out };

	if (m->kind == &mnt_remount)
		fprintf(out, "remount %s", m->dest);
	else if (m->kind == &mnt_link)
		fprintf(out, "copy link %s to %s", m->source, m->dest);
	else if (m->kind == &mnt_bind)
		fprintf(out, "%s %s on %s", m->opts.flags & MOPT_RBIND ? "rbind" : "bind",
			m->source, m->dest);
	else if (!strcmp(m->source, m->type) || !strcmp(m->source, "none"))
		fprintf(out, "mount %s on %s", m->type, m->dest);
	else
		fprintf(out, "mount %s %s on %s", m->type, m->source, m->dest);
	mountopt_words(&m->opts, print_word, &w);
	if (m->data)
		fprintf(out, "%c%s", w.n ? ',' : ' ', m->data);
	if (m->idmap == IDMAP_CONTAINER && !(m->opts.flags & MOPT_IDMAP))
		fputs(" idmap", out);
	if (m->idmap == IDMAP_OWN) {
		print_maps(out, "uids", &m->uid_maps);
		print_maps(out, "gids", &m->gid_maps);
	}
	fputc('\n', out);
}

static void print_device(const struct rootfs_plan *p, const struct dev *d, FILE *out)
{
	char type = S_ISBLK(d->mode) ? 'b' : S_ISFIFO(d->mode) ? 'p' : 'c';

	if (type == 'p')
		fprintf(out, "device %s p %04o", d->path, d->mode & 07777u);
	else
		fprintf(out, "device %s %c %u:%u %04o", d->path, type, d->major, d->minor,
			d->mode & 07777u);
	if (d->uid || d->gid)
		fprintf(out, " %u:%u", d->uid, d->gid);
	if (type != 'p' && (p->new_userns || p->in_userns))
		fputs(" bind", out);
	fputc('\n', out);
}

static const char *propagation_word(enum propagation prop)
{
	switch (prop) {
	case PROP_SHARED:
		return "shared";
	case PROP_SLAVE:
		return "slave";
	case PROP_PRIVATE:
		return "private";
	case PROP_UNBINDABLE:
		return "unbindable";
	case PROP_UNSET:
		break;
	}
	return NULL;
}

static void print_root_flags(const struct rootfs_plan *p, FILE *out)
{
	const char *prop = propagation_word(p->root_propagation);

	if (prop)
		fprintf(out, "propagation / %s\n", prop);
	if (p->root_readonly)
		fputs("readonly /\n", out);
	for (size_t i = 0; i < p->nmounts; i++)
		if (p->mounts[i].late_ro)
			fprintf(out, "readonly %s\n", p->mounts[i].dest);
}

void rootfs_print(const struct rootfs_plan *p, FILE *out)
{
	if (p->host_view) {
		fputs("root host view\n", out);
		hostview_print(p, out);
	} else {
		fprintf(out, "root %s\n", p->root);
	}
	for (size_t i = 0; i < p->nmounts; i++)
		print_mount(&p->mounts[i], out);
	for (size_t i = 0; i < p->ndevs; i++)
		print_device(p, &p->devs[i], out);
	for (size_t i = 0; i < ndev_links; i++)
		if (p->dev_link[i])
			fprintf(out, "link /dev/%s %s\n", dev_links[i].name, dev_links[i].target);
	for (size_t i = 0; i < p->nsysctls; i++)
		fprintf(out, "sysctl %s=%s\n", p->sysctls[i].key, p->sysctls[i].value);
	for (size_t i = 0; i < p->nreadonly; i++)
		fprintf(out, "readonly %s\n", p->readonly[i].path);
	for (size_t i = 0; i < p->nmasks; i++)
		fprintf(out, "mask %s\n", p->masks[i].path);
	fputs(p->mount_ns && !p->no_pivot ? "pivot\n" : "chroot\n", out);
	print_root_flags(p, out);
}
