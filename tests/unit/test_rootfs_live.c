/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The INIT calls against the real kernel: in a user namespace, so no root is needed, and in
 * mount, pid, network and IPC namespaces of their own, so nothing of the host is touched.
 */
#include "tests/unit/t.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "runtime/base/sys.h"
#include "specs/faults.h"
#include "specs/spec.h"
#include "tests/unit/child.h"
#include "tests/unit/tree.h"

enum { MOUNTS = 16 };

struct fix {
	struct tree t; /* root/: the container's; beside/: the host's, with a file */
	struct arena a;
	struct spec s;
	struct rootfs_ctx ctx;
	struct mount_spec mounts[MOUNTS];
	struct device_spec device;
	struct kv sysctl;
	bool console;
	const char *fails;                   /* the error that is expected; NULL: none */
	void (*inside)(const struct fix *x); /* in the container, after the pivot */
};

static int setup(void **state)
{
	struct fix *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	tree_make(&x->t);
	for (const char *const *p = (const char *const[]){ "root/proc", "root/sys", "root/dev",
							   "root/etc", "beside/sub", NULL };
	     *p; p++)
		tree_dir(&x->t, *p, 0755);
	tree_file(&x->t, "beside/file", "outside", 7, 0644);
	spec_init(&x->s);
	x->s.root_path = "root";
	x->s.mounts = x->mounts;
	for (int i = 0; i < NS_COUNT; i++)
		x->s.ns[i].mode = i == NS_USER ? NS_INHERIT : NS_NEW;
	x->ctx.bundle = x->t.path;
	x->ctx.in_userns = true;
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fix *x = *state;
	char file[8] = "";
	int fd = openat(x->t.fd, "beside/file", O_RDONLY | O_CLOEXEC);

	/* whatever was tried: what lies beside the root is as it was */
	assert_int_equal(read(fd, file, sizeof(file)), 7);
	assert_string_equal(file, "outside");
	close(fd);
	assert_int_equal(faccessat(x->t.fd, "beside/new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	tree_remove(&x->t);
	arena_free(&x->a);
	free(x);
	return 0;
}

static struct mount_spec *add(struct fix *x, const char *type, const char *source, const char *dest,
			      const char *options)
{
	struct mount_spec *m = &x->mounts[x->s.nmounts++];
	char *words = arena_strdup(&x->a, options), *save = NULL;
	struct err e = { 0 };

	m->type = type;
	m->source = source;
	m->destination = dest;
	for (char *w = strtok_r(words, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (mountopt_add(&m->opts, w, &e) > 0)
			m->data = m->data ? arena_printf(&x->a, "%s,%s", m->data, w) : w;
	return m;
}

static void defaults(struct fix *x)
{
	add(x, "proc", "proc", "/proc", "nosuid,noexec,nodev");
	add(x, "tmpfs", "tmpfs", "/dev", "nosuid,strictatime,mode=755,size=64k");
	add(x, "devpts", "devpts", "/dev/pts", "nosuid,noexec,newinstance,ptmxmode=0666,gid=5");
	add(x, "sysfs", "sysfs", "/sys", "nosuid,noexec,nodev,ro");
}

static int open_console(struct rootfs *r, struct err *e)
{
	own_fd ptmx_fd = openat(r->root_fd, "dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	EXPECT(ptmx_fd >= 0);
	EXPECT(unlockpt(ptmx_fd) == 0);

	own_fd slave_fd = openat(r->root_fd, "dev/pts/0", O_RDWR | O_NOCTTY | O_CLOEXEC);

	EXPECT(slave_fd >= 0);
	return rootfs_console(r, slave_fd, e);
}

static int init_steps(const struct fix *x, struct rootfs *r, struct err *e)
{
	int k = rootfs_setup(r, e);

	if (k == 0)
		k = rootfs_mounts(r, ROOTFS_BEFORE_CGROUP, e);
	if (k == 0)
		k = rootfs_mounts(r, ROOTFS_FROM_CGROUP, e);
	if (k == 0)
		k = rootfs_devices(r, e);
	if (k == 0 && x->console)
		k = open_console(r, e);
	if (k == 0)
		k = rootfs_sysctl(r, e);
	if (k == 0)
		k = rootfs_mask(r, e);
	if (k == 0)
		k = rootfs_pivot(r, e);
	return k == 0 ? rootfs_finish(r, e) : k;
}

static int expected(const struct fix *x, int k, const struct err *e)
{
	if (k == 0 && !x->fails)
		return 0;
	if (k < 0 && x->fails && strstr(e->text, x->fails))
		return 1;
	dprintf(2, "got '%s', expected '%s'\n", k < 0 ? e->text : "success",
		x->fails ? x->fails : "success");
	_exit(1);
}

static int init(const struct fix *x, struct rootfs *r)
{
	struct err e = { 0 };

	EXPECT(unshare(CLONE_NEWNS) == 0);
	if (expected(x, init_steps(x, r, &e), &e) == 0 && x->inside)
		x->inside(x);
	rootfs_close(r);
	return 0;
}

/*
 * A berth that is broken must not break the machine it is tested on: what the tests see of it is
 * read-only, but for their own tree.
 */
static void protect_host(const struct fix *x)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY },
			  rw = { .attr_clr = MOUNT_ATTR_RDONLY };

	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	EXPECT(mount(x->t.path, x->t.path, NULL, MS_BIND, NULL) == 0);
	EXPECT(sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &ro) == 0);
	EXPECT(sys_mount_setattr(AT_FDCWD, x->t.path, 0, &rw) == 0);
	/* the maps of id-mapped mounts are written there; nothing can be made in it */
	EXPECT(sys_mount_setattr(AT_FDCWD, "/proc", 0, &rw) == 0);
	EXPECT(mkdir("/berth-test", 0700) < 0 && (errno == EROFS || errno == EACCES));
	EXPECT(mkdir("/dev/berth-test", 0700) < 0 && (errno == EROFS || errno == EACCES));
	EXPECT(mkdir("/tmp/berth-test", 0700) < 0);
}

/* The host's side, with a mount namespace that is "the host's" for this test. */
static int host(void *arg)
{
	struct fix *x = arg;
	struct faults f = { .arena = &x->a };
	struct rootfs_plan *p;
	struct rootfs r = ROOTFS_INIT;
	struct err e = { 0 };
	int status;

	EXPECT(unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC) == 0);
	protect_host(x);
	/* as systemd leaves a host */
	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) == 0);
	EXPECT(rootfs_plan(&x->s, &x->ctx, &x->a, &p, &f, &e) == 0);
	EXPECT(f.errors == 0);

	int k = rootfs_open(&r, p, &x->a, &e);

	if (k < 0)
		return expected(x, k, &e) == 1 ? 0 : 1;

	/* the first child from here on is the first process of the new pid namespace */
	EXPECT(unshare(CLONE_NEWPID) == 0);

	pid_t pid = fork();

	EXPECT(pid >= 0);
	if (pid == 0)
		_exit(init(x, &r));
	rootfs_close(&r);
	EXPECT(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void run(struct fix *x)
{
	int status = child_run(CHILD_USERNS, host, x);

	if (status < 0)
		skip();
	assert_int_equal(status, 0);
}

/* ---- what is looked at inside; "/" is the container's root there ---- */

static bool has(const char *path, mode_t type)
{
	struct stat st;

	return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static bool is_device(const char *path, unsigned major, unsigned minor)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(major, minor);
}

static bool fs_is(const char *path, long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (unsigned long)fs.f_type == (unsigned long)magic;
}

static unsigned long flags(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 ? fs.f_flag : 0;
}

static bool links_to(const char *path, const char *target)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = 0;
	return !strcmp(text, target);
}

