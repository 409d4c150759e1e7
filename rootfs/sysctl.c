/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "rootfs/inroot.h"
#include "rootfs/plan.h"
#include "rootfs/rootfs.h"
#include "runtime/base/arena.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"
#include "specs/faults.h"

/*
 * The file of a key. As sysctl(8): in "net.ipv4.conf.eth0/1.x" the first separator is the dot, so
 * slashes stand for dots within a name; in "net/ipv4/conf/eth0.1/x" it is the other way round.
 */
static const char *key_file(struct arena *a, const char *key)
{
	char *file = arena_printf(a, "sys/%s", key), *p = file + strlen("sys/");
	bool swap = key[strcspn(key, "./")] == '.';

	for (char *c = p; swap && *c; c++)
		*c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
	return file;
}

/* No empty component, no "." and no "..": the file is where the name says. */
static bool well_formed(const char *file)
{
	while (*file) {
		size_t len = strcspn(file, "/");

		if (!len || (len == 1 && file[0] == '.') ||
		    (len == 2 && file[0] == '.' && file[1] == '.'))
			return false;
		file += len;
		if (*file == '/' && !*++file)
			return false;
	}
	return true;
}

static const struct {
	const char *file; /* below sys/; with a slash at the end: all below */
	enum ns_type ns;
} spaced[] = {
	{ "net/", NS_NETWORK },
	{ "user/", NS_USER },
	{ "fs/mqueue/", NS_IPC },
	{ "kernel/msgmax", NS_IPC },
	{ "kernel/msgmnb", NS_IPC },
	{ "kernel/msgmni", NS_IPC },
	{ "kernel/sem", NS_IPC },
	{ "kernel/shmall", NS_IPC },
	{ "kernel/shmmax", NS_IPC },
	{ "kernel/shmmni", NS_IPC },
	{ "kernel/shm_rmid_forced", NS_IPC },
	{ "kernel/domainname", NS_UTS },
	{ "kernel/hostname", NS_UTS },
};

static void check_space(const struct spec *s, const char *key, const char *file, const char *at,
			struct faults *f)
{
	file += strlen("sys/");
	for (size_t i = 0; i < ARRAY_SIZE(spaced); i++) {
		size_t len = strlen(spaced[i].file);
		bool all = spaced[i].file[len - 1] == '/';

		if (all ? strncmp(file, spaced[i].file, len) != 0
			: strcmp(file, spaced[i].file) != 0)
			continue;
		if (!strcmp(file, "kernel/hostname"))
			fault_add(f, FAULT_INVALID, at,
				  "sysctl \"%s\" conflicts with \"hostname\", which sets it", key);
		else if (s->ns[spaced[i].ns].mode == NS_INHERIT)
			fault_add(f, FAULT_INVALID, at,
				  "sysctl \"%s\" is not allowed in the host's %s namespace", key,
				  ns_names[spaced[i].ns].word);
		return;
	}
	fault_add(f, FAULT_INVALID, at, "sysctl \"%s\" is not in a separate kernel namespace", key);
}

/* JSON pointers write "/" as "~1" and "~" as "~0". */
static const char *pointer(struct arena *a, const char *key)
{
	char *out = arena_alloc(a, strlen("/linux/sysctl/") + 2 * strlen(key) + 1);
	char *p = stpcpy(out, "/linux/sysctl/");

	for (; *key; key++) {
		if (*key == '/' || *key == '~') {
			*p++ = '~';
			*p++ = *key == '/' ? '1' : '0';
		} else {
			*p++ = *key;
		}
	}
	*p = 0;
	return out;
}

void sysctl_plan(struct rootfs_plan *p, const struct spec *s, struct arena *a, struct faults *f)
{
	p->sysctls = arena_array(a, s->sysctl.n, sizeof(*p->sysctls));
	for (size_t i = 0; i < s->sysctl.n; i++) {
		struct sysctl *c = &p->sysctls[p->nsysctls];
		const struct kv *kv = &s->sysctl.v[i];
		const char *at = pointer(a, kv->key);

		c->key = kv->key;
		c->value = kv->value;
		c->file = key_file(a, kv->key);
		if (!well_formed(c->file)) {
			fault_add(f, FAULT_INVALID, at, "sysctl \"%s\" is no name of a sysctl",
				  kv->key);
			continue;
		}
		check_space(s, c->key, c->file, at, f);
		p->nsysctls++;
	}
}

static int write_beneath(int proc_fd, const char *file, const char *value)
{
	own_fd fd = inroot_open_beneath(proc_fd, file, O_WRONLY);
	size_t len = strlen(value);

	if (fd < 0)
		return fd;

	ssize_t n = TEMP_FAILURE_RETRY(write(fd, value, len));

	return n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
}

int rootfs_proc_write(struct rootfs *r, const char *file, const char *value, struct err *e)
{
	int proc_fd = rootfs_proc(r, e), k;

	if (proc_fd < 0)
		return proc_fd;
	k = write_beneath(proc_fd, file, value);
	return k < 0 ? err_set(e, -k, "write /proc/%s", file) : 0;
}

int rootfs_sysctl(struct rootfs *r, struct err *e)
{
	const struct rootfs_plan *p = r->plan;
	int proc_fd;

	if (!p->nsysctls)
		return 0;
	proc_fd = rootfs_proc(r, e);
	if (proc_fd < 0)
		return err_at(e, "sysctl");
	for (size_t i = 0; i < p->nsysctls; i++) {
		const struct sysctl *c = &p->sysctls[i];
		int k = write_beneath(proc_fd, c->file, c->value);

		/* Engines take "permission denied" for a fault of the program: say it otherwise. */
		if (k == -ENOENT)
			return err_text(e, ENOENT,
					"sysctl \"%s\": this kernel has none of that name", c->key);
		if (k == -EACCES || k == -EPERM)
			return err_text(e, -k, "sysctl \"%s\": the kernel does not let us write it",
					c->key);
		if (k < 0)
			return err_set(e, -k, "sysctl \"%s\": write \"%s\"", c->key, c->value);
	}
	return 0;
}
