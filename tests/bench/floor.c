/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what the kernel itself takes for one container of the default spec, started the way
 * that costs least, and ended again. No configuration, no state, no checks: nothing that a runtime
 * is for. What berth takes beyond this is berth's own.
 *
 * usage: floor ROOTFS CMD [ARG ...]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_HIERARCHIES 24

struct hierarchy {
	char mount[256];
	int dir_fd, procs_fd, mnt_fd;
	bool v2;
};

struct box {
	struct hierarchy h[MAX_HIERARCHIES];
	size_t n;
	char name[32];
};

static long must(long r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
		_exit(1);
	}
	return r;
}

static int filesystem(const char *type, const char *const (*options)[2], unsigned attr)
{
	int fs = (int)must(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), type);

	for (; options && (*options)[0]; options++)
		must(syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, (*options)[0], (*options)[1],
			     0),
		     (*options)[0]);
	must(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	int mnt = (int)must(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attr), type);
	close(fs);
	return mnt;
}

static int copy_of(int dir_fd, const char *path, unsigned flags, uint64_t attr)
{
	struct mount_attr a = { .attr_set = attr, .propagation = MS_PRIVATE };
	int mnt = (int)must(
		syscall(SYS_open_tree, dir_fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags),
		path);

	if (attr)
		must(syscall(SYS_mount_setattr, mnt, "", AT_EMPTY_PATH, &a, sizeof(a)), path);
	return mnt;
}

static void attach(int mnt, int dir_fd, const char *path)
{
	must(syscall(SYS_move_mount, mnt, "", dir_fd, path, MOVE_MOUNT_F_EMPTY_PATH), path);
}

static void write_at(int dir_fd, const char *file, const char *value)
{
	int fd = (int)must(openat(dir_fd, file, O_WRONLY | O_CLOEXEC), file);

	must(write(fd, value, strlen(value)), file);
	close(fd);
}

static void copy_at(const char *mount, int dir_fd, const char *file)
{
	char path[512], value[4096];

	snprintf(path, sizeof(path), "%s/%s", mount, file);
	int fd = (int)must(open(path, O_RDONLY | O_CLOEXEC), path);
	ssize_t n = read(fd, value, sizeof(value) - 1);
	close(fd);
	value[n > 0 ? n : 0] = '\0';
	write_at(dir_fd, file, value);
}

static void find_hierarchies(struct box *b)
{
	char line[1024], type[32];
	FILE *f = fopen("/proc/self/mounts", "re");

	while (f && b->n < MAX_HIERARCHIES && fgets(line, sizeof(line), f)) {
		struct hierarchy *h = &b->h[b->n];

		if (sscanf(line, "%*s %255s %31s", h->mount, type) != 2 ||
		    strncmp(type, "cgroup", 6) != 0)
			continue;
		h->v2 = type[6] == '2';
		b->n++;
	}
	if (f)
		fclose(f);
}

static void allow_devices(int dir_fd)
{
	static const char *const rules[] = { "c *:* m",   "b *:* m",     "c 1:3 rwm", "c 1:8 rwm",
					     "c 1:7 rwm", "c 5:0 rwm",   "c 1:5 rwm", "c 1:9 rwm",
					     "c 5:1 rwm", "c 136:* rwm", "c 5:2 rwm" };

	write_at(dir_fd, "devices.deny", "a");
	for (size_t i = 0; i < COUNT(rules); i++)
		write_at(dir_fd, "devices.allow", rules[i]);
}