static bool holds(const char *path, const char *text)
{
	char got[64] = "";
	own_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, got, sizeof(got) - 1) >= 0 && !strcmp(got, text);
}

/* Every mount that is left begins at "/" of the container; none is the host's. */
static void nothing_of_the_host(const struct fix *x)
{
	char line[4096];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	bool first = true;

	EXPECT(f);
	while (fgets(line, sizeof(line), f)) {
		char root[PATH_MAX], where[PATH_MAX];

		EXPECT(sscanf(line, "%*s %*s %*s %4095s %4095s", root, where) == 2);
		EXPECT(!strcmp(where, "/") == first);
		EXPECT(!first || strstr(root, x->t.path + 4) || fs_is("/", TMPFS_MAGIC));
		EXPECT(!strstr(line, "shared:") && !strstr(line, "master:"));
		first = false;
	}
	fclose(f);

	struct stat root, up;

	EXPECT(stat("/", &root) == 0 && stat("/..", &up) == 0);
	EXPECT(root.st_ino == up.st_ino && root.st_dev == up.st_dev);
}

static void default_inside(const struct fix *x)
{
	nothing_of_the_host(x);
	EXPECT(fs_is("/proc", PROC_SUPER_MAGIC) && fs_is("/sys", SYSFS_MAGIC));
	EXPECT(fs_is("/dev", TMPFS_MAGIC) && fs_is("/dev/pts", DEVPTS_SUPER_MAGIC));
	EXPECT(flags("/proc") & ST_NOSUID && flags("/proc") & ST_NODEV);
	EXPECT(flags("/sys") & ST_RDONLY);
	EXPECT(is_device("/dev/null", 1, 3) && is_device("/dev/zero", 1, 5));
	EXPECT(is_device("/dev/full", 1, 7) && is_device("/dev/random", 1, 8));
	EXPECT(is_device("/dev/urandom", 1, 9) && is_device("/dev/tty", 5, 0));
	EXPECT(links_to("/dev/fd", "/proc/self/fd") && links_to("/dev/ptmx", "pts/ptmx"));
	EXPECT(links_to("/dev/stdin", "/proc/self/fd/0"));
	EXPECT(links_to("/dev/core", "/proc/kcore"));
	EXPECT(holds("/proc/sys/kernel/ostype", "Linux\n"));
	EXPECT(!has("/dev/console", S_IFCHR));
}

