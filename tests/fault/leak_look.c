/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/leak.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/attr.h"

static void out_of_memory(void)
{
	fputs("leakcheck: out of memory\n", stderr);
	exit(125);
}

void snapshot_put(struct snapshot *s, const char *fmt, ...)
{
	va_list ap;

	if (s->room - s->len < 3 * PATH_MAX) {
		s->room = (s->room + 3 * PATH_MAX) * 2;
		s->text = realloc(s->text, s->room);
		if (!s->text)
			out_of_memory();
	}
	va_start(ap, fmt);
	int n = vsnprintf(s->text + s->len, s->room - s->len, fmt, ap);
	va_end(ap);
	if ((size_t)n >= s->room - s->len)
		n = (int)(s->room - s->len) - 1;
	s->len += (size_t)n + 1;
	s->n++;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void snapshot_sort(struct snapshot *s)
{
	char *p = s->text;

	free(s->lines);
	s->lines = calloc(s->n + 1, sizeof(*s->lines));
	if (!s->lines)
		out_of_memory();
	for (size_t i = 0; i < s->n; i++, p += strlen(p) + 1)
		s->lines[i] = p;
	qsort(s->lines, s->n, sizeof(*s->lines), compare_lines);
}

static ssize_t read_file(int dir_fd, const char *path, char *text, size_t size)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	text[0] = '\0';
	if (fd < 0)
		return -1;
	while (len + 1 < size) {
		ssize_t n = read(fd, text + len, size - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	text[len] = '\0';
	return (ssize_t)len;
}

/* All of a file of any length; the caller frees it. */
static char *slurp(const char *path)
{
	size_t size = 1 << 16;

	for (;;) {
		char *text = malloc(size);

		if (!text)
			out_of_memory();
		if (read_file(AT_FDCWD, path, text, size) + 1 < (ssize_t)size)
			return text;
		free(text);
		size *= 4;
	}
}

/* The mount without its ids and peer group numbers, which differ for an equal mount. */
static void put_mount(struct snapshot *s, char *line)
{
	char text[3 * PATH_MAX];
	size_t len = 0;
	unsigned field = 0;

	for (char *save = NULL, *w = strtok_r(line, " ", &save); w;
	     w = strtok_r(NULL, " ", &save)) {
		int n = (int)strlen(w);
		char *colon = strchr(w, ':');

		field++;
		if (field <= 2)
			continue;
		if (field > 6 && colon &&
		    (strncmp(w, "shared:", 7) == 0 || strncmp(w, "master:", 7) == 0 ||
		     strncmp(w, "propagate_from:", 15) == 0))
			n = (int)(colon - w);
		if (len + (size_t)n + 2 >= sizeof(text))
			break;
		memcpy(text + len, w, (size_t)n);
		text[len + (size_t)n] = ' ';
		len += (size_t)n + 1;
	}
	text[len ? len - 1 : 0] = '\0';
	snapshot_put(s, "mount %s", text);
}

static void cgroup_tree(struct snapshot *s, const struct leak_watch *w, const char *mount,
			const char *rel, unsigned depth)
{
	char path[PATH_MAX];

	if (depth > 24 || (size_t)snprintf(path, sizeof(path), "%s%s", mount, rel) >= sizeof(path))
		return;
	DIR *d = opendir(path);
	if (!d)
		return;
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		char below[PATH_MAX];

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(below, sizeof(below), "%s/%s", rel, e->d_name) >=
		    sizeof(below))
			continue;
		if (!w->mine || strstr(below, w->mine))
			snapshot_put(s, "cgroup %s%s", mount, below);
		cgroup_tree(s, w, mount, below, depth + 1);
	}
	closedir(d);
}

static void look_at_mounts(struct snapshot *s, const struct leak_watch *w)
{
	char *text = slurp("/proc/self/mountinfo");

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char target[PATH_MAX];
		const char *type = strstr(l, " - cgroup");

		if (type && sscanf(l, "%*s %*s %*s %*s %4095s", target) == 1)
			cgroup_tree(s, w, target, "", 0);
		put_mount(s, l);
	}
	free(text);
}

/* Does any of the links that tie a process to a place mention the text? */
static bool process_mentions(int proc_fd, const char *pid, const char *what)
{
	static const char *const links[] = { "exe", "cwd", "root" };
	static const char *const files[] = { "cmdline", "cgroup", "environ" };
	char path[600], text[8192];

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		snprintf(path, sizeof(path), "%.32s/%s", pid, links[i]);
		ssize_t n = readlinkat(proc_fd, path, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		if (strstr(text, what))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%.32s/%s", pid, files[i]);
		ssize_t n = read_file(proc_fd, path, text, sizeof(text));
		if (n > 0 && memmem(text, (size_t)n, what, strlen(what)))
			return true;
	}
	snprintf(path, sizeof(path), "/proc/%.32s/fd", pid);
	DIR *d = opendir(path);
	bool found = false;
	for (struct dirent *e = d ? readdir(d) : NULL; e && !found; e = readdir(d)) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, text, sizeof(text) - 1);

		text[n > 0 ? n : 0] = '\0';
		found = strstr(text, what);
	}
	if (d)
		closedir(d);
	return found;
}

static void put_namespaces(struct snapshot *s, int proc_fd, const char *pid)
{
	static const char *const names[] = { "mnt", "net", "pid",    "user",
					     "ipc", "uts", "cgroup", "time" };
	char path[64], text[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%.32s/ns/%s", pid, names[i]);
		ssize_t n = readlinkat(proc_fd, path, text, sizeof(text) - 1);
		if (n <= 0)
			continue;
		text[n] = '\0';
		snapshot_put(s, "namespace %s", text);
	}
}

