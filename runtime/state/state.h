/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about a container on disk: ROOT/ID/state.json (ours, small),
 * ROOT/ID/config.json (the whole OCI config as it was at create) and, while the container is
 * only created, ROOT/ID/start.sock (see runtime/start/gate.h).
 *
 * Theory of operation. The directory is made with mkdir (EEXIST: the ID is taken) and locked
 * with flock, which the kernel releases even on SIGKILL. The first record is written before
 * the first side effect ("creating", with the cgroup directories that are about to be made); the
 * second, when init stands, adds pid and start time. Both are written to a temporary name and
 * renamed. So a record in phase creating whose lock is free belongs to a create that died: the
 * next create or `delete --force` of that ID cleans up by it. Readers (state, list, ps, exec, kill)
 * take no lock: a rename shows them one record or the other.
 *
 * A process is named by pid, start time and boot id, never by pid alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroups/cgroups.h"
#include "runtime/base/attr.h"
#include "specs/spec.h"

struct arena;
struct buf;
struct err;

enum state_phase { PHASE_CREATING, PHASE_CREATED };

enum status {
	STATUS_CREATING,
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
	STATUS_COUNT
};
extern const char *const status_names[STATUS_COUNT];

struct state {
	enum state_phase phase;
	const char *id, *bundle, *rootfs; /* absolute paths */
	const char *created;              /* RFC 3339 with nanoseconds */
	const char *boot_id;
	uid_t owner;
	pid_t pid;           /* 0 until init stands */
	uint64_t start_time; /* field 22 of /proc/PID/stat, clock ticks */
	bool private_pidns;  /* init is pid 1 of its own pid namespace */
	bool transient;      /* a one-off run: whoever finds it stopped may delete it */
	bool has_poststart, has_poststop, has_listener; /* worth opening config.json for */
	struct kvs annotations;
	struct cg_record cgroup;
};

/* An open container directory; the lock lives with dir_fd. */
struct state_dir {
	int root_fd; /* borrowed */
	int dir_fd;
	const char *id; /* borrowed */
};
#define STATE_DIR_INIT                                                                             \
	{                                                                                          \
		.root_fd = -1, .dir_fd = -1                                                        \
	}
void state_close(struct state_dir *d);

/* [A-Za-z0-9_+.-], not starting with '.' alone or "..", at most 255 bytes, as runc. */
_must_check_ int state_check_id(const char *id, struct err *e);

/*
 * Open ROOT; make says to create it (0700, parents too). It must be a directory that we own and
 * that nobody else may write. -ENOENT when it is missing and make is false. fd or negative.
 */
_must_check_ int state_root(const char *path, bool make, struct err *e);

/*
 * For create: claim the ID and lock it. 0: a new, empty directory. STATE_STALE: there was a create
 * that died: read the record, clean up, call state_clear. Else "container with given ID already
 * exists".
 */
enum { STATE_STALE = 1 };
_must_check_ int state_claim(struct state_dir *d, int root_fd, const char *id, struct err *e);

/* Open an existing one: "container does not exist". lock: exclusively, waiting at most 10 s. */
_must_check_ int state_open(struct state_dir *d, int root_fd, const char *id, bool lock,
			    struct err *e);

/* Lock it if nobody holds it and it is still there. */
bool state_try_lock(const struct state_dir *d);

/* Is somebody holding the lock? (A create under way, for instance.) */
bool state_locked(const struct state_dir *d);

_must_check_ int state_write(const struct state_dir *d, const struct state *s, struct err *e);

/* -ENOENT: there is no record (a create that died very early). -EBADMSG: it is damaged. */
_must_check_ int state_read(const struct state_dir *d, struct arena *a, struct state *s,
			    struct err *e);

/* Files beside the record ("config.json"): whole, by temporary name and rename; read at most 32
 * MiB. */
_must_check_ int state_put_file(const struct state_dir *d, const char *name, const void *data,
				size_t len, struct err *e);
_must_check_ int state_get_file(const struct state_dir *d, const char *name, struct buf *b,
				struct err *e);

/* Empty the directory; the lock stays. */
_must_check_ int state_clear(const struct state_dir *d, struct err *e);

/* Empty and remove the directory; the ID is free after this. */
_must_check_ int state_remove(struct state_dir *d, struct err *e);

/* IDs below root, sorted; what is no container directory is skipped. */
_must_check_ int state_list(int root_fd, struct arena *a, struct strv *ids, struct err *e);

/* ---- the truth, from the kernel ---- */

/* Field 22 of /proc/PID/stat; 0 when there is no such process or it is a zombie. */
uint64_t state_start_time(pid_t pid);

/* This boot's id, in the arena; NULL when it cannot be read. */
const char *state_boot_id(struct arena *a);

/* A pidfd of init, verified by its start time; -ESRCH when it is gone. */
_must_check_ int state_pidfd(const struct state *s);

enum status state_status(const struct state_dir *d, const struct state *s);

/* The state document of the specification; rich adds rootfs, created, owner. */
void state_json(const struct state *s, enum status status, pid_t pid, bool rich, bool pretty,
		struct buf *b);

/* A moment after 1970 as RFC 3339 with nanoseconds, in UTC; the arena holds the text. */
struct timespec;
const char *state_time(const struct timespec *t, struct arena *a);
const char *state_now(struct arena *a);