static void the_default_file_systems_are_there(void **state)
{
	struct fix *x = *state;

	defaults(x);
	x->inside = default_inside;
	run(x);
}

static void the_same_without_pivot(void **state)
{
	struct fix *x = *state;

	defaults(x);
	x->ctx.no_pivot = true;
	run(x);
}

static void masks_inside(_unused_ const struct fix *x)
{
	EXPECT(is_device("/proc/keys", 1, 3) || !has("/proc/keys", S_IFREG));
	EXPECT(is_device("/proc/timer_list", 1, 3) || !has("/proc/timer_list", S_IFREG));
	EXPECT(is_device("/proc/meminfo", 1, 3) && fs_is("/proc/tty", TMPFS_MAGIC));
	EXPECT(is_device("/etc/hidden", 1, 3));
	EXPECT(flags("/proc/irq") & ST_RDONLY && fs_is("/proc/irq", TMPFS_MAGIC));
	EXPECT(fs_is("/proc/fs", TMPFS_MAGIC) && flags("/proc/fs") & ST_RDONLY);
	EXPECT(fs_is("/sys/kernel", TMPFS_MAGIC) && flags("/sys/kernel") & ST_RDONLY);
	EXPECT(!has("/sys/kernel/notes", S_IFREG) && !has("/etc/dir/x", S_IFREG));
	EXPECT(flags("/proc/sys") & ST_RDONLY && flags("/proc/sys") & ST_NOSUID);
	EXPECT(flags("/etc/ro") & ST_RDONLY);
	EXPECT(!(flags("/proc") & ST_RDONLY) && !(flags("/etc") & ST_RDONLY));
	EXPECT(open("/proc/sys/kernel/domainname", O_WRONLY | O_CLOEXEC) < 0);
	EXPECT(errno == EROFS || errno == EACCES);
}

static void masks_hide_and_spare_what_is_missing(void **state)
{
	struct fix *x = *state;

	defaults(x);
	tree_file(&x->t, "root/etc/hidden", "secret", 6, 0644);
	tree_file(&x->t, "root/etc/dir/x", "secret", 6, 0644);
	tree_dir(&x->t, "root/etc/ro", 0755);
	/* a directory by its name's guess that is none, a file that is a directory, missing ones */
	for (const char *const *p =
		     (const char *const[]){ "/proc/keys", "/proc/timer_list", "/proc/irq",
					    "/proc/nope", "/proc/fs", "/proc/meminfo", "/proc/tty",
					    "/sys/kernel", "/sys/nope", "/etc/hidden", "/etc/dir",
					    "/etc/hidden/x", "/nope/nope", NULL };
	     *p; p++)
		strv_add(&x->s.masked_paths, &x->a, *p);
	for (const char *const *p =
		     (const char *const[]){ "/proc/sys", "/proc/nope", "/etc/ro", "/nope", NULL };
	     *p; p++)
		strv_add(&x->s.readonly_paths, &x->a, *p);
	x->inside = masks_inside;
	run(x);
}

