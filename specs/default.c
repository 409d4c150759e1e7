/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "specs/mountopt.h"
#include "specs/oci.h"
#include "specs/spec.h"

/* The options as one string, comma-separated, as in /etc/fstab. */
static const struct usual_mount {
	const char *destination, *type, *source, *options;
} usual_mounts[] = {
	{ "/proc", "proc", "proc", "" },
	{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
	{ "/dev/pts", "devpts", "devpts",
	  "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5" },
	{ "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k" },
	{ "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev" },
	{ "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro" },
	{ "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro" },
};

/*
 * What cannot be in a user namespace of one id: the tty group is not mapped, and a new sysfs needs
 * a network namespace that we own, which the user may take out.
 */
static const struct usual_mount rootless_mounts[] = {
	{ "/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620" },
	{ "/sys", "none", "/sys", "rbind,nosuid,noexec,nodev,ro" },
};

static const char *const masked[] = {
	"/proc/acpi",          "/proc/asound",     "/proc/kcore",       "/proc/keys",
	"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
	"/sys/firmware",       "/proc/scsi",
};
static const char *const readonly[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static void add_option(struct arena *a, struct mount_spec *m, const char *word)
{
	struct err e;

	if (mountopt_add(&m->opts, word, &e) == 1)
		m->data = m->data ? arena_printf(a, "%s,%s", m->data, word) : arena_strdup(a, word);
}

static void add_mount(struct arena *a, struct spec *s, const struct usual_mount *u)
{
	struct mount_spec *m = &s->mounts[s->nmounts++];

	m->destination = u->destination;
	m->type = u->type;
	m->source = u->source;
	for (const char *word = u->options; *word;) {
		size_t n = strcspn(word, ",");

		add_option(a, m, arena_strndup(a, word, n));
		word += n + (word[n] == ',');
	}
}

static const struct usual_mount *variant(const struct usual_mount *u, bool rootless)
{
	for (unsigned i = 0; rootless && i < ARRAY_SIZE(rootless_mounts); i++)
		if (!strcmp(rootless_mounts[i].destination, u->destination))
			return &rootless_mounts[i];
	return u;
}

static void default_process(struct arena *a, struct process_spec *p)
{
	const uint64_t caps =
		1ull << CAP_AUDIT_WRITE | 1ull << CAP_KILL | 1ull << CAP_NET_BIND_SERVICE;

	p->terminal = true;
	strv_add(&p->args, a, "sh");
	strv_add(&p->env, a, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strv_add(&p->env, a, "TERM=xterm");
	p->cwd = "/";
	p->caps = (struct cap_sets){ .bounding = caps, .effective = caps, .permitted = caps };
	p->rlimits = arena_array(a, 1, sizeof(*p->rlimits));
	p->rlimits[0] =
		(struct rlimit_spec){ .resource = RLIMIT_NOFILE, .soft = 1024, .hard = 1024 };
	p->nrlimits = 1;
	p->no_new_privs = true;
}

static struct id_maps map_root_to(struct arena *a, uint32_t id)
{
	struct id_map *m = arena_alloc(a, sizeof(*m));

	*m = (struct id_map){ .container_id = 0, .host_id = id, .size = 1 };
	return (struct id_maps){ .v = m, .n = 1 };
}

/* Every device is forbidden but those that each container has. */
static void default_resources(struct arena *a, struct spec *s)
{
	struct dev_rule *r = arena_alloc(a, sizeof(*r));

	*r = (struct dev_rule){ .type = 'a', .major = -1, .minor = -1, .access = DEV_ALL };
	s->has_resources = true;
	s->resources.devices = r;
	s->resources.ndevices = 1;
}

void spec_default(struct arena *a, struct spec *out, bool rootless)
{
	static const enum ns_type own[] = {
		NS_PID, NS_NETWORK, NS_IPC, NS_UTS, NS_MOUNT, NS_CGROUP
	};

	spec_init(out);
	out->oci_version = "1.3.0";
	out->root_path = "rootfs";
	out->root_readonly = true;
	out->hostname = "berth";
	out->has_process = true;
	default_process(a, &out->process);

	out->mounts = arena_array(a, ARRAY_SIZE(usual_mounts), sizeof(*out->mounts));
	for (unsigned i = 0; i < ARRAY_SIZE(usual_mounts); i++)
		add_mount(a, out, variant(&usual_mounts[i], rootless));
	for (unsigned i = 0; i < ARRAY_SIZE(masked); i++)
		strv_add(&out->masked_paths, a, masked[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(readonly); i++)
		strv_add(&out->readonly_paths, a, readonly[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(own); i++)
		out->ns[own[i]].mode = NS_NEW;
	if (!rootless) {
		default_resources(a, out);
		return;
	}
	/* runc leaves the network out as well: an unprivileged user could not set one up */
	out->ns[NS_NETWORK].mode = NS_INHERIT;
	out->ns[NS_USER].mode = NS_NEW;
	out->uid_maps = map_root_to(a, geteuid());
	out->gid_maps = map_root_to(a, getegid());
}
