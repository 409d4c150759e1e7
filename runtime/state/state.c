/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/state/state.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fd.h"

enum { LOCK_WAIT_S = 10, CLAIM_TRIES = 64, MAX_FILE = 32 << 20 };

void state_close(struct state_dir *d)
{
	fd_drop(&d->dir_fd);
}

int state_check_id(const char *id, struct err *e)
{
	bool good = *id && strlen(id) <= NAME_MAX && strcmp(id, ".") && strcmp(id, "..");

	for (const char *c = id; *c; c++)
		good = good && (isalnum((unsigned char)*c) || strchr("_+.-", *c));
	if (good)
		return 0;
	err_text(e, EINVAL, "invalid container ID format: \"%s\"", id);
	return err_hint(
		e,
		"an ID has 1 to 255 of the characters A-Z a-z 0-9 _ + . - and is not '.' or '..'");
}

/* mkdir -p, mode 0700 for the last one and 0711 above it */
static int make_root(const char *path, struct err *e)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return err_set(e, ENAMETOOLONG, "state directory '%s'", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, i == len ? 0700 : 0711) < 0 && errno != EEXIST)
			return err_set(e, errno, "make state directory '%s'", part);
	}
	return 0;
}

int state_root(const char *path, bool make, struct err *e)
{
	own_fd fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT && make) {
		int r = make_root(path, e);

		if (r < 0)
			return r;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_set(e, errno, "open state directory '%s'", path);
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "stat state directory '%s'", path);
	if (st.st_uid != geteuid() || (st.st_mode & 022)) {
		err_text(e, EPERM,
			 "state directory '%s' could be changed by others (owner %u, mode %04o)",
			 path, st.st_uid, st.st_mode & 07777);
		return err_hint(e, "give it to user %u with mode 0700, or name another with --root",
				geteuid());
	}
	return take_fd(fd);
}

/* flock has no time limit of its own: a signal ends the wait. */
static void on_alarm(_unused_ int sig)
{
}

static int lock_wait(int fd)
{
	struct sigaction act = { .sa_handler = on_alarm }, old;
	struct itimerval limit = { .it_value = { .tv_sec = LOCK_WAIT_S } }, off = { 0 };
	int r;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	sigaction(SIGALRM, &act, &old);
	setitimer(ITIMER_REAL, &limit, NULL);
	r = flock(fd, LOCK_EX) < 0 ? -errno : 0;
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &old, NULL);
	return r;
}