/* CVE-2025-31133: what an image has as its /dev/null is never what masks. */
static void null_inside(_unused_ const struct fix *x)
{
	EXPECT(is_device("/proc/keys", 1, 3) || !has("/proc/keys", S_IFREG));
	EXPECT(is_device("/etc/hidden", 1, 3));
}

static void a_hostile_dev_null_masks_nothing(void **state)
{
	struct fix *x = *state;

	add(x, "proc", "proc", "/proc", "");
	add(x, NULL, "/dev", "/dev", "rbind");
	tree_file(&x->t, "root/etc/hidden", "secret", 6, 0644);
	strv_add(&x->s.masked_paths, &x->a, "/proc/keys");
	strv_add(&x->s.masked_paths, &x->a, "/etc/hidden");
	x->inside = null_inside;
	run(x);
}

/* CVE-2019-19921, CVE-2023-27561 */
static void a_linked_proc_is_refused(void **state)
{
	struct fix *x = *state;

	defaults(x);
	assert_int_equal(unlinkat(x->t.fd, "root/proc", AT_REMOVEDIR), 0);
	tree_link(&x->t, "root/proc", "etc");
	x->fails = "error mounting \"proc\" to rootfs at \"/proc\": the mount point must be a "
		   "directory, not a symlink";
	run(x);
}

static void a_linked_sys_is_refused(void **state)
{
	struct fix *x = *state;

	defaults(x);
	assert_int_equal(unlinkat(x->t.fd, "root/sys", AT_REMOVEDIR), 0);
	tree_link(&x->t, "root/sys", x->t.path);
	x->fails = "to rootfs at \"/sys\": the mount point must be a directory, not a symlink";
	run(x);
}

/* CVE-2026-41579, CVE-2026-47766: the link's text is read inside, so beside/ stays empty. */
static void linked_dev_inside(_unused_ const struct fix *x)
{
	nothing_of_the_host(x);
	EXPECT(is_device("/dev/null", 1, 3) && fs_is("/dev/pts", DEVPTS_SUPER_MAGIC));
}

static void a_linked_dev_stays_inside(void **state)
{
	struct fix *x = *state;

	defaults(x);
	assert_int_equal(unlinkat(x->t.fd, "root/dev", AT_REMOVEDIR), 0);
	tree_link(&x->t, "root/dev", arena_printf(&x->a, "%s/beside/new", x->t.path));
	x->inside = linked_dev_inside;
	run(x);
}

/* CVE-2019-18837, CVE-2021-30465, CVE-2024-45310 */
static void linked_bind_inside(const struct fix *x)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/beside/new/file", x->t.path);
	EXPECT(holds(path, "outside"));
	EXPECT(holds("/up/deep/file", "outside"));
}

static void a_destination_behind_links_is_made_inside(void **state)
{
	struct fix *x = *state;

	tree_link(&x->t, "root/mnt", arena_printf(&x->a, "%s/beside/new", x->t.path));
	tree_link(&x->t, "root/up", "../../../../../../up2");
	defaults(x);
	add(x, NULL, "beside/file", "/mnt/file", "bind,ro");
	add(x, NULL, "beside", "/up/deep", "bind,ro");
	x->inside = linked_bind_inside;
	run(x);
}

static void a_link_into_proc_is_refused(void **state)
{
	struct fix *x = *state;

	defaults(x);
	tree_link(&x->t, "root/alias", "/proc");
	add(x, NULL, "beside", "/alias/bus", "bind");
	x->fails = "the destination is a symlink into a procfs";
	run(x);
}

static void what_covers_proc_must_be_a_procfs(void **state)
{
	struct fix *x = *state;

	defaults(x);
	add(x, NULL, "beside", "/proc", "bind");
	x->fails = "only a procfs can be mounted on /proc";
	run(x);
}

static void binds_inside(_unused_ const struct fix *x)
{
	EXPECT(flags("/ro") & ST_RDONLY && holds("/ro/file", "outside"));
	EXPECT(!(flags("/rw") & ST_RDONLY));
	EXPECT(flags("/f") & ST_RDONLY && flags("/f") & ST_NOEXEC && holds("/f", "outside"));
	EXPECT(links_to("/link", "file"));
	EXPECT(flags("/late") & ST_RDONLY && has("/late/in", S_IFDIR));
	EXPECT(flags("/later") & ST_RDONLY && flags("/later") & ST_NOSUID);
}