/* pid, start time and name identify a process; the state is for the reader, but not compared. */
static void put_process(struct snapshot *s, int proc_fd, const char *pid)
{
	char path[64], stat[1024], name[64] = "";
	unsigned long long started = 0;

	snprintf(path, sizeof(path), "%.32s/stat", pid);
	if (read_file(proc_fd, path, stat, sizeof(stat)) <= 0)
		return;
	char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	if (!open || !close)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(close - open - 1), open + 1);
	sscanf(close + 1,
	       " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
	       &started);
	snapshot_put(s, "process %s started %llu %s", pid, started, name);
}

static void look_at_processes(struct snapshot *s, const struct leak_watch *w)
{
	DIR *d = opendir("/proc");
	char self[16];

	snprintf(self, sizeof(self), "%d", (int)getpid());
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9' || strcmp(e->d_name, self) == 0)
			continue;
		if (w->mine && !process_mentions(dirfd(d), e->d_name, w->mine))
			continue;
		put_process(s, dirfd(d), e->d_name);
		put_namespaces(s, dirfd(d), e->d_name);
	}
	if (d)
		closedir(d);
}

static void tree(struct snapshot *s, int parent_fd, const char *name, const char *shown)
{
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (!d && fd >= 0)
		close(fd);
	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		char path[PATH_MAX];
		struct stat st;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", shown, e->d_name) >= sizeof(path))
			continue;
		snapshot_put(s, "file %06o %s", st.st_mode, path);
		if (S_ISDIR(st.st_mode))
			tree(s, fd, e->d_name, path);
	}
	if (d)
		closedir(d);
}

/*
 * A lock whose owner is outside this pid namespace is hidden by the kernel, but for open file
 * description locks, shown with pid -1: these say nothing about whose they are, and end with the
 * process that holds them, which is looked for anyway.
 */
static void look_at_locks(struct snapshot *s, const struct leak_watch *w)
{
	char *text = slurp("/proc/locks");

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char kind[16], how[16], rw[16], inode[64];
		int pid;

		if (sscanf(l, "%*s %15s %15s %15s %d %63s", kind, how, rw, &pid, inode) != 5)
			continue;
		if (pid < 0 || w->mine)
			continue;
		snapshot_put(s, "lock %s %s %d %s", kind, rw, pid, inode);
	}
	free(text);
}

static void look_at_links(struct snapshot *s)
{
	char *text = slurp("/proc/self/net/dev");

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(l, ':');

		if (!colon)
			continue;
		*colon = '\0';
		snapshot_put(s, "link %s", l + strspn(l, " "));
	}
	free(text);
}

static void look_at_terminals(struct snapshot *s)
{
	DIR *d = opendir("/dev/pts");

	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		if (e->d_name[0] != '.')
			snapshot_put(s, "pty %s", e->d_name);
	}
	if (d)
		closedir(d);
}

static void look_at_keys(struct snapshot *s, const struct leak_watch *w)
{
	if (!w->key)
		return;
	char *text = slurp("/proc/keys");

	for (char *save = NULL, *l = strtok_r(text, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save)) {
		char id[16] = "";

		if (strstr(l, w->key) && sscanf(l, "%15s", id) == 1)
			snapshot_put(s, "key %s %s", id, strstr(l, w->key));
	}
	free(text);
}

static long bpf_call(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static void look_at_bpf(struct snapshot *s)
{
	uint32_t id = 0;

	for (;;) {
		union bpf_attr attr = { .start_id = id };
		struct bpf_prog_info info = { 0 };

		if (bpf_call(BPF_PROG_GET_NEXT_ID, &attr) < 0)
			return;
		id = attr.next_id;
		attr = (union bpf_attr){ .prog_id = id };
		int fd = (int)bpf_call(BPF_PROG_GET_FD_BY_ID, &attr);
		if (fd < 0)
			continue;
		attr = (union bpf_attr){ .info = { .bpf_fd = (uint32_t)fd,
						   .info_len = sizeof(info),
						   .info = (uintptr_t)&info } };
		if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 &&
		    info.type == BPF_PROG_TYPE_CGROUP_DEVICE)
			snapshot_put(s, "bpf cgroup_device %u", id);
		close(fd);
	}
}

static void look_at_loops(struct snapshot *s)
{
	DIR *d = opendir("/sys/block");

	for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
		char path[600], file[PATH_MAX];

		if (strncmp(e->d_name, "loop", 4) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/loop/backing_file", e->d_name);
		if (read_file(dirfd(d), path, file, sizeof(file)) > 0)
			snapshot_put(s, "loop %s %s", e->d_name, file);
	}
	if (d)
		closedir(d);
}

void snapshot_take(struct snapshot *s, const struct leak_watch *w)
{
	char name[256];

	s->len = 0;
	s->n = 0;
	look_at_mounts(s, w);
	look_at_processes(s, w);
	for (size_t i = 0; i < w->ntrees; i++)
		tree(s, AT_FDCWD, w->trees[i], w->trees[i]);
	look_at_locks(s, w);
	look_at_links(s);
	look_at_terminals(s);
	look_at_keys(s, w);
	look_at_bpf(s);
	look_at_loops(s);
	if (gethostname(name, sizeof(name)) == 0)
		snapshot_put(s, "hostname %s", name);
	snapshot_sort(s);
}