static void make_cgroups(struct box *b)
{
	const unsigned quiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;
	char path[512];

	for (size_t i = 0; i < b->n; i++) {
		struct hierarchy *h = &b->h[i];

		snprintf(path, sizeof(path), "%s/%s", h->mount, b->name);
		must(mkdir(path, 0755), path);
		h->dir_fd = (int)must(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
		if (strstr(h->mount, "cpuset")) {
			copy_at(h->mount, h->dir_fd, "cpuset.cpus");
			copy_at(h->mount, h->dir_fd, "cpuset.mems");
		}
		if (strstr(h->mount, "devices"))
			allow_devices(h->dir_fd);
		/* while the directory is on a mount of our own namespace */
		h->mnt_fd = copy_of(h->dir_fd, "", AT_EMPTY_PATH, quiet | MOUNT_ATTR_RDONLY);
		h->procs_fd = -1;
		if (!h->v2)
			h->procs_fd = (int)must(
				openat(h->dir_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC), path);
	}
}

static void remove_cgroups(const struct box *b)
{
	char path[512];

	for (size_t i = 0; i < b->n; i++) {
		snprintf(path, sizeof(path), "%s/%s", b->h[i].mount, b->name);
		must(rmdir(path), path);
	}
}

static void loopback_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = (int)must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	must(ioctl(fd, SIOCSIFFLAGS, &r), "lo");
	close(fd);
}