static void binds_have_their_flags(void **state)
{
	struct fix *x = *state;

	tree_link(&x->t, "beside/link", "file");
	defaults(x);
	add(x, NULL, "beside", "/ro", "rbind,ro");
	add(x, NULL, "beside", "/rw", "bind,rslave");
	add(x, NULL, "beside/link", "/f", "bind,rro,noexec");
	add(x, NULL, "beside/link", "/link", "bind,copy-symlink");
	add(x, "tmpfs", "tmpfs", "/late", "ro");
	add(x, NULL, "beside", "/late/in", "bind");
	add(x, "tmpfs", "tmpfs", "/later", "nosuid");
	add(x, NULL, NULL, "/later", "remount,ro,bind");
	x->inside = binds_inside;
	run(x);
}

/* Does the mount on dest have the optional field in mountinfo? */
static bool tagged(const char *dest, const char *tag)
{
	char line[4096], where[PATH_MAX];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	bool found = false;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %*s %*s %4095s", where) == 1 && !strcmp(where, dest))
			found = strstr(line, tag) != NULL;
	fclose(f);
	return found;
}

static void propagation_inside(_unused_ const struct fix *x)
{
	EXPECT(!tagged("/none", "shared:") && !tagged("/none", "master:"));
	EXPECT(!tagged("/private", "shared:") && !tagged("/private", "master:"));
	EXPECT(!tagged("/slave", "shared:") && tagged("/slave", "master:"));
	EXPECT(tagged("/shared", "shared:") && !tagged("/shared", "master:"));
	EXPECT(tagged("/unbindable", "unbindable"));
	EXPECT(tagged("/tmp", "shared:") && !tagged("/tmp", "master:"));
	EXPECT(!tagged("/", "shared:") && tagged("/", "master:"));
}

/* The host's mounts are shared: only who asks for it stays connected. */
static void propagation_is_what_the_spec_says(void **state)
{
	struct fix *x = *state;

	defaults(x);
	add(x, NULL, "beside", "/none", "rbind");
	add(x, NULL, "beside", "/private", "bind,rprivate,ro");
	add(x, NULL, "beside", "/slave", "rbind,rslave");
	add(x, NULL, "beside", "/shared", "bind,rshared,ro");
	add(x, NULL, "beside", "/unbindable", "bind,unbindable");
	add(x, "tmpfs", "tmpfs", "/tmp", "shared");
	x->s.root_propagation = PROP_SLAVE;
	x->inside = propagation_inside;
	run(x);
}

/* With a user namespace of its own a container must not mount into the host. */
static void shared_userns_inside(_unused_ const struct fix *x)
{
	EXPECT(tagged("/shared", "shared:") && tagged("/shared", "master:"));
}

static void a_user_namespace_is_never_a_peer_of_the_host(void **state)
{
	struct fix *x = *state;

	defaults(x);
	x->ctx.new_userns = true;
	add(x, NULL, "beside", "/shared", "rbind,rshared");
	x->inside = shared_userns_inside;
	run(x);
}

static void a_missing_source_is_named(void **state)
{
	struct fix *x = *state;
	const char *source = arena_printf(&x->a, "%s/nope", x->t.path);

	add(x, NULL, "nope", "/x", "bind");
	x->fails = arena_printf(
		&x->a, "error mounting \"%s\" to rootfs at \"/x\": no such file or directory",
		source);
	run(x);
}

static void a_directory_on_a_file_is_named(void **state)
{
	struct fix *x = *state;

	tree_file(&x->t, "root/etc/f", "", 0, 0644);
	add(x, NULL, "beside", "/etc/f", "bind");
	x->fails = "to rootfs at \"/etc/f\": not a directory";
	run(x);
}

static void an_unknown_type_is_named(void **state)
{
	struct fix *x = *state;

	add(x, "nosuchfs", "x", "/x", "");
	x->fails = "error mounting \"x\" to rootfs at \"/x\": no such device";
	run(x);
}

static void the_kernels_words_are_kept(void **state)
{
	struct fix *x = *state;

	add(x, "tmpfs", "tmpfs", "/x", "nosuid,bogus=1");
	x->fails = "to rootfs at \"/x\": tmpfs: Unknown parameter 'bogus'";
	run(x);
}

