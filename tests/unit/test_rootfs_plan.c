/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/t.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "rootfs/hostview.h"
#include "rootfs/mnt.h"
#include "rootfs/plan.h"
#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "specs/faults.h"
#include "specs/spec.h"

enum { MOUNTS = 16 };

struct fix {
	struct arena a;
	struct spec s;
	struct rootfs_ctx ctx;
	struct faults f;
	struct rootfs_plan *p;
	struct mount_spec mounts[MOUNTS];
	struct device_spec devices[4];
	struct kv sysctls[4];
};

static int setup(void **state)
{
	struct fix *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	spec_init(&x->s);
	x->f.arena = &x->a;
	x->ctx.bundle = "/bundle";
	x->s.root_path = "rootfs";
	x->s.mounts = x->mounts;
	x->s.devices = x->devices;
	x->s.sysctl.v = x->sysctls;
	for (int i = 0; i < NS_COUNT; i++)
		x->s.ns[i].mode = i == NS_USER ? NS_INHERIT : NS_NEW;
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fix *x = *state;

	arena_free(&x->a);
	free(x);
	return 0;
}

/* options: comma-joined words, as in config.json's list */
static struct mount_spec *add(struct fix *x, const char *type, const char *source, const char *dest,
			      const char *options)
{
	struct mount_spec *m = &x->mounts[x->s.nmounts++];
	char *words = arena_strdup(&x->a, options), *save = NULL;
	struct err e = { 0 };

	m->type = type;
	m->source = source;
	m->destination = dest;
	for (char *w = strtok_r(words, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		int r = mountopt_add(&m->opts, w, &e);

		assert_true(r >= 0);
		if (r > 0)
			m->data = m->data ? arena_printf(&x->a, "%s,%s", m->data, w) : w;
	}
	return m;
}

static void plan(struct fix *x)
{
	struct err e = { 0 };

	assert_int_equal(rootfs_plan(&x->s, &x->ctx, &x->a, &x->p, &x->f, &e), 0);
}

/* Plan, and expect the faults "POINTER: TEXT" to begin so; NULL ends the list. */
static void assert_faults(struct fix *x, const char *const *want)
{
	size_t n = 0;

	plan(x);
	for (; want[n]; n++) {
		char got[512] = "nothing";

		if (n < x->f.n)
			snprintf(got, sizeof(got), "%s: %s", x->f.v[n].pointer, x->f.v[n].text);
		if (strncmp(got, want[n], strlen(want[n])) != 0)
			assert_string_equal(got, want[n]);
	}
	assert_int_equal(x->f.n, n);
}
#define FAULTS(x, ...) assert_faults(x, (const char *const[]){ __VA_ARGS__, NULL })
#define NO_FAULTS(x) assert_faults(x, (const char *const[]){ NULL })

static void assert_print(const struct fix *x, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	rootfs_print(x->p, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void defaults(struct fix *x)
{
	add(x, "proc", "proc", "/proc", "nosuid,noexec,nodev");
	add(x, "tmpfs", "tmpfs", "/dev", "nosuid,strictatime,mode=755,size=65536k");
	add(x, "devpts", "devpts", "/dev/pts", "nosuid,noexec,newinstance,ptmxmode=0666,gid=5");
	add(x, "sysfs", "sysfs", "/sys", "nosuid,noexec,nodev,ro");
	add(x, "cgroup", "cgroup", "/sys/fs/cgroup", "ro");
}

static void every_effect_is_one_line(void **state)
{
	struct fix *x = *state;

	defaults(x);
	add(x, NULL, "data", "/srv//x/", "rbind,ro,rslave");
	x->s.root_readonly = true;
	x->s.root_propagation = PROP_SHARED;
	strv_add(&x->s.masked_paths, &x->a, "/proc/kcore");
	strv_add(&x->s.readonly_paths, &x->a, "/proc/sys");
	x->sysctls[x->s.sysctl.n++] = (struct kv){ "net.ipv4.ip_forward", "1" };
	x->devices[x->s.ndevices++] = (struct device_spec){ .path = "/dev/fuse",
							    .type = S_IFCHR,
							    .major = 10,
							    .minor = 229,
							    .mode = 0600,
							    .uid = 3,
							    .gid = 4 };
	NO_FAULTS(x);
	assert_print(
		x,
		"root /bundle/rootfs\n"
		"mount proc on /proc nosuid,nodev,noexec\n"
		"mount tmpfs on /dev nosuid,strictatime,mode=755,size=65536k\n"
		"mount devpts on /dev/pts nosuid,noexec,newinstance,ptmxmode=0666,gid=5\n"
		"mount sysfs on /sys ro,nosuid,nodev,noexec\n"
		"mount cgroup on /sys/fs/cgroup ro\n"
		"rbind /bundle/data on /srv/x ro,rslave\n"
		"device /dev/null c 1:3 0666\ndevice /dev/zero c 1:5 0666\n"
		"device /dev/full c 1:7 0666\ndevice /dev/random c 1:8 0666\n"
		"device /dev/urandom c 1:9 0666\ndevice /dev/tty c 5:0 0666\n"
		"device /dev/fuse c 10:229 0600 3:4\n"
		"link /dev/fd /proc/self/fd\nlink /dev/stdin /proc/self/fd/0\n"
		"link /dev/stdout /proc/self/fd/1\nlink /dev/stderr /proc/self/fd/2\n"
		"link /dev/core /proc/kcore\nlink /dev/ptmx pts/ptmx\n"
		"sysctl net.ipv4.ip_forward=1\n"
		"readonly /proc/sys\nmask /proc/kcore\npivot\npropagation / shared\nreadonly /\n");
}

static void a_name_is_enough_where_the_directory_is_ours(void **state)
{
	struct fix *x = *state;

	defaults(x);
	add(x, "tmpfs", "tmpfs", "/dev/shm/deep", "");
	add(x, "tmpfs", "tmpfs", "/a/b", "");
	add(x, NULL, "/src", "/dev/pts/x", "bind");
	NO_FAULTS(x);
	assert_int_equal(x->p->mounts[0].base, MNT_ROOT);
	assert_string_equal(x->p->mounts[0].rel, "proc");
	assert_int_equal(x->p->mounts[2].base, 1);
	assert_string_equal(x->p->mounts[2].rel, "pts");
	assert_int_equal(x->p->mounts[4].base, 3);
	assert_string_equal(x->p->mounts[4].rel, "fs/cgroup");
	/* two names below a tmpfs, two below the root, a foreign file system: walked */
	assert_int_equal(x->p->mounts[5].base, MNT_WALK);
	assert_int_equal(x->p->mounts[6].base, MNT_WALK);
	assert_int_equal(x->p->mounts[7].base, MNT_WALK);
	assert_true(x->p->mounts[0].keep && x->p->mounts[1].keep && x->p->mounts[3].keep);
	assert_false(x->p->mounts[2].keep);
	assert_int_equal(x->p->first_cgroup, 4);
}

static void the_last_mount_over_a_place_holds_it(void **state)
{
	struct fix *x = *state;

	add(x, "tmpfs", "tmpfs", "/m", "");
	add(x, NULL, "/src", "/m", "bind");
	add(x, "tmpfs", "tmpfs", "/m/x", "");
	add(x, "tmpfs", "tmpfs", "/mm", "");
	NO_FAULTS(x);
	assert_int_equal(x->p->mounts[1].base, MNT_WALK);
	assert_int_equal(x->p->mounts[2].base, MNT_WALK);
	assert_int_equal(x->p->mounts[3].base, MNT_ROOT);
}

static void a_tmpfs_with_mount_points_becomes_read_only_late(void **state)
{
	struct fix *x = *state;

	add(x, "tmpfs", "tmpfs", "/a", "ro");
	add(x, "tmpfs", "tmpfs", "/b", "ro");
	add(x, NULL, "/src", "/b/c", "bind");
	add(x, "tmpfs", "tmpfs", "/dev", "ro");
	NO_FAULTS(x);
	assert_false(x->p->mounts[0].late_ro);
	assert_true(x->p->mounts[1].late_ro && x->p->mounts[1].keep);
	assert_true(x->p->mounts[3].late_ro);
	assert_false(mnt_new_attr(&x->p->mounts[1]) & MOUNT_ATTR_RDONLY);
	assert_true(mnt_new_attr(&x->p->mounts[0]) & MOUNT_ATTR_RDONLY);
}

static void bad_destinations_are_found(void **state)
{
	struct fix *x = *state;

	add(x, "tmpfs", "tmpfs", "/a/../proc", "");
	add(x, "tmpfs", "tmpfs", "/", "");
	add(x, "tmpfs", "tmpfs", "//./proc", "");
	add(x, NULL, "/etc", "/proc/sys/kernel", "bind");
	add(x, NULL, "/etc/hostname", "/proc/uptime", "bind");
	add(x, NULL, "/etc/hostname", "/proc/cpuinfo/x", "bind");
	FAULTS(x, "/mounts/0/destination: must be a path without",
	       "/mounts/1/destination: the root cannot be mounted over",
	       "/mounts/2/type: \"tmpfs\" cannot be mounted on /proc because it is not a procfs",
	       "/mounts/3/destination: \"/proc/sys/kernel\" cannot be mounted because it is inside",
	       "/mounts/5/destination: \"/proc/cpuinfo/x\" cannot be mounted");
}

static void bad_options_are_found(void **state)
{
	struct fix *x = *state;

	add(x, NULL, "/src", "/a", "bind,size=1");
	add(x, NULL, NULL, "/b", "rbind");
	add(x, "bind", "/src", "/c", "ro");
	add(x, NULL, "/src", "/d", "ro");
	add(x, "ext4", "/dev/x", "/e", "tmpcopyup");
	FAULTS(x, "/mounts/0/options: bind mounts cannot have any filesystem-specific options",
	       "/mounts/1/source: a bind mount needs a source", "/mounts/2/options: type \"bind\"",
	       "/mounts/3/type: missing", "/mounts/4/options: \"tmpcopyup\" is only possible");
}

static void idmaps_need_both_maps_or_a_user_namespace(void **state)
{
	struct fix *x = *state;
	struct id_map one[] = { { 0, 1000, 1 } }, other[] = { { 0, 1000, 2 } };

	add(x, NULL, "/a", "/a", "bind")->uid_maps = (struct id_maps){ one, 1 };
	add(x, NULL, "/b", "/b", "bind,idmap");
	add(x, "tmpfs", "tmpfs", "/c", "idmap");
	for (int i = 3; i < 6; i++) {
		struct mount_spec *m = add(x, NULL, "/s",
					   i == 3   ? "/d"
					   : i == 4 ? "/e"
						    : "/f",
					   "bind");

		m->uid_maps = (struct id_maps){ i == 4 ? other : one, 1 };
		m->gid_maps = (struct id_maps){ one, 1 };
	}
	FAULTS(x, "/mounts/0: uidMappings and gidMappings go together",
	       "/mounts/1: id-mapped mounts must have both uid and gid mappings specified",
	       "/mounts/2: id-mapped mounts are only possible for bind mounts");
	assert_int_equal(x->p->mounts[4].idmap_like, 4);
	assert_int_equal(x->p->mounts[5].idmap_like, 3);
	assert_false(rootfs_needs_userns(x->p));
}

static void idmap_waits_for_the_containers_maps(void **state)
{
	struct fix *x = *state;

	x->ctx.new_userns = true;
	add(x, NULL, "/b", "/b", "bind,ridmap");
	NO_FAULTS(x);
	assert_int_equal(x->p->mounts[0].idmap, IDMAP_CONTAINER);
	assert_true(rootfs_needs_userns(x->p));
}

static void without_a_mount_namespace_nothing_is_touched(void **state)
{
	struct fix *x = *state;

	x->s.ns[NS_MOUNT].mode = NS_INHERIT;
	defaults(x);
	x->s.nmounts = 1;
	strv_add(&x->s.masked_paths, &x->a, "/proc/kcore");
	strv_add(&x->s.readonly_paths, &x->a, "/proc/sys");
	x->s.root_readonly = true;
	x->s.root_propagation = PROP_SLAVE;
	FAULTS(x, "/mounts: a mount needs a mount namespace",
	       "/linux/maskedPaths: unable to restrict sys entries",
	       "/linux/readonlyPaths: unable to restrict sys entries",
	       "/root/readonly: ", "/linux/rootfsPropagation: ");
	assert_int_equal(x->p->ndevs, 0);
	assert_false(x->p->make_devs);
}

static void a_joined_mount_namespace_is_not_changed(void **state)
{
	struct fix *x = *state;

	x->s.ns[NS_MOUNT].mode = NS_JOIN;
	defaults(x);
	x->s.nmounts = 1;
	FAULTS(x, "/mounts: a mount would change a joined mount namespace");
}

static void the_hosts_dev_is_left_alone(void **state)
{
	struct fix *x = *state;

	add(x, NULL, "/dev", "/dev", "rbind");
	x->devices[x->s.ndevices++] =
		(struct device_spec){ .path = "/dev/fuse", .type = S_IFCHR, .major = 10 };
	NO_FAULTS(x);
	assert_false(x->p->make_devs);
	assert_print(x, "root /bundle/rootfs\nrbind /dev on /dev\npivot\n");
}

static void devices_and_mounts_keep_out_of_each_others_way(void **state)
{
	struct fix *x = *state;

	defaults(x);
	add(x, NULL, "/dev/zero", "/dev/null", "bind");
	add(x, NULL, "/x", "/dev/ptmx", "bind");
	x->devices[0] = (struct device_spec){ "/dev//zero", S_IFCHR, 1, 5, 0600, 7, 8 };
	x->devices[1] = (struct device_spec){ "/dev/full", S_IFCHR, 1, 3, 0666, 0, 0 };
	x->devices[2] = (struct device_spec){ "relative", S_IFCHR, 1, 3, 0666, 0, 0 };
	x->devices[3] = (struct device_spec){ "/opt/../x", S_IFBLK, 8, 0, 0666, 0, 0 };
	x->s.ndevices = 4;
	FAULTS(x, "/linux/devices/1/path: /dev/full is already another device (1:7)",
	       "/linux/devices/2/path: must be an absolute path",
	       "/linux/devices/3/path: must be an absolute path");
	assert_int_equal(x->p->ndevs, 5);
	assert_string_equal(x->p->devs[0].path, "/dev/zero");
	assert_int_equal(x->p->devs[0].mode, S_IFCHR | 0600);
	assert_int_equal(x->p->devs[0].uid, 7);
	for (size_t i = 0; i < ndev_links; i++)
		assert_int_equal(x->p->dev_link[i], strcmp(dev_links[i].name, "ptmx") != 0);
}

static void masks_are_absolute(void **state)
{
	struct fix *x = *state;

	strv_add(&x->s.masked_paths, &x->a, "proc/kcore");
	strv_add(&x->s.masked_paths, &x->a, "/a/..");
	strv_add(&x->s.masked_paths, &x->a, "");
	strv_add(&x->s.masked_paths, &x->a, "//proc//kcore/");
	strv_add(&x->s.masked_paths, &x->a, "/proc/self/mem");
	strv_add(&x->s.masked_paths, &x->a, "/proc/1/mem");
	strv_add(&x->s.masked_paths, &x->a, "/procfs");
	strv_add(&x->s.readonly_paths, &x->a, "/");
	FAULTS(x, "/linux/maskedPaths/0: must be an absolute path", "/linux/maskedPaths/1: must",
	       "/linux/maskedPaths/2: must", "/linux/readonlyPaths/0: is the root");
	assert_int_equal(x->p->nmasks, 4);
	assert_string_equal(x->p->masks[0].path, "/proc/kcore");
	assert_string_equal(x->p->masks[0].in_proc, "kcore");
	/* a link, a process, another directory: never by name */
	for (int i = 1; i < 4; i++)
		assert_null(x->p->masks[i].in_proc);
}

static void sysctl_keys_have_two_spellings(void **state)
{
	struct fix *x = *state;

	x->sysctls[0] = (struct kv){ "net.ipv4.conf.eno2/100.forwarding", "1" };
	x->sysctls[1] = (struct kv){ "net/ipv4/conf/eno2.100/forwarding", "1" };
	x->sysctls[2] = (struct kv){ "kernel/shm_rmid_forced", "1" };
	x->s.sysctl.n = 3;
	NO_FAULTS(x);
	assert_string_equal(x->p->sysctls[0].file, "sys/net/ipv4/conf/eno2.100/forwarding");
	assert_string_equal(x->p->sysctls[1].file, "sys/net/ipv4/conf/eno2.100/forwarding");
	assert_string_equal(x->p->sysctls[2].file, "sys/kernel/shm_rmid_forced");
}

static void sysctls_stay_in_the_containers_namespaces(void **state)
{
	static const struct {
		const char *key;
		enum ns_type without;
		const char *fault; /* NULL: allowed */
	} cases[] = {
		{ "net.core.somaxconn", NS_NETWORK,
		  "/linux/sysctl/net.core.somaxconn: sysctl "
		  "\"net.core.somaxconn\" is not allowed in the "
		  "host's network namespace" },
		{ "net.core.somaxconn", NS_IPC, NULL },
		{ "kernel.shmmax", NS_IPC, "/linux/sysctl/kernel.shmmax: " },
		{ "kernel.sem", NS_UTS, NULL },
		{ "fs.mqueue.msg_max", NS_IPC, "/linux/sysctl/fs.mqueue.msg_max: " },
		{ "fs/mqueue/msg_max", NS_IPC, "/linux/sysctl/fs~1mqueue~1msg_max: " },
		{ "kernel.domainname", NS_UTS, "/linux/sysctl/kernel.domainname: " },
		{ "kernel.hostname", NS_NETWORK,
		  "/linux/sysctl/kernel.hostname: sysctl "
		  "\"kernel.hostname\" conflicts with" },
		{ "user.max_user_namespaces", NS_USER, "/linux/sysctl/user.max_user_namespaces: " },
		{ "kernel.core_pattern", NS_IPC,
		  "/linux/sysctl/kernel.core_pattern: sysctl "
		  "\"kernel.core_pattern\" is not in a separate "
		  "kernel namespace" },
		{ "kernel.shmmaxx", NS_UTS, "/linux/sysctl/kernel.shmmaxx: " },
		{ "net", NS_UTS, "/linux/sysctl/net: " },
		{ "net..x", NS_UTS, "/linux/sysctl/net..x: sysctl \"net..x\" is no name" },
		{ "net/../kernel/core_pattern", NS_UTS, "/linux/sysctl/net~1..~1kernel" },
		{ "net//x", NS_UTS, "/linux/sysctl/net~1~1x: " },
		{ "", NS_UTS, "/linux/sysctl/: " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fix *x = *state;

		x->s.ns[cases[i].without].mode = NS_INHERIT;
		x->sysctls[0] = (struct kv){ cases[i].key, "1" };
		x->s.sysctl.n = 1;
		assert_faults(x, (const char *const[]){ cases[i].fault, NULL });
		teardown(state);
		setup(state);
	}
}

static void the_root_must_be_named(void **state)
{
	struct fix *x = *state;

	x->s.root_path = NULL;
	FAULTS(x, "/root/path: root must be specified");
}

static void a_relative_bundle_is_our_own_mistake(void **state)
{
	struct fix *x = *state;
	struct err e = { 0 };

	x->ctx.bundle = "bundle";
	assert_int_equal(rootfs_plan(&x->s, &x->ctx, &x->a, &x->p, &x->f, &e), -EINVAL);
	assert_string_equal(e.text, "the bundle's path must be absolute");
}

static void the_host_view_says_what_it_hides(void **state)
{
	struct fix *x = *state;

	x->s.root_host = true;
	x->s.root_path = NULL;
	x->ctx.new_userns = true;
	add(x, "tmpfs", "tmpfs", "/tmp", "");
	NO_FAULTS(x);
	assert_true(rootfs_needs_userns(x->p));

	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	rootfs_print(x->p, out);
	fclose(out);
	assert_non_null(strstr(text, "root host view\nhide /root\nhide /home\n"));
	assert_non_null(strstr(text, "hide /etc/shadow\n"));
	assert_non_null(strstr(text, "hide /etc/ssh/ssh_host_*\n"));
	assert_null(strstr(text, "hide /tmp\n"));
	free(text);
}

static void only_disks_are_layers_of_the_host_view(void **state)
{
	struct fix *x = *state;
	struct layer *v;
	size_t n;
	char text[] = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
		      "22 27 0:21 / /proc rw shared:1 master:2 - proc proc rw\n"
		      "40 27 8:3 / /var/log rw,relatime shared:3 - xfs /dev/sda3 rw\n"
		      "41 27 8:2 / /var rw,relatime - xfs /dev/sda2 rw\n"
		      "42 27 8:2 / /var rw,relatime - btrfs /dev/sda2 rw\n"
		      "43 27 8:4 / /home rw,relatime - ext4 /dev/sda4 rw\n"
		      "44 27 8:4 / /home/user rw,relatime - ext4 /dev/sda4 rw\n"
		      "45 27 8:5 / /srv/a\\040b rw,relatime - ext4 /dev/sda5 rw\n"
		      "46 27 8:6 / /dev/disk rw,relatime - ext4 /dev/sda5 rw\n"
		      "47 27 0:50 / /mnt/net rw,relatime - nfs4 a:/b rw\n"
		      "48 27 8:7 / /tmpx rw,relatime - ext4 /dev/sda7 rw\n"
		      "49 27 8:7 / /cut\n";

	hostview_parse(text, &x->a, &v, &n);
	assert_int_equal(n, 5);
	assert_string_equal(v[0].path, "/");
	assert_string_equal(v[1].path, "/srv/a b");
	assert_string_equal(v[2].path, "/tmpx");
	assert_string_equal(v[3].path, "/var");
	assert_string_equal(v[4].path, "/var/log");
}

static void data_words_respect_quotes(_unused_ void **state)
{
	const char *data = "size=1k,,context=\"a:b:c1,c2\",lowerdir=/a\\,b,flag";
	static const char *const want[] = { "size=1k", "context=a:b:c1,c2", "lowerdir=/a,b",
					    "flag" };
	char word[32];

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(mnt_data_next(&data, word, sizeof(word)), 1);
		assert_string_equal(word, want[i]);
	}
	assert_int_equal(mnt_data_next(&data, word, sizeof(word)), 0);
	data = "123456789";
	assert_int_equal(mnt_data_next(&data, word, 9), -E2BIG);
	assert_int_equal(mnt_data_next(&data, word, 10), 1);
}

static void data_keys_are_whole_words(_unused_ void **state)
{
	assert_true(mnt_data_has("a=1,mode=755", "mode"));
	assert_true(mnt_data_has("mode", "mode"));
	assert_false(mnt_data_has("ptmxmode=666,modes", "mode"));
	assert_false(mnt_data_has(NULL, "mode"));
}

static void long_values_are_noticed(_unused_ void **state)
{
	char data[600] = "a=b,lowerdir=";
	size_t len = strlen(data);

	memset(data + len, 'x', 255);
	assert_false(mnt_data_long(data));
	memcpy(data + len + 255, ",c", 3);
	assert_false(mnt_data_long(data));
	memset(data + len, 'x', 256);
	data[len + 256] = 0;
	assert_true(mnt_data_long(data));
	assert_false(mnt_data_long(NULL));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

TEST_GROUP(rootfs_plan, T(every_effect_is_one_line),
	   T(a_name_is_enough_where_the_directory_is_ours), T(the_last_mount_over_a_place_holds_it),
	   T(a_tmpfs_with_mount_points_becomes_read_only_late), T(bad_destinations_are_found),
	   T(bad_options_are_found), T(idmaps_need_both_maps_or_a_user_namespace),
	   T(idmap_waits_for_the_containers_maps), T(without_a_mount_namespace_nothing_is_touched),
	   T(a_joined_mount_namespace_is_not_changed), T(the_hosts_dev_is_left_alone),
	   T(devices_and_mounts_keep_out_of_each_others_way), T(masks_are_absolute),
	   T(sysctl_keys_have_two_spellings), T(sysctls_stay_in_the_containers_namespaces),
	   T(the_root_must_be_named), T(a_relative_bundle_is_our_own_mistake),
	   T(the_host_view_says_what_it_hides), T(only_disks_are_layers_of_the_host_view),
	   cmocka_unit_test(data_words_respect_quotes), cmocka_unit_test(data_keys_are_whole_words),
	   cmocka_unit_test(long_values_are_noticed));
