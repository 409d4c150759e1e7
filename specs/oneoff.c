/* SPDX-License-Identifier: Apache-2.0 */
#include "specs/oneoff.h"

#include <linux/capability.h>
#include <string.h>

#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "specs/mountopt.h"
#include "specs/spec.h"

enum { PIDS = 512 };

static const struct {
	const char *destination, *type, *options, *data;
} mounts[] = {
	{ "/proc", "proc", "nosuid,noexec,nodev", NULL },
	{ "/dev", "tmpfs", "nosuid,strictatime", "mode=755,size=64k,nr_inodes=1k" },
	{ "/dev/pts", "devpts", "nosuid,noexec", "newinstance,ptmxmode=0666,mode=0620" },
	{ "/dev/shm", "tmpfs", "nosuid,noexec,nodev", "mode=1777,size=64m" },
	{ "/dev/mqueue", "mqueue", "nosuid,noexec,nodev", NULL },
	{ "/sys", "sysfs", "nosuid,noexec,nodev,ro", NULL },
	{ "/sys/fs/cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro", NULL },
};

/* What engines hide, and what tells about other tenants or the kernel's addresses. */
static const char *const masked[] = {
	"/proc/acpi",        "/proc/asound",        "/proc/kcore",
	"/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug",   "/proc/scsi",
	"/proc/interrupts",  "/proc/kallsyms",      "/proc/kpagecgroup",
	"/proc/kpagecount",  "/proc/kpageflags",    "/proc/modules",
	"/proc/vmallocinfo", "/proc/slabinfo",      "/proc/iomem",
	"/proc/ioports",     "/sys/firmware",       "/sys/devices/virtual/powercap",
	"/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security",
	"/sys/fs/bpf",       "/sys/fs/pstore",      "/sys/module",
};

static const char *const readonly[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
					"/proc/sysrq-trigger" };

static const int caps[] = { CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FOWNER,          CAP_FSETID,
			    CAP_KILL,    CAP_SETGID,       CAP_SETUID,          CAP_SETPCAP,
			    CAP_SETFCAP, CAP_SYS_CHROOT,   CAP_NET_BIND_SERVICE };

static void add_options(struct mountopts *o, const char *words, struct arena *a)
{
	struct err ignored;
	char *save, *copy = arena_strdup(a, words);

	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save))
		(void)!mountopt_add(o, w, &ignored);
}

static void fill_mounts(struct arena *a, struct spec *s)
{
	s->mounts = arena_array(a, ARRAY_SIZE(mounts), sizeof(*s->mounts));
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		struct mount_spec *m = &s->mounts[s->nmounts++];

		m->destination = mounts[i].destination;
		m->type = mounts[i].type;
		m->source = mounts[i].type;
		m->data = mounts[i].data;
		add_options(&m->opts, mounts[i].options, a);
	}
	for (size_t i = 0; i < ARRAY_SIZE(masked); i++)
		strv_add(&s->masked_paths, a, masked[i]);
	for (size_t i = 0; i < ARRAY_SIZE(readonly); i++)
		strv_add(&s->readonly_paths, a, readonly[i]);
}

static struct id_maps map(struct arena *a, uint32_t host, uint32_t n)
{
	struct id_map *m = arena_alloc(a, sizeof(*m));

	*m = (struct id_map){ .container_id = 0, .host_id = host, .size = n };
	return (struct id_maps){ .v = m, .n = 1 };
}

static void fill_process(const struct oneoff_ask *ask, struct arena *a, struct process_spec *p)
{
	uint64_t set = 0;

	process_init(p);
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		set |= 1ull << caps[i];
	p->caps = (struct cap_sets){ .bounding = set, .permitted = set, .effective = set };
	p->args = ask->args;
	p->cwd = "/";
	p->terminal = ask->terminal;
	p->no_new_privs = true;
	strv_add(&p->env, a, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strv_add(&p->env, a, "HOME=/root");
	if (ask->terminal && ask->term)
		strv_add(&p->env, a, arena_printf(a, "TERM=%s", ask->term));
}

void oneoff_spec(const struct oneoff_ask *ask, struct arena *a, struct spec *s)
{
	static const enum ns_type fresh[] = { NS_PID, NS_NETWORK, NS_MOUNT, NS_IPC,
					      NS_UTS, NS_USER,    NS_CGROUP };

	spec_init(s);
	s->oci_version = "1.3.0";
	s->root_host = true;
	s->root_path = "/";
	s->hostname = "berth";
	s->has_process = true;
	fill_process(ask, a, &s->process);
	fill_mounts(a, s);
	for (size_t i = 0; i < ARRAY_SIZE(fresh); i++)
		s->ns[fresh[i]].mode = NS_NEW;
	s->uid_maps = map(a, ask->host_uid, ask->ids);
	s->gid_maps = map(a, ask->host_gid, ask->ids);
	if (!ask->limits)
		return;
	s->has_resources = true;
	s->resources.pids_limit = PIDS;
	s->resources.memory.limit = ask->memory;
}