static void the_root_must_be_a_real_directory(void **state)
{
	struct fix *x = *state;

	tree_link(&x->t, "link", "root");
	x->s.root_path = "link";
	x->fails = "link is a symlink";
	run(x);
	x->s.root_path = "beside/file";
	x->fails = "is not a directory";
	run(x);
	x->s.root_path = "nope";
	x->fails = "nope: no such file or directory";
	run(x);
}

static void a_label_without_selinux_is_an_error(void **state)
{
	struct fix *x = *state;

	if (access("/sys/fs/selinux/enforce", F_OK) == 0)
		skip();
	defaults(x);
	x->s.mount_label = "system_u:object_r:container_file_t:s0:c1,c2";
	x->fails = "SELinux is not enabled on this host";
	run(x);
}

static void idmap_inside(_unused_ const struct fix *x)
{
	struct stat st;

	EXPECT(stat("/mapped/file", &st) == 0 && st.st_uid == 1234 && st.st_gid == 1235);
	EXPECT(stat("/same/file", &st) == 0 && st.st_uid == 1234);
	EXPECT(stat("/plain/file", &st) == 0 && st.st_uid == geteuid());
	EXPECT(holds("/mapped/file", "outside") && flags("/mapped") & ST_RDONLY);
}

static void a_mount_may_have_maps_of_its_own(void **state)
{
	struct fix *x = *state;
	struct id_map uids = { 0, 1234, 1 }, gids = { 0, 1235, 1 };
	struct mount_spec *m;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		skip();
	}
	defaults(x);
	x->ctx.in_userns = false;
	m = add(x, NULL, "beside", "/mapped", "bind,ro");
	m->uid_maps = (struct id_maps){ &uids, 1 };
	m->gid_maps = (struct id_maps){ &gids, 1 };
	m = add(x, NULL, "beside", "/same", "rbind,ridmap");
	m->uid_maps = (struct id_maps){ &uids, 1 };
	m->gid_maps = (struct id_maps){ &gids, 1 };
	add(x, NULL, "beside", "/plain", "bind");
	x->inside = idmap_inside;
	assert_int_equal(child_run(CHILD_PLAIN, host, x), 0);
}

static void own_maps_need_root_of_the_host(void **state)
{
	struct fix *x = *state;
	struct id_map ids = { 0, 0, 1 };
	struct mount_spec *m = add(x, NULL, "beside", "/mapped", "bind");

	m->uid_maps = (struct id_maps){ &ids, 1 };
	m->gid_maps = (struct id_maps){ &ids, 1 };
	x->fails = "/beside\" to rootfs at \"/mapped\": ";
	run(x);
}

static void nodes_inside(_unused_ const struct fix *x)
{
	struct stat st;

	EXPECT(stat("/opt/dev/b", &st) == 0 && S_ISBLK(st.st_mode));
	EXPECT(st.st_rdev == makedev(7, 9) && (st.st_mode & 07777) == 0626 && st.st_gid == 6);
	EXPECT(stat("/dev/null", &st) == 0 && (st.st_mode & 07777) == 0666 && !st.st_uid);
}

static void listed_devices_get_mode_and_owner(void **state)
{
	struct fix *x = *state;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		skip();
	}
	defaults(x);
	x->ctx.in_userns = false;
	x->device = (struct device_spec){ "/opt/dev/b", S_IFBLK, 7, 9, 0626, 5, 6 };
	x->s.devices = &x->device;
	x->s.ndevices = 1;
	x->inside = nodes_inside;
	assert_int_equal(child_run(CHILD_PLAIN, host, x), 0);
}

static void copyup_inside(_unused_ const struct fix *x)
{
	struct stat st;

	EXPECT(fs_is("/etc/up", TMPFS_MAGIC));
	EXPECT(stat("/etc/up", &st) == 0 && (st.st_mode & 07777) == 01750);
	EXPECT(lstat("/etc/up/d/f", &st) == 0 && st.st_mode == (S_IFREG | 04711));
	EXPECT(holds("/etc/up/d/f", "content") && links_to("/etc/up/l", "/etc/passwd"));
	EXPECT(has("/etc/up/p", S_IFIFO));
	EXPECT(stat("/etc/kept", &st) == 0 && (st.st_mode & 07777) == 01777);
	EXPECT(stat("/etc/given", &st) == 0 && (st.st_mode & 07777) == 0700);
}