static void make_dev(int root_fd)
{
	static const char *const tmpfs[][2] = { { "mode", "755" }, { "size", "65536k" }, { 0 } };
	static const char *const pts[][2] = {
		{ "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" }, { 0 }
	};
	static const char *const shm[][2] = { { "mode", "1777" }, { "size", "65536k" }, { 0 } };
	static const struct {
		const char *name;
		unsigned major, minor;
	} nodes[] = { { "null", 1, 3 },   { "zero", 1, 5 },    { "full", 1, 7 },
		      { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
	static const char *const links[][2] = { { "/proc/self/fd", "fd" },
						{ "/proc/self/fd/0", "stdin" },
						{ "/proc/self/fd/1", "stdout" },
						{ "/proc/self/fd/2", "stderr" },
						{ "pts/ptmx", "ptmx" } };
	const unsigned quiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	int dev = filesystem("tmpfs", tmpfs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME);

	attach(dev, root_fd, "dev");
	for (size_t i = 0; i < COUNT(nodes); i++)
		must(mknodat(dev, nodes[i].name, S_IFCHR | 0666,
			     makedev(nodes[i].major, nodes[i].minor)),
		     nodes[i].name);
	for (size_t i = 0; i < COUNT(links); i++)
		must(symlinkat(links[i][0], dev, links[i][1]), links[i][1]);
	must(mkdirat(dev, "pts", 0755), "pts");
	must(mkdirat(dev, "shm", 0755), "shm");
	must(mkdirat(dev, "mqueue", 0755), "mqueue");
	int mnt = filesystem("devpts", pts, quiet);
	attach(mnt, dev, "pts");
	close(mnt);
	mnt = filesystem("tmpfs", shm, quiet | MOUNT_ATTR_NODEV);
	attach(mnt, dev, "shm");
	close(mnt);
	mnt = filesystem("mqueue", NULL, quiet | MOUNT_ATTR_NODEV);
	attach(mnt, dev, "mqueue");
	close(mnt);
	close(dev);
}

static void mount_cgroups(const struct box *b, int root_fd)
{
	static const char *const tmpfs[][2] = { { "mode", "755" }, { 0 } };
	const unsigned quiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	int top = -1;

	if (b->n > 1) {
		top = filesystem("tmpfs", tmpfs, quiet);
		attach(top, root_fd, "sys/fs/cgroup");
	}
	for (size_t i = 0; i < b->n; i++) {
		const char *name = strrchr(b->h[i].mount, '/') + 1;

		if (top >= 0) {
			must(mkdirat(top, name, 0755), name);
			attach(b->h[i].mnt_fd, top, name);
		} else {
			attach(b->h[i].mnt_fd, root_fd, "sys/fs/cgroup");
		}
		close(b->h[i].mnt_fd);
	}
	if (top < 0)
		return;
	must(syscall(SYS_mount_setattr, top, "", AT_EMPTY_PATH, &ro, sizeof(ro)), "read-only");
	close(top);
}

static void mask(void)
{
	static const char *const masked[] = { "acpi",        "asound",        "kcore",
					      "keys",        "latency_stats", "timer_list",
					      "timer_stats", "sched_debug",   "scsi" };
	static const char *const readonly[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };
	int empty = filesystem("tmpfs", NULL, MOUNT_ATTR_RDONLY);
	int proc = (int)must(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), "/proc");

	for (size_t i = 0; i < COUNT(masked); i++) {
		struct stat st;

		if (fstatat(proc, masked[i], &st, 0) < 0)
			continue;
		int mnt = S_ISDIR(st.st_mode) ? copy_of(empty, "", AT_EMPTY_PATH, 0)
					      : copy_of(AT_FDCWD, "/dev/null", 0, 0);
		attach(mnt, proc, masked[i]);
		close(mnt);
	}
	struct stat st;
	if (stat("/sys/firmware", &st) == 0)
		attach(copy_of(empty, "", AT_EMPTY_PATH, 0), AT_FDCWD, "/sys/firmware");
	for (size_t i = 0; i < COUNT(readonly); i++) {
		if (fstatat(proc, readonly[i], &st, 0) < 0)
			continue;
		int mnt = copy_of(proc, readonly[i], AT_RECURSIVE, MOUNT_ATTR_RDONLY);
		attach(mnt, proc, readonly[i]);
		close(mnt);
	}
}

static void drop_privileges(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const uint32_t keep = 1U << CAP_AUDIT_WRITE | 1U << CAP_KILL | 1U << CAP_NET_BIND_SERVICE;
	struct __user_cap_data_struct caps[2] = { { keep, keep, keep }, { 0 } };

	for (int c = 0; c <= CAP_LAST_CAP; c++)
		if (c >= 32 || !(keep >> c & 1))
			must(prctl(PR_CAPBSET_DROP, c), "bounding set");
	must(syscall(SYS_capset, &head, caps), "capset");
	for (int c = 0; c < 32; c++)
		if (keep >> c & 1)
			must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0), "ambient");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static void container(const struct box *b, const char *rootfs, char *const argv[])
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", term[] = "TERM=xterm";
	static char *const env[] = { path, term, NULL };
	const unsigned quiet = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;

	for (size_t i = 0; i < b->n; i++)
		if (!b->h[i].v2)
			must(write(b->h[i].procs_fd, "0", 1), "cgroup.procs");
	must(unshare(CLONE_NEWCGROUP), "cgroup namespace");
	must(setsid(), "setsid");
	must(sethostname("floor", 5), "hostname");
	loopback_up();
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "propagation");
	int root = copy_of(AT_FDCWD, rootfs, AT_RECURSIVE, 0);
	attach(root, AT_FDCWD, rootfs);
	int mnt = filesystem("proc", NULL, 0);
	attach(mnt, root, "proc");
	close(mnt);
	mnt = filesystem("sysfs", NULL, quiet | MOUNT_ATTR_RDONLY);
	attach(mnt, root, "sys");
	close(mnt);
	make_dev(root);
	mount_cgroups(b, root);
	must(fchdir(root), "fchdir");
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "chdir");
	mask();
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	must(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &ro, sizeof(ro)), "read-only root");
	drop_privileges();
	must(syscall(SYS_close_range, 3, ~0U, 0), "close_range");
	execve(argv[0], argv, env);
	must(-1, argv[0]);
}

int main(int argc, char **argv)
{
	struct box b = { .n = 0 };
	int pidfd = -1;
	struct clone_args c = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			 CLONE_PIDFD,
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	siginfo_t info = { 0 };

	if (argc < 3) {
		fputs("usage: floor ROOTFS CMD [ARG ...]\n", stderr);
		return 2;
	}
	snprintf(b.name, sizeof(b.name), "floor-%d", (int)getpid());
	find_hierarchies(&b);
	make_cgroups(&b);
	for (size_t i = 0; i < b.n; i++) {
		if (!b.h[i].v2)
			continue;
		c.flags |= CLONE_INTO_CGROUP;
		c.cgroup = (uint64_t)b.h[i].dir_fd;
	}
	pid_t pid = (pid_t)must(syscall(SYS_clone3, &c, sizeof(c)), "clone3");
	if (pid == 0)
		container(&b, argv[1], argv + 2);
	must(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED), "waitid");
	remove_cgroups(&b);
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}