/* Does the name still lead to the directory that we hold? */
static bool still_there(const struct state_dir *d)
{
	struct stat held, named;

	return fstat(d->dir_fd, &held) == 0 &&
	       fstatat(d->root_fd, d->id, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static int open_dir(struct state_dir *d)
{
	d->dir_fd = openat(d->root_fd, d->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return d->dir_fd < 0 ? -errno : 0;
}

static int lock_error(struct state_dir *d, int r, struct err *e)
{
	state_close(d);
	if (r != -EINTR)
		return err_set(e, -r, "lock container '%s'", d->id);
	return err_text(e, EBUSY, "container '%s' is locked by another berth for more than %d s",
			d->id, LOCK_WAIT_S);
}

/*
 * A directory that is there and locked by us: new, a dead create's, or a container. Also one
 * that we made may be a container by now: whoever found it had the lock first and took it over.
 */
static int examine(struct state_dir *d, bool fresh, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct state s;
	int r = state_read(d, &a, &s, e);
	bool stale = r == -ENOENT || (r == 0 && s.phase == PHASE_CREATING);

	arena_free(&a);
	if (r == -ENOENT && fresh)
		return 0;
	if (stale)
		return STATE_STALE;
	if (r == -EBADMSG) {
		err_at(e, "container with given ID already exists, and its record is damaged");
		return err_hint(e, "berth delete --force %s", d->id);
	}
	return r < 0 ? r : err_text(e, EEXIST, "container with given ID already exists");
}

static int open_and_lock(struct state_dir *d, struct err *e)
{
	int r = open_dir(d);

	if (r < 0)
		return err_set(e, -r, "open state directory of container '%s'", d->id);
	r = lock_wait(d->dir_fd);
	return r < 0 ? lock_error(d, r, e) : 0;
}

/* What we made and nobody else has taken over is empty: rmdir refuses anything else. */
static void give_up(struct state_dir *d, bool fresh)
{
	if (fresh)
		(void)unlinkat(d->root_fd, d->id, AT_REMOVEDIR);
	state_close(d);
}

int state_claim(struct state_dir *d, int root_fd, const char *id, struct err *e)
{
	*d = (struct state_dir){ .root_fd = root_fd, .dir_fd = -1, .id = id };
	for (int i = 0; i < CLAIM_TRIES; i++) {
		bool fresh = mkdirat(root_fd, id, 0700) == 0;

		if (!fresh && errno != EEXIST)
			return err_set(e, errno, "make state directory of container '%s'", id);

		int r = open_and_lock(d, e);

		if (r == -ENOENT)
			continue;
		if (r < 0) {
			give_up(d, fresh && r != -EBUSY);
			return r;
		}
		/*
		 * Another create may have taken our new directory for a dead one's and removed it.
		 */
		if (!still_there(d)) {
			state_close(d);
			continue;
		}
		r = examine(d, fresh, e);
		if (r < 0)
			give_up(d, fresh && r != -EEXIST && r != -EBADMSG);
		return r;
	}
	return err_text(e, EBUSY,
			"container '%s' is being created and deleted by others all the time", id);
}

int state_open(struct state_dir *d, int root_fd, const char *id, bool lock, struct err *e)
{
	int r = state_check_id(id, e);

	*d = (struct state_dir){ .root_fd = root_fd, .dir_fd = -1, .id = id };
	if (r < 0)
		return r;
	r = open_dir(d);
	if (r == -ENOENT)
		return err_text(e, ENOENT, "container does not exist");
	if (r < 0)
		return err_set(e, -r, "open state directory of container '%s'", id);
	if (!lock)
		return 0;
	r = lock_wait(d->dir_fd);
	if (r < 0)
		return lock_error(d, r, e);
	if (!still_there(d)) {
		state_close(d);
		return err_text(e, ENOENT, "container does not exist");
	}
	return 0;
}

bool state_try_lock(const struct state_dir *d)
{
	return flock(d->dir_fd, LOCK_EX | LOCK_NB) == 0 && still_there(d);
}

bool state_locked(const struct state_dir *d)
{
	/* an open of our own: a lock belongs to the open file, and d may hold it */
	own_fd fd = openat(d->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int state_put_file(const struct state_dir *d, const char *name, const void *data, size_t len,
		   struct err *e)
{
	char temp[64];
	int r;

	/*
	 * No fsync: the directory is on a tmpfs as a rule, and where it is not, a record of an
	 * earlier boot is stale anyway.
	 */
	snprintf(temp, sizeof(temp), ".%s.new", name);

	own_fd fd = openat(d->dir_fd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			   0600);

	if (fd < 0)
		return err_set(e, errno, "write %s of container '%s'", name, d->id);
	r = fd_write_all(fd, data, len);
	if (r == 0 && renameat(d->dir_fd, temp, d->dir_fd, name) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	(void)unlinkat(d->dir_fd, temp, 0);
	return err_set(e, -r, "write %s of container '%s'", name, d->id);
}

int state_get_file(const struct state_dir *d, const char *name, struct buf *b, struct err *e)
{
	own_fd fd = openat(d->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int r = fd < 0 ? -errno : fd_read_all(fd, MAX_FILE, b);

	return r < 0 ? err_set(e, -r, "read %s of container '%s'", name, d->id) : 0;
}

static int clear(int dir_fd)
{
	int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *d;
	int r = 0;

	if (!dir) {
		r = -errno;
		fd_drop(&copy);
		return r;
	}
	while ((d = readdir(dir)) && r == 0) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (unlinkat(dir_fd, d->d_name, 0) < 0 && errno != ENOENT)
			r = -errno;
	}
	closedir(dir);
	return r;
}

int state_clear(const struct state_dir *d, struct err *e)
{
	int r = clear(d->dir_fd);

	return r < 0 ? err_set(e, -r, "empty state directory of container '%s'", d->id) : 0;
}

int state_remove(struct state_dir *d, struct err *e)
{
	int r = clear(d->dir_fd);

	if (r == 0 && unlinkat(d->root_fd, d->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		r = -errno;
	state_close(d);
	return r < 0 ? err_set(e, -r, "remove state directory of container '%s'", d->id) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int state_list(int root_fd, struct arena *a, struct strv *ids, struct err *e)
{
	int copy = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct err ignored;

	if (!dir) {
		fd_drop(&copy);
		return err_set(e, errno, "read the state directory");
	}
	for (struct dirent *d = readdir(dir); d; d = readdir(dir))
		if (d->d_type == DT_DIR && state_check_id(d->d_name, &ignored) == 0)
			strv_add(ids, a, arena_strdup(a, d->d_name));
	closedir(dir);
	if (ids->n)
		qsort(ids->v, ids->n, sizeof(*ids->v), by_name);
	return 0;
}