static void a_tmpfs_takes_mode_and_content_of_what_it_hides(void **state)
{
	struct fix *x = *state;

	tree_dir(&x->t, "root/etc/up", 01750);
	tree_file(&x->t, "root/etc/up/d/f", "content", 7, 04711);
	tree_link(&x->t, "root/etc/up/l", "/etc/passwd");
	tree_fifo(&x->t, "root/etc/up/p");
	tree_dir(&x->t, "root/etc/kept", 01777);
	tree_dir(&x->t, "root/etc/given", 0755);
	add(x, "tmpfs", "tmpfs", "/etc/up", "tmpcopyup");
	add(x, "tmpfs", "tmpfs", "/etc/kept", "");
	add(x, "tmpfs", "tmpfs", "/etc/given", "mode=700");
	x->inside = copyup_inside;
	run(x);
}

static void console_inside(_unused_ const struct fix *x)
{
	EXPECT(is_device("/dev/console", 136, 0));
}

/* CVE-2026-88264 */
static void the_console_is_never_made_through_a_link(void **state)
{
	struct fix *x = *state;

	tree_link(&x->t, "root/dev/console", arena_printf(&x->a, "%s/beside/new", x->t.path));
	add(x, "proc", "proc", "/proc", "");
	add(x, "devpts", "devpts", "/dev/pts", "newinstance,ptmxmode=0666");
	x->console = true;
	x->inside = console_inside;
	run(x);
}

static int bad_console(_unused_ void *arg)
{
	struct rootfs r = ROOTFS_INIT;
	struct err e = { 0 };
	own_fd fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	r.dev_fd = open("/", O_PATH | O_CLOEXEC);
	EXPECT(rootfs_console(&r, fd, &e) == -ENOTTY);
	return 0;
}

static void what_is_no_terminal_is_no_console(_unused_ void **state)
{
	assert_int_equal(child_run(CHILD_PLAIN, bad_console, NULL), 0);
}

static void wrong_devices_are_errors(void **state)
{
	struct fix *x = *state;

	tree_file(&x->t, "root/dev/null", "", 0, 0644);
	tree_link(&x->t, "root/dev/zero", "/etc/passwd");
	x->fails = "make device /dev/zero: another file is there already";
	run(x);
}

static void a_host_device_must_be_the_one_asked_for(void **state)
{
	struct fix *x = *state;

	defaults(x);
	x->device = (struct device_spec){ "/dev/null2", S_IFCHR, 1, 3, 0666, 0, 0 };
	x->s.devices = &x->device;
	x->s.ndevices = 1;
	x->fails = "device /dev/null2 of the host: no such file or directory";
	run(x);
}

static void sysctl_inside(_unused_ const struct fix *x)
{
	EXPECT(holds("/proc/sys/net/ipv4/ip_forward", "1\n"));
}

static void sysctls_are_written(void **state)
{
	struct fix *x = *state;

	defaults(x);
	strv_add(&x->s.readonly_paths, &x->a, "/proc/sys");
	x->sysctl = (struct kv){ "net.ipv4.ip_forward", "1" };
	x->s.sysctl = (struct kvs){ &x->sysctl, 1 };
	x->inside = sysctl_inside;
	run(x);
}

static void sysctl_faults_have_no_engine_words(void **state)
{
	struct fix *x = *state;

	x->sysctl = (struct kv){ "net.ipv4.nope", "1" };
	x->s.sysctl = (struct kvs){ &x->sysctl, 1 };
	x->fails = "sysctl \"net.ipv4.nope\": this kernel has none of that name";
	run(x);
	x->sysctl = (struct kv){ "net.ipv4.ip_forward", "bogus" };
	x->fails = "sysctl \"net.ipv4.ip_forward\": write \"bogus\": invalid argument";
	run(x);
}

static void root_inside(_unused_ const struct fix *x)
{
	char line[4096];
	FILE *f = fopen("/proc/self/mountinfo", "re");

	EXPECT(flags("/") & ST_RDONLY && !(flags("/dev") & ST_RDONLY));
	EXPECT(f && fgets(line, sizeof(line), f) && strstr(line, " shared:"));
	fclose(f);
}

static void the_root_is_made_read_only_and_shared(void **state)
{
	struct fix *x = *state;

	defaults(x);
	x->s.root_readonly = true;
	x->s.root_propagation = PROP_SHARED;
	x->inside = root_inside;
	run(x);
}

static void view_inside(_unused_ const struct fix *x)
{
	struct stat st;

	EXPECT(stat("/..", &st) == 0 && stat("/usr/bin", &st) == 0);
	EXPECT(has("/root", S_IFDIR) && !has("/root/.bashrc", S_IFREG));
	EXPECT(fs_is("/root", TMPFS_MAGIC) && fs_is("/home", TMPFS_MAGIC));
	EXPECT(stat("/etc/shadow", &st) < 0 || st.st_size == 0);
	EXPECT(fs_is("/tmp", TMPFS_MAGIC) && fs_is("/proc", PROC_SUPER_MAGIC));
}

static void the_host_view_hides_its_secrets(void **state)
{
	struct fix *x = *state;

	defaults(x);
	x->s.root_host = true;
	x->inside = view_inside;
	run(x);
}

static void copy_inside(const struct fix *x)
{
	char line[4096], path[PATH_MAX];
	int fd, mounts = 0;
	FILE *f = fopen("/proc/self/mountinfo", "re");
	struct stat root, up;

	view_inside(x);
	EXPECT(fs_is("/", OVERLAYFS_SUPER_MAGIC));
	/* one root, and nothing over it by which the host's could be reached */
	while (f && fgets(line, sizeof(line), f))
		mounts += strstr(line, " / / ") != NULL;
	EXPECT(mounts == 1);
	fclose(f);
	EXPECT(stat("/", &root) == 0 && stat("/..", &up) == 0);
	EXPECT(root.st_dev == up.st_dev && root.st_ino == up.st_ino);
	/* written here; the teardown looks that the host has none of it */
	snprintf(path, sizeof(path), "%s/beside/new", x->t.path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	EXPECT(fd >= 0 || fs_is("/tmp", TMPFS_MAGIC));
	EXPECT(unlink("/etc/passwd") == 0 && mkdir("/etc/passwd", 0755) == 0);
}

/* The layers need the initial user namespace; nothing of the host is written to. */
static void the_host_view_is_copied_on_write(void **state)
{
	struct fix *x = *state;
	struct stat before, after;

	if (geteuid() != 0) {
		printf("# skipped: needs root\n");
		skip();
	}
	defaults(x);
	x->s.root_host = true;
	x->ctx.in_userns = false;
	x->inside = copy_inside;
	assert_int_equal(stat("/etc/passwd", &before), 0);
	assert_int_equal(child_run(CHILD_PLAIN, host, x), 0);
	assert_int_equal(stat("/etc/passwd", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mode, after.st_mode);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

TEST_GROUP(rootfs_live, T(the_default_file_systems_are_there), T(the_same_without_pivot),
	   T(masks_hide_and_spare_what_is_missing), T(a_hostile_dev_null_masks_nothing),
	   T(a_linked_proc_is_refused), T(a_linked_sys_is_refused), T(a_linked_dev_stays_inside),
	   T(a_destination_behind_links_is_made_inside), T(a_link_into_proc_is_refused),
	   T(what_covers_proc_must_be_a_procfs), T(binds_have_their_flags),
	   T(propagation_is_what_the_spec_says), T(a_user_namespace_is_never_a_peer_of_the_host),
	   T(a_missing_source_is_named), T(a_directory_on_a_file_is_named),
	   T(an_unknown_type_is_named), T(the_kernels_words_are_kept),
	   T(the_root_must_be_a_real_directory), T(a_label_without_selinux_is_an_error),
	   T(a_mount_may_have_maps_of_its_own), T(own_maps_need_root_of_the_host),
	   T(listed_devices_get_mode_and_owner), T(a_tmpfs_takes_mode_and_content_of_what_it_hides),
	   T(the_console_is_never_made_through_a_link),
	   cmocka_unit_test(what_is_no_terminal_is_no_console), T(wrong_devices_are_errors),
	   T(a_host_device_must_be_the_one_asked_for), T(sysctls_are_written),
	   T(sysctl_faults_have_no_engine_words), T(the_root_is_made_read_only_and_shared),
	   T(the_host_view_hides_its_secrets), T(the_host_view_is_copied_on_write));
